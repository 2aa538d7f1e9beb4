// Any bytes as a stream of Gemini's: whatever the reads they come in, what is passed on is the same; unedited
// it is what came, and as an array it is JSON. The same bytes as a whole reply: refused, or passed on.
#include "check.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/embeddings_translation.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

namespace dialect = gatehouse::dialect;
using gatehouse::chat::Endpoint;

struct Seen {
    std::string kinds;
    std::string bytes;
    std::string finish;
    bool failed{false};
    bool refused{false};  // by the splitter, and so failed
    bool complete{false};
    gatehouse::TokenCount prompt;

    friend bool operator==(const Seen&, const Seen&) = default;
    /// The same to the client, as far as it may depend on the stream alone.
    bool agrees_with(const Seen& other) const {
        return refused || other.refused ? failed && other.failed : *this == other;
    }
};

Seen follow(std::string_view stream, std::size_t piece, const dialect::RelayOptions& options) {
    Seen seen;
    gatehouse::wire::SseSplitter splitter;
    const auto decoder = dialect::gemini().stream_decoder(Endpoint::generate_content, options);
    const auto take = [&](const gatehouse::Result<gatehouse::chat::Delta>& delta) {
        seen.failed = !delta;
        if (delta) {
            seen.kinds += static_cast<char>('0' + static_cast<int>(delta->kind));
            seen.bytes += delta->bytes;
        }
    };
    while (!stream.empty() && !seen.failed) {
        const std::size_t size = std::min(piece, stream.size());
        decoder->next_run();
        const bool fed = static_cast<bool>(splitter.feed(stream.substr(0, size)));
        stream.remove_prefix(size);
        while (!seen.failed) {
            const auto event = splitter.next();
            if (!event) {
                break;
            }
            take(decoder->feed(*event));
        }
        seen.refused = !fed;
        seen.failed = seen.failed || !fed;
    }
    if (!seen.failed) {
        take(decoder->close());
    }
    seen.complete = decoder->complete();
    seen.finish = decoder->finish_reason();
    seen.prompt = decoder->usage().prompt();
    check(!(seen.failed && seen.complete));
    return seen;
}

void check_whole(std::string_view body) {
    for (const auto endpoint : {Endpoint::generate_content, Endpoint::count_content_tokens,
                                Endpoint::embed_content, Endpoint::batch_embed_contents}) {
        std::string edited;
        dialect::RelayOptions options;
        const auto plain = dialect::gemini().decode_reply(endpoint, body, options, edited);
        options.rename = "asked";
        const auto renamed = dialect::gemini().decode_reply(endpoint, body, options, edited);
        check(static_cast<bool>(plain) == static_cast<bool>(renamed));
        check(!plain || (plain->bytes == body && is_json(renamed->bytes)));
    }
    dialect::Embeddings embeddings;
    if (dialect::read_gemini_vectors(body, 1, embeddings)) {
        dialect::Embeddings again;
        const auto compact = dialect::write_openai_vectors(embeddings, "m", false);
        check(static_cast<bool>(dialect::read_openai_vectors(compact, 1, again)));
        check(again.vectors == embeddings.vectors);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) {
        return 0;
    }
    dialect::RelayOptions options;
    options.rename = (data[0] & 1U) != 0 ? "asked" : "";
    options.json_array = (data[0] & 2U) != 0;
    const std::size_t piece = 1 + data[1] % 61U;
    const auto stream = as_text(data + 2, size - 2);
    auto whole = follow(stream, stream.size(), options);
    for (const auto each : {piece, std::size_t{1}}) {
        auto cut = follow(stream, each, options);
        cut.bytes = without_line_ends(cut.bytes);
        auto same = whole;
        same.bytes = without_line_ends(same.bytes);
        check(cut.agrees_with(same));
    }
    if (options.json_array && whole.complete) {
        check(whole.bytes.starts_with('[') && is_json(whole.bytes));
    }
    check_whole(stream);
    return 0;
}

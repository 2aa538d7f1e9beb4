// Any bytes as a stream of Anthropic's to a client of Anthropic's words, and as a whole reply: whatever the
// reads they come in, the deltas, the bytes shown and the end are the same, and bytes that are shown are
// those that came but for the model and the names of events.
#include "check.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

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

Seen follow(std::string_view stream, std::size_t piece, const gatehouse::dialect::RelayOptions& options) {
    Seen seen;
    gatehouse::wire::SseSplitter splitter;
    const auto decoder =
        gatehouse::dialect::anthropic().stream_decoder(gatehouse::chat::Endpoint::messages, options);
    while (!stream.empty() && !seen.failed) {
        const std::size_t take = std::min(piece, stream.size());
        decoder->next_run();
        const bool fed = static_cast<bool>(splitter.feed(stream.substr(0, take)));
        stream.remove_prefix(take);
        while (const auto event = splitter.next()) {
            const auto delta = decoder->feed(*event);
            seen.failed = !delta;
            if (!delta) {
                break;
            }
            check(!options.rename.empty() || event->name.empty() || delta->bytes.empty() ||
                  delta->bytes == event->raw);
            seen.kinds += static_cast<char>('0' + static_cast<int>(delta->kind));
            seen.bytes += delta->bytes;
        }
        seen.refused = !fed;
        seen.failed = seen.failed || !fed;
    }
    if (!seen.failed) {
        const auto last = decoder->close();
        check(static_cast<bool>(last));
        seen.bytes += last->bytes;
    }
    seen.complete = decoder->complete();
    seen.finish = decoder->finish_reason();
    check(seen.complete == (seen.complete && !seen.finish.empty()));
    seen.prompt = decoder->usage().prompt();
    seen.bytes = without_line_ends(seen.bytes);
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const gatehouse::dialect::RelayOptions options{true, (data[0] & 1U) != 0 ? "asked" : ""};
    const std::size_t piece = 1 + data[1] % 61U;
    const auto text = as_text(data + 2, size - 2);
    const auto whole = follow(text, text.size(), options);
    check(follow(text, piece, options).agrees_with(whole));
    check(follow(text, 1, options).agrees_with(whole));

    const auto endpoint = (data[0] & 2U) != 0 ? gatehouse::chat::Endpoint::count_message_tokens
                                              : gatehouse::chat::Endpoint::messages;
    std::string edited;
    const auto reply = gatehouse::dialect::anthropic().decode_reply(endpoint, text, options, edited);
    check(!reply || !options.rename.empty() || reply->bytes == text);
    return 0;
}

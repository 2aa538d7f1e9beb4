// Any bytes as a stream: whatever the reads they come in, the deltas, the bytes shown and the end are the
// same, and where one breaks off there is always a last event to be said.
#include "check.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/response_so_far.hpp"

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

/// Of what was shown of a stream.
void check_last_words(std::string_view shown) {
    gatehouse::dialect::ResponseSoFar so_far;
    gatehouse::wire::SseSplitter splitter;
    if (!splitter.feed(shown)) {
        return;  // a line that nobody reads is no UTF-8
    }
    while (const auto event = splitter.next()) {
        so_far.see(event->data);
    }
    gatehouse::dialect::ErrorView error;
    error.message = "cut";
    const auto words = so_far.last_words(error);
    gatehouse::wire::SseSplitter again;
    check(static_cast<bool>(again.feed(words)));
    const auto last = again.next();
    check(last && (last->name == "error" || last->name == "response.failed"));
    check(is_json(last->data));
}

Seen follow(gatehouse::chat::Endpoint endpoint, std::string_view stream, std::size_t piece,
            const gatehouse::dialect::RelayOptions& options) {
    Seen seen;
    gatehouse::wire::SseSplitter splitter;
    const auto decoder = gatehouse::dialect::openai().stream_decoder(endpoint, options);
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
            seen.kinds += static_cast<char>('0' + static_cast<int>(delta->kind));
            seen.bytes += delta->bytes;
        }
        seen.refused = !fed;
        seen.failed = seen.failed || !fed;
    }
    seen.complete = decoder->complete();
    seen.finish = decoder->finish_reason();
    seen.prompt = decoder->usage().prompt();
    if (endpoint == gatehouse::chat::Endpoint::responses) {
        check_last_words(seen.bytes);
    }
    seen.bytes = without_line_ends(seen.bytes);
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) {
        return 0;
    }
    const auto endpoint = static_cast<gatehouse::chat::Endpoint>(data[0] % 9U);
    const gatehouse::dialect::RelayOptions options{(data[1] & 1U) != 0, (data[1] & 2U) != 0 ? "asked" : ""};
    const std::size_t piece = 1 + data[2] % 61U;
    const std::string_view stream(reinterpret_cast<const char*>(data + 3), size - 3);
    const auto whole = follow(endpoint, stream, stream.size(), options);
    check(follow(endpoint, stream, piece, options).agrees_with(whole));
    check(follow(endpoint, stream, 1, options).agrees_with(whole));
    return 0;
}

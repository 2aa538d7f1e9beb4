// Any bytes as a reply of Anthropic, whole and as a stream: whatever the reads it comes in, what it says is
// the same, calls are numbered without gaps, and nothing follows the finish.
#include "check.hpp"
#include "dialect/translation_parts.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using gatehouse::chat::EventKind;

struct Heard {
    std::string said;
    std::uint32_t calls{0};
    bool started{false};
    bool finished{false};
    bool failed{false};
    bool refused{false};  // by the splitter, and so failed
    bool complete{false};
    gatehouse::TokenCount prompt;

    friend bool operator==(const Heard&, const Heard&) = default;
    bool agrees_with(const Heard& other) const {
        return refused || other.refused ? failed && other.failed : *this == other;
    }
};

template <class Events>
void hear(Heard& heard, const Events& events) {
    heard.failed = !events;
    if (heard.failed) {
        return;
    }
    for (const auto& event : *events) {
        check(heard.started == (event.kind != EventKind::start));
        check(!heard.finished);
        heard.started = true;
        heard.finished = event.kind == EventKind::finish;
        if (event.kind == EventKind::tool_start) {
            check(event.tool == heard.calls++ && !event.id.empty());
        } else {
            check(event.tool == 0 || event.tool < heard.calls);
        }
        heard.said += static_cast<char>('0' + static_cast<int>(event.kind));
        heard.said += std::to_string(event.tool);
        heard.said += event.text;
        heard.said += event.id;
        heard.said += event.name;
    }
}

Heard follow(std::string_view stream, std::size_t piece, const gatehouse::dialect::ReplyMap& map) {
    Heard heard;
    gatehouse::wire::SseSplitter splitter;
    const auto reader = gatehouse::dialect::anthropic_reader(map);
    while (!stream.empty() && !heard.failed) {
        const std::size_t take = std::min(piece, stream.size());
        const bool fed = static_cast<bool>(splitter.feed(stream.substr(0, take)));
        stream.remove_prefix(take);
        while (const auto event = splitter.next()) {
            hear(heard, reader->feed(*event));
            if (heard.failed) {
                break;
            }
        }
        heard.refused = !fed;
        heard.failed = heard.failed || !fed;
    }
    if (!heard.failed) {
        hear(heard, reader->close());
    }
    heard.complete = reader->complete();
    check(heard.failed || heard.complete == heard.finished);
    heard.prompt = reader->usage().prompt();
    return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    gatehouse::dialect::ReplyMap map;
    map.json_tool = (data[0] & 1U) != 0 ? "json" : "";
    map.json_waits = (data[0] & 2U) != 0;
    if ((data[0] & 4U) != 0) {
        map.names = {{"f", "shell"}};
        map.custom_tools = {"shell"};
    }
    const std::size_t piece = 1 + data[1] % 61U;
    const auto text = as_text(data + 2, size - 2);
    const auto whole = follow(text, text.size(), map);
    check(follow(text, piece, map).agrees_with(whole));
    check(follow(text, 1, map).agrees_with(whole));

    Heard body;
    const auto reader = gatehouse::dialect::anthropic_reader(map);
    hear(body, reader->whole(text));
    check(body.failed || body.finished);
    return 0;
}

// What a reader of provider replies says, written down to be compared, and what is promised of its order.
#pragma once

#include "check.hpp"
#include "dialect/translation_parts.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

struct HeardReply {
    std::string said;
    std::map<std::uint32_t, std::uint32_t> calls;  // of each choice
    std::map<std::uint32_t, bool> finished;
    bool started{false};
    bool failed{false};
    bool refused{false};  // by the splitter, and so failed
    bool complete{false};
    gatehouse::TokenCount prompt;

    friend bool operator==(const HeardReply&, const HeardReply&) = default;
    bool agrees_with(const HeardReply& other) const {
        return refused || other.refused ? failed && other.failed : *this == other;
    }
};

template <class Events>
void hear_reply(HeardReply& heard, const Events& events) {
    using gatehouse::chat::EventKind;
    heard.failed = !events;
    if (heard.failed) {
        return;
    }
    for (const auto& event : *events) {
        check(heard.started == (event.kind != EventKind::start));
        check(!heard.finished[event.choice]);
        heard.started = true;
        heard.finished[event.choice] = event.kind == EventKind::finish;
        auto& calls = heard.calls[event.choice];
        if (event.kind == EventKind::tool_start) {
            check(event.tool == calls++ && !event.id.empty());
        } else {
            check(event.tool == 0 || event.tool < calls);
        }
        heard.said += static_cast<char>('0' + static_cast<int>(event.kind));
        heard.said += std::to_string(event.choice) + "," + std::to_string(event.tool);
        heard.said += event.text;
        heard.said += event.id;
        heard.said += event.name;
    }
}

template <class Make>
HeardReply follow_reply(std::string_view stream, std::size_t piece, const Make& make) {
    HeardReply heard;
    gatehouse::wire::SseSplitter splitter;
    const auto reader = make();
    while (!stream.empty() && !heard.failed) {
        const std::size_t take = std::min(piece, stream.size());
        const bool fed = static_cast<bool>(splitter.feed(stream.substr(0, take)));
        stream.remove_prefix(take);
        while (const auto event = splitter.next()) {
            hear_reply(heard, reader->feed(*event));
            if (heard.failed) {
                break;
            }
        }
        heard.refused = !fed;
        heard.failed = heard.failed || !fed;
    }
    if (!heard.failed) {
        hear_reply(heard, reader->close());
    }
    heard.complete = reader->complete();
    heard.prompt = reader->usage().prompt();
    return heard;
}

/// The text as a stream, cut in three ways, and as a whole reply.
template <class Make>
void check_reply(std::string_view text, std::size_t piece, const Make& make) {
    const auto whole = follow_reply(text, text.size(), make);
    check(follow_reply(text, piece, make).agrees_with(whole));
    check(follow_reply(text, 1, make).agrees_with(whole));
    HeardReply body;
    const auto reader = make();
    hear_reply(body, reader->whole(text));
    check(body.failed || body.started);
}

/// What is to be undone, by the bits of one byte.
inline gatehouse::dialect::ReplyMap map_of(std::uint8_t bits) {
    gatehouse::dialect::ReplyMap map;
    map.json_tool = (bits & 1U) != 0 ? "json" : "";
    map.json_waits = (bits & 2U) != 0;
    if ((bits & 4U) != 0) {
        map.names = {{"f", "shell"}};
        map.custom_tools = {"shell"};
    }
    return map;
}

// What a reply's events say, put together: the same for a whole body, its stream, and the stream in pieces.
//
// For tests of readers. Room: tests.
#pragma once

#include "dialect/translation_parts.hpp"

#include "gatehouse/wire/sse.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

struct ToldCall {
    std::string id;
    std::string name;
    std::string arguments;
    std::string signature;
    bool custom{false};
    bool ended{false};
    friend bool operator==(const ToldCall&, const ToldCall&) = default;
};

struct Told {
    std::string id;
    std::string model;
    std::string text;
    std::string reasoning;
    std::string refusal;
    std::vector<std::string> signatures;
    std::vector<std::string> redacted;
    std::vector<std::string> citations;
    std::string logprobs;
    std::vector<ToldCall> calls;
    std::string finish;
    std::string reason;   // the provider's word
    std::string problem;  // kind of what ended it
    std::string kinds;    // one letter for each event
    bool complete{false};

    friend bool operator==(const Told&, const Told&) = default;
};

/// Adds events to what was told, and checks what is promised of their order.
inline void hear(Told& told, std::span<const chat::Event> events) {
    using chat::EventKind;
    for (const auto& event : events) {
        told.kinds.push_back("stfrgdCaezliF"[static_cast<std::size_t>(event.kind)]);
        EXPECT_EQ(told.kinds.size() == 1, event.kind == EventKind::start) << "start is first, and once";
        EXPECT_TRUE(told.finish.empty()) << "nothing comes after the finish";
        const bool of_tool = event.kind == EventKind::tool_arguments || event.kind == EventKind::tool_end;
        if (of_tool && event.tool >= told.calls.size()) {
            ADD_FAILURE() << "a piece of a call that was not begun";
            return;
        }
        switch (event.kind) {
            case EventKind::start:
                told.id = event.id;
                told.model = event.name;
                break;
            case EventKind::text:
                told.text += event.text;
                break;
            case EventKind::refusal:
                told.refusal += event.text;
                break;
            case EventKind::reasoning:
                told.reasoning += event.text;
                break;
            case EventKind::signature:
                told.signatures.emplace_back(event.text);
                break;
            case EventKind::redacted:
                told.redacted.emplace_back(event.text);
                break;
            case EventKind::tool_start:
                EXPECT_EQ(event.tool, told.calls.size()) << "calls are numbered without gaps";
                EXPECT_FALSE(event.id.empty());
                told.calls.push_back({std::string(event.id),
                                      std::string(event.name),
                                      {},
                                      std::string(event.signature),
                                      event.custom,
                                      false});
                break;
            case EventKind::tool_arguments:
                EXPECT_FALSE(told.calls[event.tool].ended);
                told.calls[event.tool].arguments += event.text;
                break;
            case EventKind::tool_end:
                EXPECT_FALSE(told.calls[event.tool].ended);
                told.calls[event.tool].ended = true;
                break;
            case EventKind::citation:
                told.citations.emplace_back(event.text);
                break;
            case EventKind::logprobs:
                told.logprobs += event.text;
                break;
            case EventKind::image:
                break;
            case EventKind::finish:
                told.finish = chat::name_of(event.finish);
                told.reason = event.text;
                break;
        }
    }
}

/// Feeds `pieces` one after the other, as reads from a provider would come, then the end of the connection.
template <class Pieces>
Told hear_stream(ReplyReader& reader, const Pieces& pieces) {
    Told told;
    wire::SseSplitter splitter;
    const auto take = [&](const Result<std::span<const chat::Event>>& events) {
        if (!events) {
            told.problem = name_of(events.problem().kind());
            return false;
        }
        hear(told, *events);
        return true;
    };
    for (const std::string_view piece : pieces) {
        EXPECT_TRUE(splitter.feed(piece));
        while (const auto event = splitter.next()) {
            if (!take(reader.feed(*event))) {
                return told;
            }
        }
    }
    take(reader.close());
    told.complete = reader.complete();
    return told;
}

}  // namespace gatehouse::dialect

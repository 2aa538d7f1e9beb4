// What tests of the chat dialect's replies are made of: events, and what was written of them.
//
// Room: tests.
#pragma once

#include "dialect/translation_parts.hpp"
#include "json/json_value.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect::test::openai_chat_told {

using chat::DeltaKind;
using chat::Event;
using chat::EventKind;
using chat::Finish;
using test::JsonValue;
using test::parsed;

enum class Usage { shown, hidden };
enum class Reasoning { shown, hidden };

inline std::unique_ptr<ReplyWriter> writer(Usage usage = Usage::hidden,
                                           Reasoning reasoning = Reasoning::hidden,
                                           std::string_view model = "m") {
    ReplyIdentity identity;
    identity.id = "X";
    identity.created = WallTime(std::chrono::milliseconds(1999));
    identity.model = model;
    identity.show_usage = usage == Usage::shown;
    identity.show_reasoning = reasoning == Reasoning::shown;
    return openai_chat_writer(identity);
}

inline Event event(EventKind kind, std::string_view text = {}, std::uint32_t choice = 0) {
    Event made;
    made.kind = kind;
    made.text = text;
    made.choice = choice;
    return made;
}

inline Event call(std::uint32_t tool, std::string_view id, std::string_view name,
                  std::string_view signature = {}) {
    auto made = event(EventKind::tool_start);
    made.tool = tool;
    made.id = id;
    made.name = name;
    made.signature = signature;
    return made;
}

inline Event of_call(EventKind kind, std::uint32_t tool, std::string_view text = {}) {
    auto made = event(kind, text);
    made.tool = tool;
    return made;
}

inline Event finish(Finish how, std::uint32_t choice = 0) {
    auto made = event(EventKind::finish, "raw", choice);
    made.finish = how;
    return made;
}

inline Event image(std::string_view media_type, std::string_view data) {
    auto made = event(EventKind::image, data);
    made.name = media_type;
    return made;
}

inline chat::Usage tokens(std::int64_t input, std::int64_t cached, std::int64_t written, std::int64_t output,
                          std::int64_t reasoning) {
    chat::Usage usage;
    usage.input = TokenCount(input);
    usage.cached_input = TokenCount(cached);
    usage.cache_write = TokenCount(written);
    usage.output = TokenCount(output);
    usage.reasoning = TokenCount(reasoning);
    usage.known = true;
    return usage;
}

/// One run for each element, then the end.
using Runs = std::vector<std::vector<Event>>;

inline std::string stream(ReplyWriter& to, const Runs& runs, const chat::Usage& usage = {}) {
    std::string out;
    for (const auto& run : runs) {
        to.write(run, out);
    }
    to.end(usage, out);
    return out;
}

/// The events with what all of them share written as `…`, one a line.
inline std::string brief(std::string_view written) {
    std::string out;
    wire::SseSplitter splitter;
    EXPECT_TRUE(splitter.feed(written));
    while (const auto one = splitter.next()) {
        constexpr std::string_view head =
            R"({"id":"chatcmpl-X","object":"chat.completion.chunk","created":1,"model":"m",)";
        std::string data(one->data);
        EXPECT_EQ(one->raw, "data: " + data + "\n\n");
        if (data != "[DONE]") {
            EXPECT_TRUE(data.starts_with(head)) << data;
            data.replace(0, head.size(), "…");
            data.pop_back();
        }
        out += data + "\n";
    }
    EXPECT_EQ(splitter.rest(), "");
    return out;
}

inline std::string brief_stream(const Runs& runs, Reasoning reasoning = Reasoning::hidden) {
    return brief(stream(*writer(Usage::hidden, reasoning), runs));
}

inline JsonValue whole(const std::vector<Event>& events, const chat::Usage& usage = {},
                       Reasoning reasoning = Reasoning::hidden) {
    const auto body = writer(Usage::hidden, reasoning)->whole(events, usage);
    auto json = parsed(body);
    EXPECT_TRUE(json.is_object()) << body;
    return json;
}

inline JsonValue message(const std::vector<Event>& events, Reasoning reasoning = Reasoning::hidden) {
    return whole(events, {}, reasoning)["choices"][0]["message"];
}

inline const std::string begun = R"(…"choices":[{"index":0,"delta":{"role":"assistant","content":""},)"
                                 R"("finish_reason":null}])"
                                 "\n";
inline const std::string stopped = R"(…"choices":[{"index":0,"delta":{},"finish_reason":"stop"}])"
                                   "\n"
                                   "[DONE]\n";

inline std::string delta(std::string_view members) {
    return R"(…"choices":[{"index":0,"delta":{)" + std::string(members) + R"(},"finish_reason":null}])" +
           "\n";
}

}  // namespace gatehouse::dialect::test::openai_chat_told

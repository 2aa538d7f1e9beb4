// Replies for clients of the Responses API, continued: calls, citations and pictures; and that a stream
// amounts to the whole reply, whatever the events.
#include "dialect/translation_parts.hpp"
#include "json/json_value.hpp"
#include "neutral_events.hpp"
#include "response_heard.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::EventKind;
using chat::Finish;
using test::JsonValue;

constexpr std::string_view plain = R"({"model":"m","input":"hi"})";
constexpr std::string_view with_thoughts =
    R"({"model":"m","input":"hi","include":["reasoning.encrypted_content"]})";

std::unique_ptr<ReplyWriter> writer(std::string_view request = plain) {
    ReplyIdentity identity;
    identity.id = "X";
    identity.model = "m";
    identity.request = request;
    identity.show_reasoning = true;
    identity.origin = chat::Vendor::gemini;
    return responses_writer(identity);
}

/// The output of the whole reply; the stream's is the same.
JsonValue output(const Events& events, std::string_view request = plain) {
    const auto whole = JsonValue::parsed(writer(request)->whole(events, {}));
    const ResponseHeard heard(stream(*writer(request), events));
    EXPECT_EQ(heard.response(), whole);
    return whole["output"];
}

std::string types(const Events& events) {
    return ResponseHeard(stream(*writer(), events)).types();
}

/// Items in short: `message x`, `function_call a f {}`.
std::string brief(const JsonValue& items) {
    std::string out;
    for (const auto& item : items.elements()) {
        out += (out.empty() ? "" : "; ") + item["type"].text();
        for (const char* member : {"call_id", "arguments", "input"}) {
            out += item.contains(member) ? " " + item[member].text() : "";
        }
        if (item.contains("content")) {
            out += " " + (item["content"][0].contains("text") ? item["content"][0]["text"].text() : "");
        }
        out += !item.contains("status") || item["status"] == "completed" ? "" : " cut";
    }
    return out;
}

TEST(ResponsesClientCalls, RunSideBySideAndAreToldOneAfterTheOther) {
    const Events events{text("t"),
                        call(0, "a"),
                        call(1, "b"),
                        arguments(1, "[1"),
                        arguments(0, "[0"),
                        call(2, "c"),
                        text("x"),
                        text("y"),
                        arguments(1, "]"),
                        arguments(0, "]"),
                        end(0),
                        arguments(2, "2"),
                        end(2),
                        end(1),
                        finish(Finish::tool_calls)};
    EXPECT_EQ(brief(output(events)),
              "message t; function_call a [0]; function_call b [1]; function_call c 2; message xy");
    EXPECT_EQ(types({call(0, "a"), arguments(0, "{\"x\""), arguments(0, ":1}"), end(0)}),
              "output_item.added function_call_arguments.delta function_call_arguments.delta "
              "function_call_arguments.done output_item.done");
}

TEST(ResponsesClientCalls, HaveArgumentsThatCanBeParsed) {
    EXPECT_EQ(brief(output({call(0, "a"), end(0), call(1, "b"), arguments(1, ""), end(1)})),
              "function_call a {}; function_call b {}");
    EXPECT_EQ(brief(output({call(0, "a"), finish(Finish::stop)})), "function_call a {}");
    EXPECT_EQ(brief(output({call(0, "a"), arguments(0, "{\"x"), finish(Finish::length)})),
              "function_call a {\"x cut");
    EXPECT_EQ(brief(output({call(0, "a"), finish(Finish::length)})), "function_call a  cut");
}

TEST(ResponsesClientCalls, OfCustomToolsHaveAnInput) {
    auto custom = call(0, "a");
    custom.custom = true;
    const Events events{custom, arguments(0, "ls "), arguments(0, "{"), end(0)};
    EXPECT_EQ(output(events)[0].dump(),
              R"({"id":"ctc_X_0","type":"custom_tool_call","status":"completed","call_id":"a","name":"f",)"
              R"("input":"ls {"})");
    EXPECT_EQ(types(events),
              "output_item.added custom_tool_call_input.delta custom_tool_call_input.delta "
              "custom_tool_call_input.done output_item.done");
    EXPECT_EQ(brief(output({custom, end(0)})), "custom_tool_call a ") << "no input is an input";
}

TEST(ResponsesClientCitations, AreFlatAndCountFromTheirOwnItem) {
    const std::string first =
        "{\"type\":\"url_citation\",\n\"url_citation\":{\"start_index\":1, \"end_index\":3,\n"
        "\"url\":\"https://x\",\"title\":\"a  b\"}}";
    const std::string second =
        R"({"type":"url_citation","url_citation":{"url":"u","end_index":7,"start_index":4}})";
    const Events events{text("h\u00e9llo"), event(EventKind::citation, first), thought("t"), text("abc"),
                        event(EventKind::citation, second)};
    const auto items = output(events);
    EXPECT_EQ(items[0]["content"][0]["annotations"].dump(),
              R"([{"type":"url_citation","start_index":1,"end_index":3,"url":"https://x","title":"a  b"}])");
    EXPECT_EQ(items[2]["content"][0]["annotations"].dump(),
              R"([{"type":"url_citation","url":"u","end_index":2,"start_index":0}])");
    EXPECT_EQ(types({text("x"), event(EventKind::citation, second)}),
              "output_item.added content_part.added output_text.delta output_text.annotation.added "
              "output_text.done content_part.done output_item.done");
}

TEST(ResponsesClientCitations, ComeBeforeTheSignatureOfTheirText) {
    const auto citation = event(EventKind::citation, R"({"url_citation":{"url":"u"}})");
    const auto items = output({text("x"), sign("s"), citation, finish(Finish::length)}, with_thoughts);
    EXPECT_EQ(items[0]["content"][0]["annotations"].size(), 1U);
    EXPECT_EQ(items[0]["status"], "incomplete");
    EXPECT_EQ(items[1]["encrypted_content"], "gh1.gemini.cw==");
    EXPECT_EQ(brief(output({text("x"), sign("s"), text("y"), citation}, with_thoughts)),
              "message x; reasoning; message y");
}

TEST(ResponsesClientCitations, WithoutAnAddressOrATextAreLeftOut) {
    EXPECT_EQ(output({text("x"), event(EventKind::citation,
                                       R"({"type":"file_citation"})")})[0]["content"][0]["annotations"],
              JsonValue::parsed("[]"));
    EXPECT_EQ(output({event(EventKind::citation, R"({"url_citation":{"url":"u"}})")}),
              JsonValue::parsed("[]"));
}

TEST(ResponsesClientPictures, AreItems) {
    auto picture = event(EventKind::image, "QQ==");
    picture.name = "image/png";
    const Events events{text("look"), picture, text("there")};
    const auto items = output(events);
    EXPECT_EQ(brief(items), "message look; image_generation_call; message there");
    EXPECT_EQ(items[1].dump(), R"({"id":"ig_X_1","type":"image_generation_call","status":"completed",)"
                               R"("result":"QQ==","output_format":"png"})");
    EXPECT_EQ(types({picture}), "output_item.added image_generation_call.completed output_item.done");
    std::string out;
    EXPECT_EQ(writer()->write(std::span(&picture, 1), out), chat::DeltaKind::content);
    const auto again = read_responses(R"({"input":[)" + items[1].dump() + "]}");
    ASSERT_TRUE(again);
    EXPECT_EQ(std::get<chat::Media>(again->messages.at(0).parts.at(0).what).data, "QQ==");
}

TEST(ResponsesClientReply, HoldsTheFirstChoiceAlone) {
    auto other = text("other");
    other.choice = 1;
    EXPECT_EQ(brief(output({text("x"), other})), "message x");
}

/// Events as a reader may give them: calls are begun, gone on with and ended in any order.
Events any_events(std::mt19937& chance) {
    constexpr std::string_view citation =
        R"({"type":"url_citation","url_citation":{"start_index":0,"url":"u"}})";
    Events events{event(EventKind::start)};
    std::vector<std::uint32_t> open;
    std::uint32_t calls = 0;
    const auto up_to = [&](std::size_t most) { return chance() % (most + 1); };
    for (auto left = up_to(14); left > 0; --left) {
        const auto choice = up_to(9);
        const auto at = open.empty() ? 0 : up_to(open.size() - 1);
        if (choice == 0) {
            events.push_back(call(calls, "id", up_to(1) == 0 ? "s" : ""));
            events.back().custom = up_to(3) == 0;
            open.push_back(calls++);
        } else if (choice < 4 && !open.empty()) {
            events.push_back(arguments(open[at], up_to(3) == 0 ? "" : "{\"a\":\u00e9}"));
        } else if (choice == 4 && !open.empty()) {
            events.push_back(end(open[at]));
            open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
        } else {
            constexpr std::array kinds{EventKind::text,      EventKind::reasoning, EventKind::refusal,
                                       EventKind::signature, EventKind::redacted,  EventKind::citation,
                                       EventKind::image};
            const auto kind = kinds.at(up_to(kinds.size() - 1));
            events.push_back(event(kind, kind == EventKind::citation ? citation : "x"));
            events.back().name = "image/png";
        }
    }
    if (up_to(3) != 0) {
        events.push_back(finish(static_cast<Finish>(up_to(3))));
    }
    return events;
}

TEST(ResponsesClientReply, AStreamAmountsToTheWholeReplyWhateverTheEvents) {
    std::mt19937 chance(2026);
    for (int i = 0; i < 100 && !testing::Test::HasFailure(); ++i) {
        SCOPED_TRACE(i);
        const auto events = any_events(chance);
        const auto request = i % 2 == 0 ? plain : with_thoughts;
        const auto items = output(events, request);
        std::string together;
        const auto at_once = writer(request);
        at_once->write(events, together);
        at_once->end({}, together);
        EXPECT_EQ(ResponseHeard(together).response()["output"], items) << "in one run";
    }
}

}  // namespace
}  // namespace gatehouse::dialect

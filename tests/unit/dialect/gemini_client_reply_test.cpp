// Neutral replies as Gemini's clients get them, whole and as a stream in either framing.
#include "dialect/gemini_client_request.hpp"
#include "dialect/translation_parts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::DeltaKind;
using chat::Event;
using chat::EventKind;
using chat::Finish;

Event words(EventKind kind, std::string_view text, std::uint32_t choice = 0) {
    Event event;
    event.kind = kind;
    event.text = text;
    event.choice = choice;
    return event;
}
Event start() {
    return words(EventKind::start, "");
}
Event text(std::string_view text, std::uint32_t choice = 0) {
    return words(EventKind::text, text, choice);
}
Event finish(Finish how, std::uint32_t choice = 0) {
    auto event = words(EventKind::finish, "end_turn", choice);
    event.finish = how;
    return event;
}
Event call(std::uint32_t tool, std::string_view id, std::string_view name, std::string_view signature = "") {
    auto event = words(EventKind::tool_start, "");
    event.tool = tool;
    event.id = id;
    event.name = name;
    event.signature = signature;
    return event;
}
Event arguments(std::uint32_t tool, std::string_view text) {
    auto event = words(EventKind::tool_arguments, text);
    event.tool = tool;
    return event;
}
Event call_end(std::uint32_t tool) {
    auto event = words(EventKind::tool_end, "");
    event.tool = tool;
    return event;
}

chat::Usage usage() {
    chat::Usage usage;
    usage.known = true;
    usage.input = TokenCount(7);
    usage.cached_input = TokenCount(3);
    usage.output = TokenCount(5);
    usage.reasoning = TokenCount(2);
    return usage;
}

constexpr std::string_view usage_text =
    R"("usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":3,"candidatesTokenCount":5,)"
    R"("thoughtsTokenCount":2,"totalTokenCount":17},)";
constexpr std::string_view names = R"("modelVersion":"alias","responseId":"r1"})";

ReplyIdentity identity(std::optional<chat::Vendor> origin = chat::Vendor::anthropic, bool thoughts = true) {
    ReplyIdentity identity;
    identity.id = "r1";
    identity.model = "alias";
    identity.show_reasoning = thoughts;
    identity.origin = origin;
    return identity;
}

/// The parts of a whole reply that ended with `STOP`.
std::string parts(const std::vector<Event>& events, const ReplyIdentity& who = identity()) {
    const auto whole = gemini_writer(who)->whole(events, {});
    const std::string before = R"({"candidates":[{"content":{"role":"model","parts":[)";
    const std::string after = R"(]},"finishReason":"STOP","index":0}],)" + std::string(names);
    if (!whole.starts_with(before) || !whole.ends_with(after)) {
        return "something else: " + whole;
    }
    return whole.substr(before.size(), whole.size() - before.size() - after.size());
}

std::string stream(const std::vector<Event>& events, const ReplyIdentity& who = identity(),
                   const chat::Usage& used = {}) {
    const auto writer = gemini_writer(who);
    std::string out;
    for (const auto& event : events) {
        writer->write({&event, 1}, out);
    }
    writer->end(used, out);
    std::string together;
    const auto other = gemini_writer(who);
    other->write(events, together);
    other->end(used, together);
    EXPECT_EQ(out, together) << "however the events are handed over";
    return out;
}

std::string chunk(std::string_view part, std::string_view more = "") {
    return R"({"candidates":[{"content":{"role":"model","parts":[)" + std::string(part) + "]}," +
           std::string(more) + R"("index":0}],)" + std::string(names);
}
std::string event(std::string_view part) {
    return "data: " + chunk(part) + "\n\n";
}
const std::string last = "data: " + chunk(R"({"text":""})", R"("finishReason":"STOP",)") + "\n\n";

TEST(GeminiWriter, writes_a_whole_answer_with_finish_and_usage) {
    EXPECT_EQ(
        gemini_writer(identity())
            ->whole(std::vector{start(), text("Hel"), text("lo"), finish(Finish::stop)}, usage()),
        R"({"candidates":[{"content":{"role":"model","parts":[{"text":"Hello"}]},"finishReason":"STOP",)"
        R"("index":0}],)" +
            std::string(usage_text) + std::string(names));
}

TEST(GeminiWriter, writes_each_event_as_a_chunk_with_role_and_parts) {
    EXPECT_EQ(
        stream({start(), text("Hel"), text(""), text("lo\n"), finish(Finish::stop)}, identity(), usage()),
        event(R"({"text":"Hel"})") + event(R"({"text":"lo\n"})") +
            R"(data: {"candidates":[{"content":{"role":"model","parts":[{"text":""}]},)"
            R"("finishReason":"STOP","index":0}],)" +
            std::string(usage_text) + std::string(names) + "\n\n");
}

TEST(GeminiWriter, writes_an_array_for_clients_that_did_not_ask_for_events) {
    auto who = identity();
    who.json_array = true;
    const auto end = chunk(R"({"text":""})", R"("finishReason":"STOP",)");
    EXPECT_EQ(stream({start(), text("a"), text("b"), finish(Finish::stop)}, who),
              "[" + chunk(R"({"text":"a"})") + ",\r\n" + chunk(R"({"text":"b"})") + ",\r\n" + end + "]");
    EXPECT_EQ(stream({start(), finish(Finish::stop)}, who), "[" + end + "]");
}

TEST(GeminiWriter, tells_how_the_answer_ended) {
    const auto reason = [](const std::vector<Event>& events) {
        const auto whole = gemini_writer(identity())->whole(events, {});
        const auto at = whole.find("finishReason\":\"") + 15;
        return whole.substr(at, whole.find('"', at) - at);
    };
    EXPECT_EQ(reason({finish(Finish::stop)}), "STOP");
    EXPECT_EQ(reason({finish(Finish::tool_calls)}), "STOP");
    EXPECT_EQ(reason({finish(Finish::length)}), "MAX_TOKENS");
    EXPECT_EQ(reason({finish(Finish::content_filter)}), "SAFETY");
    EXPECT_EQ(reason({words(EventKind::refusal, "No."), finish(Finish::stop)}), "SAFETY");
}

TEST(GeminiWriter, shows_a_refusal_alone_where_it_can) {
    const std::vector events{start(), text("Well"), words(EventKind::refusal, "No."),
                             finish(Finish::content_filter)};
    EXPECT_EQ(gemini_writer(identity())->whole(events, {}),
              chunk(R"({"text":"No."})", R"("finishReason":"SAFETY",)"));
}

TEST(GeminiWriter, writes_calls_whole_when_they_end) {
    const std::vector events{start(),
                             call(0, "a", "f", "SIG"),
                             arguments(0, R"({"x": )"),
                             arguments(0, R"("y z"})"),
                             call_end(0),
                             call(1, "b", "g"),
                             call_end(1),
                             finish(Finish::tool_calls)};
    const std::string first =
        R"({"functionCall":{"id":"a","name":"f","args":{"x":"y z"}},"thoughtSignature":"SIG"})";
    const std::string second = R"({"functionCall":{"id":"b","name":"g","args":{}}})";
    EXPECT_EQ(stream(events, identity(chat::Vendor::gemini)), event(first) + event(second) + last);
    EXPECT_EQ(parts(events, identity(chat::Vendor::gemini)), first + "," + second);
}

TEST(GeminiWriter, keeps_broken_arguments_unless_the_limit_cut_them) {
    std::vector events{start(), call(0, "a", "f"), arguments(0, R"({"x":)"), call_end(0),
                       finish(Finish::tool_calls)};
    const std::string broken = R"({"functionCall":{"id":"a","name":"f","args":{"_raw":"{\"x\":"}}})";
    EXPECT_EQ(parts(events), broken);
    EXPECT_EQ(stream(events), "data: " + chunk(broken, R"("finishReason":"STOP",)") + "\n\n");
    events.back() = finish(Finish::length);
    EXPECT_EQ(stream(events), "data: " + chunk(R"({"text":""})", R"("finishReason":"MAX_TOKENS",)") + "\n\n");
    events.erase(events.begin() + 3);
    events.back() = finish(Finish::stop);
    EXPECT_EQ(parts(events), broken) << "a call that never ended";
}

TEST(GeminiWriter, shows_thoughts_with_a_signature_that_tells_whose_it_is) {
    const std::vector events{start(),
                             words(EventKind::reasoning, "Hm"),
                             words(EventKind::reasoning, "m."),
                             words(EventKind::signature, "s/+="),
                             words(EventKind::redacted, "data"),
                             text("Hi"),
                             finish(Finish::stop)};
    const auto sign = wrapped_signature(chat::Vendor::anthropic, "s/+=", false);
    const auto redacted = R"({"text":"","thought":true,"thoughtSignature":")" +
                          wrapped_signature(chat::Vendor::anthropic, "data", true) + "\"}";
    EXPECT_EQ(parts(events), R"({"text":"Hmm.","thought":true,"thoughtSignature":")" + sign + R"("},)" +
                                 redacted + R"(,{"text":"Hi"})");
    EXPECT_EQ(stream(events), event(R"({"text":"Hm","thought":true})") +
                                  event(R"({"text":"m.","thought":true})") +
                                  event(R"({"text":"","thought":true,"thoughtSignature":")" + sign + "\"}") +
                                  event(redacted) + event(R"({"text":"Hi"})") + last);
    EXPECT_EQ(parts(events, identity(std::nullopt)), R"({"text":"Hmm.","thought":true},{"text":"Hi"})");
    EXPECT_EQ(parts(events, identity(chat::Vendor::anthropic, false)), R"({"text":"Hi"})");
}

TEST(GeminiWriter, leaves_geminis_own_signatures_where_they_were) {
    const std::vector events{start(), text("Hi"), words(EventKind::signature, "U0lH"), finish(Finish::stop)};
    const auto who = identity(chat::Vendor::gemini);
    EXPECT_EQ(parts(events, who), R"({"text":"Hi","thoughtSignature":"U0lH"})");
    EXPECT_EQ(stream(events, who),
              event(R"({"text":"Hi"})") + event(R"({"text":"","thoughtSignature":"U0lH"})") + last);
}

TEST(GeminiWriter, does_not_break_text_where_nothing_is_shown_between) {
    EXPECT_EQ(parts({start(), text("a"), words(EventKind::signature, "x"), words(EventKind::citation, "{}"),
                     text("b"), finish(Finish::stop)},
                    identity(chat::Vendor::anthropic, false)),
              R"({"text":"ab"})");
}

TEST(GeminiWriter, shows_images_and_the_pages_that_were_cited) {
    auto image = words(EventKind::image, "aGk=");
    image.name = "image/png";
    EXPECT_EQ(parts({start(), image, finish(Finish::stop)}),
              R"({"inlineData":{"mimeType":"image/png","data":"aGk="}})");
    const auto cited =
        words(EventKind::citation,
              R"({"type":"url_citation","url_citation":{"url":"https://a","title":"A","start_index":0}})");
    EXPECT_EQ(
        gemini_writer(identity())
            ->whole(std::vector{start(), text("x"), cited, cited,
                                words(EventKind::citation, R"({"type":"other"})"), finish(Finish::stop)},
                    {}),
        R"({"candidates":[{"content":{"role":"model","parts":[{"text":"x"}]},"finishReason":"STOP",)"
        R"("index":0,"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}}]}}],)" +
            std::string(names));
}

TEST(GeminiWriter, keeps_choices_apart) {
    const std::vector events{start(), text("a", 0), text("b", 2), finish(Finish::stop, 0),
                             finish(Finish::length, 2)};
    EXPECT_EQ(
        gemini_writer(identity())->whole(events, {}),
        R"({"candidates":[{"content":{"role":"model","parts":[{"text":"a"}]},"finishReason":"STOP","index":0},)"
        R"({"content":{"role":"model","parts":[{"text":"b"}]},"finishReason":"MAX_TOKENS","index":2}],)" +
            std::string(names));
}

TEST(GeminiWriter, tells_the_weight_of_what_it_wrote) {
    const auto writer = gemini_writer(identity(chat::Vendor::anthropic, false));
    std::string out;
    const auto kind = [&](const Event& each) { return writer->write({&each, 1}, out); };
    EXPECT_EQ(kind(start()), DeltaKind::opening);
    EXPECT_EQ(kind(words(EventKind::reasoning, "Hm")), DeltaKind::opening);
    EXPECT_EQ(kind(call(0, "a", "f")), DeltaKind::opening);
    EXPECT_EQ(out, "");
    EXPECT_EQ(kind(call_end(0)), DeltaKind::content);
    EXPECT_EQ(kind(text("a")), DeltaKind::content);
    EXPECT_EQ(kind(finish(Finish::stop)), DeltaKind::finish);
}

TEST(GeminiWriter, writes_what_geminis_reader_takes_for_a_complete_answer) {
    const std::vector events{
        start(), text("Hi"), call(0, "a", "f"), arguments(0, "{}"), call_end(0), finish(Finish::tool_calls)};
    const ReplyMap map;
    const auto reader = gemini_reader(map, "call_");
    ASSERT_TRUE(reader->whole(gemini_writer(identity())->whole(events, usage())));
    EXPECT_TRUE(reader->complete());
    EXPECT_EQ(reader->usage().prompt().value(), 10);
    EXPECT_EQ(reader->usage().reasoning.value(), 2);
}

}  // namespace
}  // namespace gatehouse::dialect

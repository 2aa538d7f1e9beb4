#include "dialect/translation_parts.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::DeltaKind;
using chat::Event;
using chat::EventKind;
using chat::Finish;

enum class Usage { shown, hidden };
enum class Reasoning { shown, hidden };

std::unique_ptr<ReplyWriter> writer(Usage usage = Usage::hidden, Reasoning reasoning = Reasoning::hidden,
                                    std::string_view model = "m") {
    ReplyIdentity identity;
    identity.id = "X";
    identity.created = WallTime(std::chrono::milliseconds(1999));
    identity.model = model;
    identity.show_usage = usage == Usage::shown;
    identity.show_reasoning = reasoning == Reasoning::shown;
    return openai_chat_writer(identity);
}

Event event(EventKind kind, std::string_view text = {}, std::uint32_t choice = 0) {
    Event made;
    made.kind = kind;
    made.text = text;
    made.choice = choice;
    return made;
}

Event call(std::uint32_t tool, std::string_view id, std::string_view name, std::string_view signature = {}) {
    auto made = event(EventKind::tool_start);
    made.tool = tool;
    made.id = id;
    made.name = name;
    made.signature = signature;
    return made;
}

Event of_call(EventKind kind, std::uint32_t tool, std::string_view text = {}) {
    auto made = event(kind, text);
    made.tool = tool;
    return made;
}

Event finish(Finish how, std::uint32_t choice = 0) {
    auto made = event(EventKind::finish, "raw", choice);
    made.finish = how;
    return made;
}

Event image(std::string_view media_type, std::string_view data) {
    auto made = event(EventKind::image, data);
    made.name = media_type;
    return made;
}

chat::Usage tokens(std::int64_t input, std::int64_t cached, std::int64_t written, std::int64_t output,
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

std::string stream(ReplyWriter& to, const Runs& runs, const chat::Usage& usage = {}) {
    std::string out;
    for (const auto& run : runs) {
        to.write(run, out);
    }
    to.end(usage, out);
    return out;
}

/// The events with what all of them share written as `…`, one a line.
std::string brief(std::string_view written) {
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

std::string brief_stream(const Runs& runs, Reasoning reasoning = Reasoning::hidden) {
    return brief(stream(*writer(Usage::hidden, reasoning), runs));
}

nlohmann::ordered_json whole(const std::vector<Event>& events, const chat::Usage& usage = {},
                             Reasoning reasoning = Reasoning::hidden) {
    const auto body = writer(Usage::hidden, reasoning)->whole(events, usage);
    auto json = nlohmann::ordered_json::parse(body, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << body;
    return json;
}

nlohmann::ordered_json message(const std::vector<Event>& events, Reasoning reasoning = Reasoning::hidden) {
    return whole(events, {}, reasoning).at("choices").at(0).at("message");
}

const std::string begun = R"(…"choices":[{"index":0,"delta":{"role":"assistant","content":""},)"
                          R"("finish_reason":null}])"
                          "\n";
const std::string stopped = R"(…"choices":[{"index":0,"delta":{},"finish_reason":"stop"}])"
                            "\n"
                            "[DONE]\n";

std::string delta(std::string_view members) {
    return R"(…"choices":[{"index":0,"delta":{)" + std::string(members) + R"(},"finish_reason":null}])" +
           "\n";
}

TEST(OpenaiChatReply, streams_the_example_of_anthropic) {
    const Runs runs{{event(EventKind::start)},
                    {event(EventKind::text, "Hi")},
                    {call(0, "toolu_1", "f")},
                    {of_call(EventKind::tool_arguments, 0, R"({"a":)")},
                    {of_call(EventKind::tool_arguments, 0, "1}")},
                    {of_call(EventKind::tool_end, 0)},
                    {finish(Finish::tool_calls)}};
    EXPECT_EQ(
        brief(stream(*writer(Usage::shown), runs, tokens(25, 0, 0, 30, 0))),
        R"(…"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null
…"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"usage":null
…"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":null}],"usage":null
…"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}]},"finish_reason":null}],"usage":null
…"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]},"finish_reason":null}],"usage":null
…"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":null
…"choices":[],"usage":{"prompt_tokens":25,"completion_tokens":30,"total_tokens":55,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}
[DONE]
)");
}

TEST(OpenaiChatReply, streams_the_example_of_gemini) {
    const Runs runs{{event(EventKind::start), event(EventKind::reasoning, "Let me see")},
                    {call(0, "call_A", "f", "U0lH"), of_call(EventKind::tool_arguments, 0, R"({"a":1})"),
                     of_call(EventKind::tool_end, 0), call(1, "call_B", "f"),
                     of_call(EventKind::tool_arguments, 1, R"({"a":2})"), of_call(EventKind::tool_end, 1)},
                    {finish(Finish::tool_calls)}};
    EXPECT_EQ(
        brief(stream(*writer(), runs)),
        R"(…"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_A","type":"function","function":{"name":"f","arguments":"{\"a\":1}"},"extra_content":{"google":{"thought_signature":"U0lH"}}}]},"finish_reason":null}]
…"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_B","type":"function","function":{"name":"f","arguments":"{\"a\":2}"}}]},"finish_reason":null}]
…"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]
[DONE]
)");
    const auto out = stream(*writer(Usage::shown), runs, tokens(29, 0, 0, 10, 202));
    EXPECT_NE(
        out.find(
            R"("choices":[],"usage":{"prompt_tokens":29,"completion_tokens":212,"total_tokens":241,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":202}}})"),
        std::string::npos)
        << out;
}

TEST(OpenaiChatReply, shows_usage_only_to_who_asked_and_only_what_is_known) {
    const Runs runs{{event(EventKind::text, "a")}, {finish(Finish::stop)}};
    const auto usage = tokens(12, 1024, 300, 50, 30);
    EXPECT_EQ(stream(*writer(), runs, usage).find("usage"), std::string::npos);
    const auto shown = stream(*writer(Usage::shown), runs, usage);
    EXPECT_NE(shown.find(R"("usage":{"prompt_tokens":1336,"completion_tokens":80,"total_tokens":1416,)"
                         R"("prompt_tokens_details":{"cached_tokens":1024,"cache_write_tokens":300},)"
                         R"("completion_tokens_details":{"reasoning_tokens":30}})"),
              std::string::npos)
        << shown;
    const auto unknown = stream(*writer(Usage::shown), runs);
    EXPECT_EQ(unknown.find(R"("usage":{)"), std::string::npos) << unknown;
    EXPECT_TRUE(unknown.ends_with("data: [DONE]\n\n"));
}

TEST(OpenaiChatReply, gives_calls_without_arguments_an_empty_object) {
    const auto apart =
        brief_stream({{call(0, "c", "f")}, {of_call(EventKind::tool_end, 0)}, {finish(Finish::tool_calls)}});
    EXPECT_NE(apart.find(R"("arguments":""}}]})"), std::string::npos) << apart;
    EXPECT_NE(apart.find(delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{}"}}])")),
              std::string::npos)
        << apart;
    const auto full = brief_stream({{call(0, "c", "f"), of_call(EventKind::tool_arguments, 0, "{}"),
                                     of_call(EventKind::tool_end, 0), finish(Finish::tool_calls)}});
    EXPECT_EQ(full.find(R"("function":{"arguments")"), std::string::npos) << "not twice: " << full;
}

TEST(OpenaiChatReply, streams_custom_calls_as_text) {
    auto start = call(0, "c", "shell");
    start.custom = true;
    EXPECT_EQ(brief_stream({{start},
                            {of_call(EventKind::tool_arguments, 0, "ls \"x\"")},
                            {of_call(EventKind::tool_end, 0)},
                            {finish(Finish::stop)}}),
              delta(R"("role":"assistant","content":null,"tool_calls":[{"index":0,"id":"c","type":"custom",)"
                    R"("custom":{"name":"shell","input":""}}])") +
                  delta(R"("tool_calls":[{"index":0,"custom":{"input":"ls \"x\""}}])") +
                  R"(…"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}])" + "\n[DONE]\n");
    EXPECT_EQ(brief_stream({{start, of_call(EventKind::tool_end, 0), finish(Finish::stop)}}).find("{}\""),
              std::string::npos)
        << "free text may be empty";
}

TEST(OpenaiChatReply, tells_the_role_even_of_an_empty_answer) {
    EXPECT_EQ(brief_stream({{event(EventKind::start)}, {finish(Finish::stop)}}), begun + stopped);
    EXPECT_EQ(brief_stream({{event(EventKind::text, "")}, {finish(Finish::stop)}}), begun + stopped);
}

TEST(OpenaiChatReply, settles_the_finish_by_the_calls) {
    struct Case {
        Finish said;
        bool calls;
        std::string_view shown;
    };
    for (const auto& [said, calls, shown] :
         {Case{Finish::stop, false, "stop"}, Case{Finish::stop, true, "tool_calls"},
          Case{Finish::tool_calls, false, "stop"}, Case{Finish::tool_calls, true, "tool_calls"},
          Case{Finish::length, false, "length"}, Case{Finish::length, true, "length"},
          Case{Finish::content_filter, false, "content_filter"},
          Case{Finish::content_filter, true, "content_filter"}}) {
        std::vector<Event> events{event(EventKind::start)};
        if (calls) {
            events.push_back(call(0, "c", "f"));
            events.push_back(of_call(EventKind::tool_end, 0));
        }
        events.push_back(finish(said));
        EXPECT_NE(brief_stream({events}).find("\"finish_reason\":\"" + std::string(shown) + "\""),
                  std::string::npos)
            << shown << calls;
        EXPECT_EQ(whole(events).at("choices").at(0).at("finish_reason"), shown);
    }
}

TEST(OpenaiChatReply, hides_reasoning_from_who_did_not_ask) {
    const Runs runs{{event(EventKind::reasoning, "hm"), event(EventKind::signature, "s"),
                     event(EventKind::redacted, "r")},
                    {event(EventKind::text, "a")},
                    {finish(Finish::stop)}};
    EXPECT_EQ(brief_stream(runs), begun + delta(R"("content":"a")") + stopped);
    std::string out;
    EXPECT_EQ(writer()->write(runs[0], out), DeltaKind::opening);
    EXPECT_EQ(out, "");
    const auto hidden = message({runs[0][0], runs[0][1], runs[0][2], runs[1][0], runs[2][0]});
    EXPECT_FALSE(hidden.contains("reasoning_content") || hidden.contains("thinking_blocks") ||
                 hidden.contains("reasoning_details"));
}

TEST(OpenaiChatReply, carries_signatures_to_who_sees_the_reasoning) {
    const Runs runs{{event(EventKind::reasoning, "o")},
                    {event(EventKind::reasoning, "ne")},
                    {event(EventKind::signature, "s1")},
                    {event(EventKind::redacted, "r")},
                    {event(EventKind::signature, "s2")},
                    {event(EventKind::text, "a")},
                    {finish(Finish::stop)}};
    const auto out = brief_stream(runs, Reasoning::shown);
    EXPECT_EQ(out, begun + delta(R"("reasoning_content":"o")") + delta(R"("reasoning_content":"ne")") +
                       delta(R"("thinking_blocks":[{"type":"thinking","thinking":"one","signature":"s1"}],)"
                             R"("reasoning_details":[{"type":"reasoning.text","text":"one",)"
                             R"("signature":"s1","index":0}])") +
                       delta(R"("thinking_blocks":[{"type":"redacted_thinking","data":"r"}],)"
                             R"("reasoning_details":[{"type":"reasoning.encrypted","data":"r","index":1}])") +
                       delta(R"("thinking_blocks":[{"type":"thinking","thinking":"","signature":"s2"}],)"
                             R"("reasoning_details":[{"type":"reasoning.text","text":"",)"
                             R"("signature":"s2","index":2}])") +
                       delta(R"("content":"a")") + stopped);
}

/// What was written for a client, brought back by it as the history of its next request.
std::vector<chat::Part> brought_back(nlohmann::ordered_json said) {
    const nlohmann::ordered_json request{{"model", "m"}, {"messages", {std::move(said)}}};
    const auto read = read_openai_chat(request.dump());
    if (!read || read->messages.size() != 1) {
        ADD_FAILURE() << (read ? "no message" : read.problem().message());
        return {};
    }
    return read->messages.front().parts;
}

TEST(OpenaiChatReply, gets_thoughts_and_signatures_back_from_a_client_that_keeps_one_form) {
    const std::vector<Event> events{event(EventKind::reasoning, "one"),
                                    event(EventKind::signature, "s1"),
                                    event(EventKind::redacted, "r"),
                                    event(EventKind::text, "a"),
                                    call(0, "c", "f", "s2"),
                                    of_call(EventKind::tool_end, 0),
                                    finish(Finish::tool_calls)};
    for (const char* lost : {"reasoning_details", "thinking_blocks"}) {
        auto said = message(events, Reasoning::shown);
        ASSERT_TRUE(said.contains(lost));
        said.erase(lost);
        const auto parts = brought_back(said);
        ASSERT_EQ(parts.size(), 4U) << lost;
        const auto& thought = std::get<chat::Reasoning>(parts[0].what);
        EXPECT_EQ(thought.text, "one");
        EXPECT_EQ(thought.signature, "s1");
        EXPECT_EQ(std::get<chat::Reasoning>(parts[1].what).redacted, "r");
        EXPECT_EQ(std::get<chat::Text>(parts[2].what).text, "a");
        EXPECT_EQ(std::get<chat::ToolCall>(parts[3].what).signature, "s2");
        EXPECT_EQ(std::get<chat::ToolCall>(parts[3].what).arguments, "{}");
    }
}

/// OpenAI refuses what it did not encrypt: a history says which signatures are its own.
TEST(OpenaiChatReply, GetsOpenaisThoughtsBackAsItsOwn) {
    ReplyIdentity identity;
    identity.id = "X";
    identity.show_reasoning = true;
    identity.origin = chat::Vendor::openai;
    const std::vector<Event> events{event(EventKind::reasoning, "one"), event(EventKind::signature, "gAAA"),
                                    call(0, "c", "f"), of_call(EventKind::tool_end, 0),
                                    finish(Finish::tool_calls)};
    std::string stream;
    openai_chat_writer(identity)->write(events, stream);
    EXPECT_NE(stream.find(R"("signature":"gh1.openai.)"), std::string::npos);
    const auto whole = nlohmann::ordered_json::parse(openai_chat_writer(identity)->whole(events, {}));
    for (const char* lost : {"reasoning_details", "thinking_blocks"}) {
        auto said = whole.at("choices").at(0).at("message");
        said.erase(lost);
        const auto parts = brought_back(said);
        ASSERT_EQ(parts.size(), 2U) << lost;
        const auto& thought = std::get<chat::Reasoning>(parts[0].what);
        EXPECT_EQ(thought.text, "one");
        EXPECT_EQ(thought.signature, "gAAA");
        EXPECT_EQ(thought.origin, chat::Vendor::openai);
    }
    nlohmann::ordered_json broken{{"role", "assistant"}, {"content", "a"}};
    broken["thinking_blocks"] = {{{"type", "thinking"}, {"thinking", "x"}, {"signature", "gh1.future.QQ=="}}};
    EXPECT_EQ(brought_back(broken).size(), 1U) << "nobody can read it";
}

TEST(OpenaiChatReply, streams_refusals_citations_and_images) {
    EXPECT_EQ(brief_stream({{event(EventKind::refusal, "no")}, {finish(Finish::content_filter)}}),
              begun + delta(R"("refusal":"no")") +
                  R"(…"choices":[{"index":0,"delta":{},"finish_reason":"content_filter"}])" + "\n[DONE]\n");
    EXPECT_EQ(
        brief_stream({{event(EventKind::citation, R"({"type":"url_citation"})")},
                      {image("image/png", "QUJD")},
                      {finish(Finish::stop)}}),
        begun + delta(R"("annotations":[{"type":"url_citation"}])") +
            delta(R"("images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}])") +
            stopped);
}

TEST(OpenaiChatReply, KeepsCitationsOfDocumentsApart) {
    auto of_document = event(EventKind::citation, R"({"type":"char_location"})");
    of_document.name = "char_location";
    EXPECT_EQ(brief_stream({{of_document}, {finish(Finish::stop)}}),
              begun + delta(R"("citations":[{"type":"char_location"}])") + stopped);
    const auto whole =
        message({event(EventKind::text, "t"), of_document,
                 event(EventKind::citation, R"({"type":"url_citation"})"), finish(Finish::stop)});
    EXPECT_EQ(whole.at("citations"), nlohmann::ordered_json::parse(R"([{"type":"char_location"}])"));
    EXPECT_EQ(whole.at("annotations"), nlohmann::ordered_json::parse(R"([{"type":"url_citation"}])"));
    EXPECT_FALSE(message({event(EventKind::text, "t"), finish(Finish::stop)}).contains("citations"));
}

TEST(OpenaiChatReply, keeps_choices_apart) {
    const auto out = brief_stream({{event(EventKind::text, "a", 0), event(EventKind::text, "b", 11)},
                                   {event(EventKind::text, "c", 0)},
                                   {finish(Finish::length, 0), finish(Finish::stop, 11)}});
    EXPECT_EQ(out,
              begun + delta(R"("content":"a")") +
                  R"(…"choices":[{"index":11,"delta":{"role":"assistant","content":""},"finish_reason":null}]
…"choices":[{"index":11,"delta":{"content":"b"},"finish_reason":null}]
)" + delta(R"("content":"c")") +
                  R"(…"choices":[{"index":0,"delta":{},"finish_reason":"length"}]
…"choices":[{"index":11,"delta":{},"finish_reason":"stop"}]
[DONE]
)");
    const auto choices =
        whole({event(EventKind::start), event(EventKind::text, "a", 0), event(EventKind::text, "b", 2),
               finish(Finish::length, 0), finish(Finish::stop, 2)})
            .at("choices");
    ASSERT_EQ(choices.size(), 2U) << "a choice of which nothing came is none";
    EXPECT_EQ(choices[0].at("message").at("content"), "a");
    EXPECT_EQ(choices[0].at("finish_reason"), "length");
    EXPECT_EQ(choices[1].at("index"), 2);
    EXPECT_EQ(choices[1].at("message").at("content"), "b");
}

TEST(OpenaiChatReply, says_what_a_run_weighs) {
    struct Case {
        std::vector<Event> run;
        DeltaKind kind;
    };
    for (const auto& [run, kind] : std::vector<Case>{
             {{}, DeltaKind::opening},
             {{event(EventKind::start)}, DeltaKind::opening},
             {{event(EventKind::text, "")}, DeltaKind::opening},
             {{event(EventKind::text, "a")}, DeltaKind::content},
             {{event(EventKind::refusal, "a")}, DeltaKind::content},
             {{event(EventKind::reasoning, "a")}, DeltaKind::opening},
             {{call(0, "c", "f")}, DeltaKind::content},
             {{image("image/png", "QUJD")}, DeltaKind::content},
             {{finish(Finish::stop)}, DeltaKind::finish},
             {{event(EventKind::text, "a"), finish(Finish::stop)}, DeltaKind::content},
         }) {
        std::string out;
        EXPECT_EQ(writer()->write(run, out), kind);
        EXPECT_EQ(out.empty(), kind != DeltaKind::content) << out;
    }
}

TEST(OpenaiChatReply, escapes_everything_that_is_not_its_own) {
    const auto text = std::string("a\"\\\n\x01</script>\xC3\xA4\xFF");
    ReplyIdentity identity;
    identity.id = "i\"d";
    identity.model = "m\"\n";
    const auto to = openai_chat_writer(identity);
    std::string out;
    to->write(std::vector{event(EventKind::text, text), call(0, text, text, text),
                          of_call(EventKind::tool_arguments, 0, text)},
              out);
    wire::SseSplitter splitter;
    ASSERT_TRUE(splitter.feed(out));
    std::size_t count = 0;
    while (const auto one = splitter.next()) {
        ++count;
        const auto json = nlohmann::json::parse(one->data, nullptr, false);
        ASSERT_FALSE(json.is_discarded()) << one->data;
        EXPECT_EQ(json.at("id"), "chatcmpl-i\"d");
        EXPECT_EQ(json.at("model"), "m\"\n");
    }
    EXPECT_EQ(count, 3U);
    EXPECT_NE(out.find(R"("content":"a\"\\\n\u0001</script>)"), std::string::npos) << out;
}

TEST(OpenaiChatReply, writes_the_whole_shape) {
    const auto body = writer()->whole(std::vector{event(EventKind::start), event(EventKind::text, "a"),
                                                  event(EventKind::text, "b"), finish(Finish::stop)},
                                      tokens(12, 0, 0, 7, 0));
    EXPECT_EQ(
        body,
        R"({"id":"chatcmpl-X","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,)"
        R"("message":{"role":"assistant","content":"ab","refusal":null,"annotations":[]},)"
        R"("logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":12,)"
        R"("completion_tokens":7,"total_tokens":19,"prompt_tokens_details":{"cached_tokens":0},)"
        R"("completion_tokens_details":{"reasoning_tokens":0}},"system_fingerprint":null})");
}

TEST(OpenaiChatReply, writes_whole_messages) {
    using Json = nlohmann::ordered_json;
    auto custom = call(1, "d", "shell");
    custom.custom = true;
    const auto calls = message(
        {event(EventKind::start), call(0, "c", "f", "sig"), of_call(EventKind::tool_arguments, 0, "{\"a\""),
         of_call(EventKind::tool_arguments, 0, ":1}"), of_call(EventKind::tool_end, 0), custom,
         of_call(EventKind::tool_arguments, 1, "ls"), of_call(EventKind::tool_end, 1), call(2, "e", "g"),
         of_call(EventKind::tool_end, 2), finish(Finish::stop)});
    EXPECT_TRUE(calls.at("content").is_null());
    EXPECT_EQ(calls.at("tool_calls"), Json::parse(R"([
        {"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"},
         "extra_content":{"google":{"thought_signature":"sig"}}},
        {"id":"d","type":"custom","custom":{"name":"shell","input":"ls"}},
        {"id":"e","type":"function","function":{"name":"g","arguments":"{}"}}])"));

    EXPECT_EQ(message({event(EventKind::text, "t"), call(0, "c", "f"), finish(Finish::stop)}).at("content"),
              "t");

    const auto refused = message(
        {event(EventKind::text, "so far"), event(EventKind::refusal, "no"), finish(Finish::content_filter)});
    EXPECT_TRUE(refused.at("content").is_null());
    EXPECT_EQ(refused.at("refusal"), "no");

    EXPECT_EQ(message({event(EventKind::start), finish(Finish::length)}).at("content"), "");

    const auto rich = message({event(EventKind::reasoning, "hm"), event(EventKind::text, "t"),
                               event(EventKind::citation, R"({"type":"url_citation"})"),
                               image("image/png", "QUJD"), finish(Finish::stop)},
                              Reasoning::shown);
    EXPECT_EQ(rich.at("reasoning_content"), "hm");
    EXPECT_FALSE(rich.contains("thinking_blocks")) << "thoughts that nobody signed need not come back";
    EXPECT_EQ(rich.at("annotations"), Json::parse(R"([{"type":"url_citation"}])"));
    EXPECT_EQ(rich.at("images"),
              Json::parse(R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}])"));
}

TEST(OpenaiChatReply, is_understood_by_the_reader_of_its_dialect) {
    struct Case {
        std::vector<Event> events;
        std::string_view finish;
    };
    for (const auto& [events, expected] : std::vector<Case>{
             {{event(EventKind::start), event(EventKind::text, "a"), finish(Finish::stop)}, "stop"},
             {{event(EventKind::start), event(EventKind::text, "a"), finish(Finish::length)}, "length"},
             {{event(EventKind::start), event(EventKind::refusal, "no"), finish(Finish::content_filter)},
              "content_filter"},
             {{event(EventKind::start), call(0, "c", "f"), of_call(EventKind::tool_end, 0),
               finish(Finish::stop)},
              "tool_calls"},
             {{event(EventKind::start), event(EventKind::text, "a"), event(EventKind::text, "b", 1),
               finish(Finish::stop), finish(Finish::length, 1)},
              "stop"},
             {{event(EventKind::start), finish(Finish::stop)}, "stop"},
         }) {
        for (const auto& usage : {tokens(12, 1024, 300, 50, 30), tokens(1, 0, 0, 0, 0)}) {
            const RelayOptions options;
            const auto decoder = openai().stream_decoder(chat::Endpoint::chat_completions, options);
            wire::SseSplitter splitter;
            ASSERT_TRUE(splitter.feed(stream(*writer(Usage::shown), {events}, usage)));
            std::string kinds;
            while (const auto one = splitter.next()) {
                const auto delta = decoder->feed(*one);
                ASSERT_TRUE(delta) << delta.problem().message();
                kinds.push_back("ocfueWb"[static_cast<std::size_t>(delta->kind)]);
            }
            EXPECT_TRUE(decoder->complete());
            EXPECT_EQ(decoder->finish_reason(), expected);
            EXPECT_EQ(decoder->usage().prompt(), usage.prompt());
            EXPECT_EQ(decoder->usage().cached_input, usage.cached_input);
            EXPECT_EQ(decoder->usage().cache_write, usage.cache_write);
            EXPECT_EQ(decoder->usage().completion(), usage.completion());
            EXPECT_EQ(decoder->usage().reasoning, usage.reasoning);
            EXPECT_TRUE(kinds.ends_with("fue")) << kinds;

            std::string edited;
            const auto body = writer()->whole(events, usage);
            const auto reply = openai().decode_reply(chat::Endpoint::chat_completions, body, options, edited);
            ASSERT_TRUE(reply) << reply.problem().message();
            EXPECT_EQ(reply->finish_reason, expected);
            EXPECT_EQ(reply->usage.prompt(), usage.prompt());
            EXPECT_EQ(reply->usage.completion(), usage.completion());
        }
    }
}

TEST(OpenaiChatReply, says_the_same_whole_and_streamed) {
    const std::vector<Event> events{event(EventKind::start),
                                    event(EventKind::reasoning, "h"),
                                    event(EventKind::reasoning, "m"),
                                    event(EventKind::signature, "s"),
                                    event(EventKind::text, "a"),
                                    event(EventKind::text, "b"),
                                    call(0, "c", "f"),
                                    of_call(EventKind::tool_arguments, 0, "{\"a\""),
                                    of_call(EventKind::tool_arguments, 0, ":1}"),
                                    of_call(EventKind::tool_end, 0),
                                    event(EventKind::citation, R"({"type":"url_citation"})"),
                                    image("image/png", "QUJD"),
                                    finish(Finish::stop)};
    const auto said = message(events, Reasoning::shown);
    Runs one_by_one;
    for (const auto& one : events) {
        one_by_one.push_back({one});
    }
    for (const auto& runs : {Runs{events}, one_by_one}) {
        nlohmann::ordered_json joined{{"role", ""}, {"content", ""}, {"reasoning_content", ""}};
        std::string arguments;
        wire::SseSplitter splitter;
        ASSERT_TRUE(splitter.feed(stream(*writer(Usage::hidden, Reasoning::shown), runs)));
        while (const auto one = splitter.next()) {
            if (one->data == "[DONE]") {
                break;
            }
            const auto delta = nlohmann::ordered_json::parse(one->data).at("choices").at(0).at("delta");
            for (const auto& [key, value] : delta.items()) {
                if (value.is_string()) {
                    joined[key] = joined[key].get<std::string>() + value.get<std::string>();
                } else if (key == "tool_calls") {
                    arguments += value.at(0).at("function").at("arguments").get<std::string>();
                } else {
                    joined[key].push_back(value.at(0));
                }
            }
        }
        EXPECT_EQ(said.at("tool_calls").at(0).at("function").at("arguments"), arguments);
        for (const auto& [key, value] : joined.items()) {
            EXPECT_EQ(value, said.at(key)) << key;
        }
    }
}

}  // namespace
}  // namespace gatehouse::dialect

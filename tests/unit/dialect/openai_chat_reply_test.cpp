// Replies in the chat dialect, chunk by chunk.
#include "openai_chat_told.hpp"

namespace gatehouse::dialect {
namespace {

using namespace test::openai_chat_told;

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
        EXPECT_EQ(whole(events)["choices"][0]["finish_reason"], shown);
    }
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
    EXPECT_EQ(whole["citations"], parsed(R"([{"type":"char_location"}])"));
    EXPECT_EQ(whole["annotations"], parsed(R"([{"type":"url_citation"}])"));
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
               finish(Finish::length, 0), finish(Finish::stop, 2)})["choices"];
    ASSERT_EQ(choices.size(), 2U) << "a choice of which nothing came is none";
    EXPECT_EQ(choices[0]["message"]["content"], "a");
    EXPECT_EQ(choices[0]["finish_reason"], "length");
    EXPECT_EQ(choices[1]["index"], 2);
    EXPECT_EQ(choices[1]["message"]["content"], "b");
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
        const auto json = parsed(one->data);
        ASSERT_TRUE(json.is_object()) << one->data;
        EXPECT_EQ(json["id"], "chatcmpl-i\"d");
        EXPECT_EQ(json["model"], "m\"\n");
    }
    EXPECT_EQ(count, 3U);
    EXPECT_NE(out.find(R"("content":"a\"\\\n\u0001</script>)"), std::string::npos) << out;
}

}  // namespace
}  // namespace gatehouse::dialect

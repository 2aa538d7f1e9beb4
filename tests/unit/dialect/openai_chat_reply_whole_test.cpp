// Whole replies in the chat dialect.
#include "openai_chat_told.hpp"

#include <map>

namespace gatehouse::dialect {
namespace {

using namespace test::openai_chat_told;

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
    auto custom = call(1, "d", "shell");
    custom.custom = true;
    const auto calls = message(
        {event(EventKind::start), call(0, "c", "f", "sig"), of_call(EventKind::tool_arguments, 0, "{\"a\""),
         of_call(EventKind::tool_arguments, 0, ":1}"), of_call(EventKind::tool_end, 0), custom,
         of_call(EventKind::tool_arguments, 1, "ls"), of_call(EventKind::tool_end, 1), call(2, "e", "g"),
         of_call(EventKind::tool_end, 2), finish(Finish::stop)});
    EXPECT_TRUE(calls.contains("content") && calls["content"].is_null());
    EXPECT_EQ(calls["tool_calls"], parsed(R"([
        {"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"},
         "extra_content":{"google":{"thought_signature":"sig"}}},
        {"id":"d","type":"custom","custom":{"name":"shell","input":"ls"}},
        {"id":"e","type":"function","function":{"name":"g","arguments":"{}"}}])"));

    EXPECT_EQ(message({event(EventKind::text, "t"), call(0, "c", "f"), finish(Finish::stop)})["content"],
              "t");

    const auto refused = message(
        {event(EventKind::text, "so far"), event(EventKind::refusal, "no"), finish(Finish::content_filter)});
    EXPECT_TRUE(refused.contains("content") && refused["content"].is_null());
    EXPECT_EQ(refused["refusal"], "no");

    EXPECT_EQ(message({event(EventKind::start), finish(Finish::length)})["content"], "");

    const auto rich = message({event(EventKind::reasoning, "hm"), event(EventKind::text, "t"),
                               event(EventKind::citation, R"({"type":"url_citation"})"),
                               image("image/png", "QUJD"), finish(Finish::stop)},
                              Reasoning::shown);
    EXPECT_EQ(rich["reasoning_content"], "hm");
    EXPECT_FALSE(rich.contains("thinking_blocks")) << "thoughts that nobody signed need not come back";
    EXPECT_EQ(rich["annotations"], parsed(R"([{"type":"url_citation"}])"));
    EXPECT_EQ(rich["images"],
              parsed(R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}])"));
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
        std::map<std::string, std::string> texts{{"role", ""}, {"content", ""}, {"reasoning_content", ""}};
        std::map<std::string, std::string> lists;
        std::string arguments;
        wire::SseSplitter splitter;
        ASSERT_TRUE(splitter.feed(stream(*writer(Usage::hidden, Reasoning::shown), runs)));
        while (const auto one = splitter.next()) {
            if (one->data == "[DONE]") {
                break;
            }
            const auto delta = parsed(one->data)["choices"][0]["delta"];
            for (const auto& member : delta.members()) {
                const auto value = delta[member.c_str()];
                if (value.is_string()) {
                    texts[member] += value.text();
                } else if (member == "tool_calls") {
                    arguments += value[0]["function"]["arguments"].text();
                } else {
                    auto& list = lists[member];
                    list += (list.empty() ? "" : ",") + value[0].dump();
                }
            }
        }
        EXPECT_EQ(said["tool_calls"][0]["function"]["arguments"], arguments);
        for (const auto& [member, text] : texts) {
            EXPECT_EQ(said[member.c_str()], text) << member;
        }
        for (const auto& [member, list] : lists) {
            EXPECT_EQ(said[member.c_str()], parsed("[" + list + "]")) << member;
        }
        EXPECT_EQ(lists.size(), 4U) << "annotations, images, and both forms of thoughts";
    }
}

}  // namespace
}  // namespace gatehouse::dialect

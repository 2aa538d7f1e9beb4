// Thoughts in the chat dialect's replies, and on their way back.
#include "openai_chat_told.hpp"

namespace gatehouse::dialect {
namespace {

using namespace test::openai_chat_told;

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
std::vector<chat::Part> brought_back(const JsonValue& said) {
    const auto request = R"({"model":"m","messages":[)" + said.dump() + "]}";
    const auto read = read_openai_chat(request);
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
        const auto said = message(events, Reasoning::shown);
        ASSERT_TRUE(said.contains(lost));
        const auto parts = brought_back(said.without(lost));
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
    const auto whole = parsed(openai_chat_writer(identity)->whole(events, {}));
    for (const char* lost : {"reasoning_details", "thinking_blocks"}) {
        const auto said = whole["choices"][0]["message"];
        const auto parts = brought_back(said.without(lost));
        ASSERT_EQ(parts.size(), 2U) << lost;
        const auto& thought = std::get<chat::Reasoning>(parts[0].what);
        EXPECT_EQ(thought.text, "one");
        EXPECT_EQ(thought.signature, "gAAA");
        EXPECT_EQ(thought.origin, chat::Vendor::openai);
    }
    const auto broken = parsed(R"({"role":"assistant","content":"a","thinking_blocks":[)"
                               R"({"type":"thinking","thinking":"x","signature":"gh1.future.QQ=="}]})");
    EXPECT_EQ(brought_back(broken).size(), 1U) << "nobody can read it";
}

}  // namespace
}  // namespace gatehouse::dialect

#include "gatehouse/dialect/thread_state.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

std::string param_of(std::string_view body) {
    const auto ask = read_thread_ask(body);
    return ask ? "none" : ask.problem().param();
}

TEST(ThreadAsk, IsReadOrRefused) {
    EXPECT_EQ(read_thread_ask(R"({"model":"m"})")->kind, ThreadKind::none);
    EXPECT_EQ(read_thread_ask(R"({"thread":null})")->kind, ThreadKind::none);
    EXPECT_EQ(read_thread_ask(R"({"thread":{"type":"create"},"tools":[]})")->kind, ThreadKind::create);
    const auto on =
        read_thread_ask(R"({"thread":{"type":"continue","previous_message_id":"msg_1"},"system":null})");
    ASSERT_TRUE(on);
    EXPECT_EQ(on->kind, ThreadKind::go_on);
    EXPECT_EQ(on->previous_id, "msg_1");
    EXPECT_EQ(param_of(R"({"thread":true})"), "thread");
    EXPECT_EQ(param_of(R"({"thread":{"type":"x"}})"), "thread.type");
    EXPECT_EQ(param_of(R"({"thread":{"type":"continue"}})"), "thread.previous_message_id");
    EXPECT_EQ(param_of(R"({"thread":{"type":"continue","previous_message_id":"a"},"system":"s"})"), "system");
    EXPECT_EQ(param_of(R"({"thread":{"type":"continue","previous_message_id":"a"},"tools":[]})"), "tools");
}

TEST(ThreadState, GoesOnFromWhatWasKept) {
    ThreadAsk create;
    create.kind = ThreadKind::create;
    const auto first = whole_thread_request(
        R"({"model":"m","thread":{"type":"create"},"system":"s","tools":[1],"messages":[{"u":1}]})", create,
        "");
    EXPECT_EQ(first, R"({"model":"m","system":"s","tools":[1],"messages":[{"u":1}]})");
    const auto kept = keep_thread(first, R"([{"type":"text"}])");
    EXPECT_EQ(
        kept,
        R"({"system":"s","tools":[1],"messages":[{"u":1},{"role":"assistant","content":[{"type":"text"}]}]})");
    ThreadAsk on;
    on.kind = ThreadKind::go_on;
    EXPECT_EQ(
        whole_thread_request(R"({"model":"n","thread":{},"messages":[{"u":2}],"max_tokens":5})", on, kept),
        R"({"model":"n","max_tokens":5,"system":"s","tools":[1],"messages":[{"u":1},)"
        R"({"role":"assistant","content":[{"type":"text"}]},{"u":2}]})");
    EXPECT_EQ(whole_thread_request(R"({"messages":[ ]})", on, R"({"messages":[{"u":1}]})"),
              R"({"messages":[{"u":1}]})");
    EXPECT_EQ(keep_thread("{\"messages\":[\r\n]}", "[]"),
              "{\"messages\":[\r\n{\"role\":\"assistant\",\"content\":[]}]}")
        << "an array of nothing but blanks has no element to put a comma behind";
}

TEST(ThreadReplyStream, GivesTheContentOfTheWholeReply) {
    ThreadReplyStream stream;
    for (
        const auto* data : {
            R"({"type":"message_start","message":{"id":"msg_1","content":[]}})",
            R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
            R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"a\n"}})",
            R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"S"}})",
            R"({"type":"content_block_stop","index":0})",
            R"({"type":"ping"})",
            R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":"","citations":null}})",
            R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}})",
            R"({"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"c":1}}})",
            R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}})",
            R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}})",
            R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"1}"}})",
            R"({"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"u","name":"g","input":{}}})",
        }) {
        stream.see(data);
    }
    EXPECT_EQ(stream.reply().content, "") << "a reply that was cut is not kept";
    stream.see(R"({"type":"message_stop"})");
    EXPECT_EQ(stream.reply().id, "msg_1");
    EXPECT_EQ(stream.reply().content, R"([{"type":"thinking","thinking":"a\n","signature":"S"},)"
                                      R"({"type":"text","text":"Hi","citations":[{"c":1}]},)"
                                      R"({"type":"tool_use","id":"t","name":"f","input":{"a":1}},)"
                                      R"({"type":"tool_use","id":"u","name":"g","input":{}}])");
    const auto whole = thread_reply(R"({"id":"msg_2","content":[{"type":"text"}]})");
    EXPECT_EQ(whole.id, "msg_2");
    EXPECT_EQ(whole.content, R"([{"type":"text"}])");
}

}  // namespace
}  // namespace gatehouse::dialect

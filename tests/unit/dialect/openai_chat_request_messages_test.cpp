// Chat requests of clients: messages.
#include "openai_chat_asked.hpp"

namespace gatehouse::dialect {
namespace {

using namespace test::openai_chat_asked;

TEST(OpenaiChatRequest, reads_each_role) {
    const auto said = good(read_messages(
        R"({"role":"system","content":"s"},{"content":[{"type":"text","text":"d"}],"role":"developer"},
           {"role":"user","content":"u","name":"Ann"},{"role":"assistant","content":"a"})"));
    ASSERT_EQ(said.messages.size(), 4U);
    constexpr std::array expected{Role::system, Role::developer, Role::user, Role::assistant};
    constexpr std::array<std::string_view, 4> texts{"s", "d", "u", "a"};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(said.messages[i].role, expected[i]);
        EXPECT_EQ(said.messages[i].index, i);
        EXPECT_EQ(part<chat::Text>(said.messages[i]).text, texts[i]);
    }
    EXPECT_EQ(said.messages[2].name, "Ann");
}

TEST(OpenaiChatRequest, reads_images) {
    const auto said = message(
        R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"HTTPS://x/y.png","detail":"low"}},
           {"image_url":{"url":"data:IMAGE/PNG;name=a;base64,QUJD"},"type":"image_url","text":null}]})");
    const auto& link = part<chat::Media>(said, 0);
    EXPECT_EQ(link.kind, MediaKind::image);
    EXPECT_EQ(link.url, "HTTPS://x/y.png");
    EXPECT_EQ(link.detail, "low");
    EXPECT_EQ(link.data + link.media_type + link.file_id, "");
    const auto& data = part<chat::Media>(said, 1);
    EXPECT_EQ(data.media_type, "image/png");
    EXPECT_EQ(data.data, "QUJD");
    EXPECT_EQ(data.url + data.detail, "");
}

TEST(OpenaiChatRequest, reads_audio_and_files) {
    const auto said = message(
        R"({"role":"user","content":[{"type":"input_audio","input_audio":{"data":"QUJD","format":"wav"}},
           {"type":"file","file":{"file_data":"data:application/pdf;base64,QUJD","filename":"a.pdf"}},
           {"type":"file","file":{"file_data":"data:text/plain;base64,w6Q="}},
           {"type":"file","file":{"file_data":"data:image/gif;base64,QUJD"}},
           {"type":"file","file":{"file_data":"data:audio/mp3;base64,QUJD"}},
           {"type":"file","file":{"file_id":"file-1","file_data":null}},
           {"type":"file","file":{"file_data":"https://x/a.pdf"}}]})");
    ASSERT_EQ(said.parts.size(), 7U);
    EXPECT_EQ(part<chat::Media>(said, 0).kind, MediaKind::audio);
    EXPECT_EQ(part<chat::Media>(said, 0).media_type, "audio/wav");
    EXPECT_EQ(part<chat::Media>(said, 0).data, "QUJD");
    EXPECT_EQ(part<chat::Media>(said, 1).kind, MediaKind::document);
    EXPECT_EQ(part<chat::Media>(said, 1).media_type, "application/pdf");
    EXPECT_EQ(part<chat::Media>(said, 1).name, "a.pdf");
    EXPECT_EQ(part<chat::Media>(said, 2).data, "\xC3\xA4") << "of a text the text itself";
    EXPECT_EQ(part<chat::Media>(said, 3).kind, MediaKind::image);
    EXPECT_EQ(part<chat::Media>(said, 4).kind, MediaKind::audio);
    EXPECT_EQ(part<chat::Media>(said, 5).file_id, "file-1");
    EXPECT_EQ(part<chat::Media>(said, 6).url, "https://x/a.pdf");
}

TEST(OpenaiChatRequest, reads_marks_of_the_prompt_cache) {
    const auto said = message(
        R"({"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},
           {"type":"text","text":"b","cache_control":{"type":"ephemeral","ttl":"1h"}},
           {"type":"text","text":"c","prompt_cache_breakpoint":{"mode":"explicit"}},
           {"type":"text","text":"d","prompt_cache_breakpoint":{"mode":"explicit","ttl":"30m"}},
           {"type":"text","text":"e","prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}},
           {"type":"text","text":"f","cache_control":null}]})");
    ASSERT_EQ(said.parts.size(), 6U);
    EXPECT_EQ(said.parts[0].cache, CacheLifetime::five_minutes);
    EXPECT_EQ(said.parts[1].cache, CacheLifetime::one_hour);
    EXPECT_EQ(said.parts[2].cache, CacheLifetime::five_minutes);
    EXPECT_EQ(said.parts[3].cache, CacheLifetime::five_minutes);
    EXPECT_EQ(said.parts[4].cache, CacheLifetime::one_hour);
    EXPECT_FALSE(said.parts[5].cache);
    EXPECT_EQ(message(R"({"role":"user","content":"x","cache_control":{"type":"ephemeral"}})").parts[0].cache,
              CacheLifetime::five_minutes);
}

TEST(OpenaiChatRequest, reads_calls_and_their_results) {
    const auto said = good(read_messages(
        R"({"role":"assistant","content":null,"tool_calls":[
             {"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"b\": 1, \"a\":2}"}},
             {"id":"call_2","function":{"arguments":"","name":"g"}},
             {"id":"call_3","type":"custom","custom":{"name":"c","input":"free \\ud800 text"}}]},
           {"role":"tool","tool_call_id":"call_1","content":"42"},
           {"role":"tool","content":[{"type":"text","text":"x"},{"type":"text","text":""},
             {"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}],"tool_call_id":"call_2"},
           {"role":"tool","tool_call_id":"call_3","content":"","name":"c"})"));
    ASSERT_EQ(said.messages.size(), 4U);
    const auto& calls = said.messages[0];
    ASSERT_EQ(calls.parts.size(), 3U);
    EXPECT_EQ(part<chat::ToolCall>(calls, 0).id, "call_1");
    EXPECT_EQ(part<chat::ToolCall>(calls, 0).name, "f");
    EXPECT_EQ(part<chat::ToolCall>(calls, 0).arguments, R"({"b": 1, "a":2})");
    EXPECT_EQ(part<chat::ToolCall>(calls, 1).arguments, "");
    EXPECT_TRUE(part<chat::ToolCall>(calls, 2).custom);
    EXPECT_EQ(part<chat::ToolCall>(calls, 2).arguments, "free \\ud800 text");
    const auto& first = part<chat::ToolResult>(said.messages[1]);
    EXPECT_EQ(said.messages[1].role, Role::tool);
    EXPECT_EQ(said.messages[1].index, 1U);
    EXPECT_EQ(first.call_id, "call_1");
    ASSERT_EQ(first.parts.size(), 1U);
    EXPECT_EQ(std::get<chat::Text>(first.parts[0]).text, "42");
    const auto& second = part<chat::ToolResult>(said.messages[2]);
    ASSERT_EQ(second.parts.size(), 2U) << "text without letters is none";
    EXPECT_EQ(std::get<chat::Media>(second.parts[1]).data, "QUJD");
    EXPECT_TRUE(part<chat::ToolResult>(said.messages[3]).parts.empty());
    EXPECT_EQ(part<chat::ToolResult>(said.messages[3]).name, "c");
}

TEST(OpenaiChatRequest, pairs_old_function_messages_by_their_names) {
    const auto said = good(read_messages(
        R"({"role":"user","content":"q"},
           {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
           {"role":"function","name":"f","content":"1"},
           {"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},
           {"role":"function","name":"f","content":null},
           {"role":"function","name":"g","content":"3"})"));
    ASSERT_EQ(said.messages.size(), 6U);
    EXPECT_EQ(part<chat::ToolCall>(said.messages[1]).id, "call_function_1");
    EXPECT_EQ(part<chat::ToolResult>(said.messages[2]).call_id, "call_function_1");
    EXPECT_EQ(part<chat::ToolResult>(said.messages[2]).name, "f");
    EXPECT_EQ(part<chat::ToolCall>(said.messages[3]).id, "call_function_3");
    EXPECT_EQ(part<chat::ToolResult>(said.messages[4]).call_id, "call_function_3");
    EXPECT_EQ(part<chat::ToolResult>(said.messages[5]).call_id, "call_function_5") << "nobody called it";
}

TEST(OpenaiChatRequest, puts_an_assistants_parts_in_order) {
    const auto said = message(
        R"({"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}],
            "refusal":"no","content":[{"type":"text","text":"t"},{"type":"refusal","refusal":"never"}],
            "reasoning_content":"hm","annotations":[],"audio":null,"function_call":null,"role":"assistant"})");
    ASSERT_EQ(said.parts.size(), 5U);
    EXPECT_EQ(part<chat::Reasoning>(said, 0).text, "hm");
    EXPECT_EQ(part<chat::Text>(said, 1).text, "t");
    EXPECT_EQ(part<chat::Refusal>(said, 2).text, "never");
    EXPECT_EQ(part<chat::Refusal>(said, 3).text, "no");
    EXPECT_EQ(part<chat::ToolCall>(said, 4).id, "c");
}

TEST(OpenaiChatRequest, names_earlier_audio_of_the_assistant) {
    const auto said = good(read_messages(
        R"({"role":"user","content":"q"},{"role":"assistant","content":null,"audio":{"id":"audio_1"}})"));
    EXPECT_EQ(others(said), R"(messages[1].audio={"id":"audio_1"} )");
}

TEST(OpenaiChatRequest, trusts_thinking_blocks_most) {
    const auto said = message(
        R"({"role":"assistant","content":"a","reasoning_content":"plain",
            "reasoning_details":[{"type":"reasoning.text","text":"detail","signature":"s0"}],
            "thinking_blocks":[{"type":"thinking","thinking":"one","signature":"s1"},
              {"type":"redacted_thinking","data":"opaque"},{"type":"thinking","thinking":"","signature":"s2"}]})");
    ASSERT_EQ(said.parts.size(), 4U);
    EXPECT_EQ(part<chat::Reasoning>(said, 0).text, "one");
    EXPECT_EQ(part<chat::Reasoning>(said, 0).signature, "s1");
    EXPECT_EQ(part<chat::Reasoning>(said, 1).redacted, "opaque");
    EXPECT_EQ(part<chat::Reasoning>(said, 2).signature, "s2");
    EXPECT_EQ(part<chat::Reasoning>(said, 2).text, "");
}

TEST(OpenaiChatRequest, joins_reasoning_details_that_came_as_fragments) {
    const auto said = message(
        R"({"role":"assistant","content":"a","reasoning":"plain","reasoning_details":[
              {"type":"reasoning.text","text":"on","format":"anthropic-claude-v1","index":0},
              {"type":"reasoning.text","text":"e","index":0},
              {"type":"reasoning.text","text":"","signature":"s1","index":0},
              {"type":"reasoning.text","text":"two","signature":"s2","index":0},
              {"type":"reasoning.encrypted","data":"opaque","index":1},
              {"type":"reasoning.summary","summary":"three","index":2},
              {"type":"reasoning.summary","summary":"four","index":3}]})");
    ASSERT_EQ(said.parts.size(), 6U);
    EXPECT_EQ(part<chat::Reasoning>(said, 0).text, "one");
    EXPECT_EQ(part<chat::Reasoning>(said, 0).signature, "s1");
    EXPECT_EQ(part<chat::Reasoning>(said, 1).text, "two");
    EXPECT_EQ(part<chat::Reasoning>(said, 1).signature, "s2");
    EXPECT_EQ(part<chat::Reasoning>(said, 2).redacted, "opaque");
    EXPECT_EQ(part<chat::Reasoning>(said, 3).text, "three");
    EXPECT_EQ(part<chat::Reasoning>(said, 4).text, "four");
}

TEST(OpenaiChatRequest, leaves_out_thoughts_that_only_their_maker_can_read) {
    const auto said = message(
        R"({"role":"assistant","content":"a","reasoning_details":[
              {"type":"reasoning.encrypted","data":"x","format":"openai-responses-v1"}]})");
    ASSERT_EQ(said.parts.size(), 1U);
    EXPECT_EQ(part<chat::Text>(said).text, "a");
}

TEST(OpenaiChatRequest, finds_the_signatures_of_calls_in_every_carrier) {
    const auto said = message(
        R"({"role":"assistant","reasoning_details":[
              {"type":"reasoning.encrypted","data":"s5","format":"google-gemini-v1","id":"e"}],"tool_calls":[
            {"id":"a__thought__s9","type":"function","function":{"name":"f","arguments":"{}"},
             "extra_content":{"google":{"thought_signature":"s1"}}},
            {"id":"b","type":"function","function":{"name":"f","arguments":"{}"},
             "provider_specific_fields":{"thought_signature":"s2"}},
            {"id":"c","type":"function","function":{"name":"f","arguments":"{}",
             "provider_specific_fields":{"thought_signature":"s3"}}},
            {"id":"d__thought__s4__thought__x","type":"function","function":{"name":"f","arguments":"{}"}},
            {"id":"e","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":null}]})");
    ASSERT_EQ(said.parts.size(), 5U);
    constexpr std::array<std::string_view, 5> ids{"a", "b", "c", "d", "e"};
    constexpr std::array<std::string_view, 5> signatures{"s1", "s2", "s3", "s4__thought__x", "s5"};
    for (std::size_t i = 0; i < ids.size(); ++i) {
        EXPECT_EQ(part<chat::ToolCall>(said, i).id, ids[i]);
        EXPECT_EQ(part<chat::ToolCall>(said, i).signature, signatures[i]);
    }
    EXPECT_EQ(
        part<chat::ToolResult>(message(R"({"role":"tool","tool_call_id":"d__thought__s4","content":"1"})"))
            .call_id,
        "d");
}

TEST(OpenaiChatRequest, replaces_lone_surrogates) {
    EXPECT_EQ(part<chat::Text>(message(R"({"role":"user","content":"a\ud800b\udc00\ud83d\ude00"})")).text,
              "a\xEF\xBF\xBD"
              "b\xEF\xBF\xBD\xF0\x9F\x98\x80");
    const auto said = with(
        R"("metadata":{"a":"\uD800","b":"\\ud800","c":"\ud83d\ude00","d":"\udc00\ud800\u0041"},
           "tools":[{"type":"function","function":{"name":"f","parameters":{"description":"\udfff"}}}])");
    EXPECT_EQ(others(said),
              R"(metadata={"a":"\ufffd","b":"\\ud800","c":"\ud83d\ude00","d":"\ufffd\ufffd\u0041"} )");
    ASSERT_EQ(said.tools.size(), 1U);
    EXPECT_EQ(said.tools[0].schema, R"({"description":"\ufffd"})");
    EXPECT_EQ(part<chat::ToolCall>(message(R"({"role":"assistant","tool_calls":[
                  {"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":\"\\ud800\"}"}}]})"))
                  .arguments,
              R"({"a":"\ufffd"})");
}

TEST(OpenaiChatRequest, reads_an_unchanged_history_the_same_when_it_grows) {
    const std::string history =
        R"({"role":"user","content":"q"},{"role":"assistant","content":null,
            "function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"1"})";
    const auto before = good(read_messages(history));
    const auto after = good(read_messages(history + R"(,{"role":"assistant","content":"a"},
                                                        {"role":"function","name":"f","content":"2"})"));
    ASSERT_EQ(before.messages.size(), 3U);
    ASSERT_EQ(after.messages.size(), 5U);
    EXPECT_EQ(part<chat::ToolCall>(before.messages[1]).id, part<chat::ToolCall>(after.messages[1]).id);
    EXPECT_EQ(part<chat::ToolResult>(before.messages[2]).call_id,
              part<chat::ToolResult>(after.messages[2]).call_id);
}

}  // namespace
}  // namespace gatehouse::dialect

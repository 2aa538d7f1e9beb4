// What a client of the Responses API says: its items in neutral words, and which of them is at fault.
#include "conversation_in_words.hpp"
#include "dialect/translation_parts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gatehouse::dialect {
namespace {

/// A request with this input, in words; or what is wrong with it.
std::string said(std::string_view input) {
    const auto read = read_responses(R"({"model":"m","input":)" + std::string(input) + "}");
    return read ? in_words(*read)
                : std::string(name_of(read.problem().kind())) + " " + read.problem().param();
}

std::string items(std::string_view text) {
    return said("[" + std::string(text) + "]");
}

std::string user(std::string_view parts) {
    return items(R"({"role":"user","content":[)" + std::string(parts) + "]}");
}

TEST(ResponsesClientItems, TextIsTheUsersMessage) {
    EXPECT_EQ(said(R"("hi \u00e9")"), "user[text hi é]");
}

TEST(ResponsesClientItems, InstructionsComeFirst) {
    const auto read = read_responses(
        R"({"input":[{"role":"developer","content":"b"},{"role":"user","content":"c"}],"instructions":"a"})");
    ASSERT_TRUE(read);
    EXPECT_EQ(in_words(*read), "system[text a] developer[text b] user[text c]");
    EXPECT_EQ(read->messages[2].index, 1U) << "the place in `input`";
    EXPECT_EQ(in_words(*read_responses(R"({"instructions":null,"input":"c"})")), "user[text c]");
}

TEST(ResponsesClientItems, MessagesHaveEveryRoleAndAnyOrderOfMembers) {
    EXPECT_EQ(items(R"({"role":"system","content":"a"},{"type":"message","role":"user","content":"b"},
                       {"content":[{"text":"c","type":"output_text","annotations":[],"logprobs":[]},
                                   {"refusal":"d","type":"refusal"}],
                        "role":"assistant","id":"msg_1","status":"completed","type":"message",
                        "phase":"final_answer"},
                       {"type":null,"role":"developer","content":[{"type":"input_text","text":"e"}]})"),
              "system[text a] user[text b] assistant[text c | refusal d] developer[text e]");
}

TEST(ResponsesClientItems, PartsAreTextImagesAndFiles) {
    const struct {
        const char* part;
        const char* expected;
    } cases[] = {
        {R"({"type":"input_text","text":"a"})", "text a"},
        {R"({"type":"text","text":"a"})", "text a"},
        {R"({"type":"input_text","text":"a","prompt_cache_breakpoint":{"ttl":"12h"}})", "text a !1h"},
        {R"({"type":"input_image","image_url":"https://x/a.png","detail":"high","file_id":null})",
         "image url=https://x/a.png detail=high"},
        {R"({"detail":"auto","image_url":"data:image/PNG;base64,QQ==","type":"input_image"})",
         "image image/png data=QQ== detail=auto"},
        {R"({"type":"input_image","file_id":"file-1","image_url":null})", "image file=file-1"},
        {R"({"type":"input_image","file_id":"file-1","image_url":"https://x/a"})", "image url=https://x/a"},
        {R"({"type":"input_file","file_data":"data:application/pdf;base64,QQ==","filename":"a.pdf"})",
         "document application/pdf data=QQ== name=a.pdf"},
        {R"({"type":"input_file","file_data":"data:text/plain;base64,aGk=","filename":"a.txt"})",
         "document text/plain data=hi name=a.txt"},
        {R"({"type":"input_file","file_data":"data:image/png;base64,QQ=="})", "image image/png data=QQ=="},
        {R"({"type":"input_file","file_url":"https://x/a.pdf","detail":"low"})",
         "document url=https://x/a.pdf detail=low"},
        {R"({"type":"input_file","file_id":"file-1"})", "document file=file-1"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(user(one.part), "user[" + std::string(one.expected) + "]");
    }
}

TEST(ResponsesClientItems, CallsAndAnswersOfATurnAreOneMessage) {
    EXPECT_EQ(
        items(R"({"role":"user","content":"a"},
                 {"role":"assistant","content":"b"},
                 {"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{\"x\":1}"},
                 {"type":"custom_tool_call","call_id":"c2","name":"sh","input":"ls {"},
                 {"type":"function_call_output","call_id":"c1","output":"one"},
                 {"type":"custom_tool_call_output","call_id":"c2","output":[
                    {"type":"input_text","text":"two"},{"type":"input_text","text":""},
                    {"type":"input_image","image_url":"https://x/i"}]},
                 {"type":"function_call","call_id":"c3","name":"f","arguments":""})"),
        R"(user[text a] assistant[text b | call c1 f {"x":1} | call c2 sh ls { custom] )"
        R"(tool[result c1 (text one)] tool[result c2 (text two | image url=https://x/i)] assistant[call c3 f ])");
}

TEST(ResponsesClientItems, ArgumentsHaveNoHalfCharacters) {
    EXPECT_EQ(items(R"({"type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":\"\\ud800\"}"})"),
              R"(assistant[call c f {"a":"\ufffd"}])");
}

TEST(ResponsesClientItems, ThoughtsComeBackToWhoMadeThem) {
    EXPECT_EQ(items(R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"a"},
                        {"type":"summary_text","text":"b"}],"encrypted_content":"gAAA"},
                       {"role":"assistant","content":"x"})"),
              "assistant[thought a\n\nb signature=rs_1:gAAA of=openai | text x]");
    EXPECT_EQ(items(R"({"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"a"}]})"),
              "assistant[thought a of=openai]");
    EXPECT_EQ(items(R"({"type":"reasoning","summary":[],"encrypted_content":"gh1.anthropic.cw=="},
                       {"type":"reasoning","summary":[],"encrypted_content":"gh1.anthropic-redacted.cw=="})"),
              "assistant[thought signature=s of=anthropic | thought redacted=s of=anthropic]");
    EXPECT_EQ(items(R"({"role":"user","content":"q"},
                       {"type":"reasoning","summary":[],"encrypted_content":"gh1.other.cw=="})"),
              "user[text q]")
        << "nobody can read it";
}

TEST(ResponsesClientItems, ACallGetsItsSignatureOfGeminiBack) {
    EXPECT_EQ(items(R"({"type":"reasoning","summary":[],"encrypted_content":"gh1.gemini.cw=="},
                       {"type":"function_call","call_id":"c","name":"f","arguments":"{}"})"),
              "assistant[call c f {} signature=s]");
}

TEST(ResponsesClientItems, APictureOfTheModelComesBack) {
    EXPECT_EQ(items(R"({"type":"image_generation_call","id":"ig_1","status":"completed","result":"QQ==",
                        "output_format":"webp"},
                       {"type":"image_generation_call","id":"ig_2","status":"completed","result":"Qg=="})"),
              "assistant[image image/webp data=QQ== | image image/png data=Qg==]");
}

TEST(ResponsesClientItems, TheItemAtFaultIsNamed) {
    const struct {
        const char* item;
        const char* expected;
    } cases[] = {
        {R"({"type":7,"role":"user","content":"x"})", "invalid_type input[0].type"},
        {R"({"type":"item_reference","id":"msg_1"})", "unsupported_parameter input[0].type"},
        {R"({"type":"web_search_call","id":"ws_1","status":"completed"})",
         "unsupported_parameter input[0].type"},
        {R"({"type":"computer_call_output","call_id":"c","output":{}})",
         "unsupported_parameter input[0].type"},
        {R"({"type":"image_generation_call","id":"ig_1","result":null})",
         "unsupported_parameter input[0].type"},
        {R"({"content":"x"})", "missing_parameter input[0].role"},
        {R"({"role":"tool","content":"x"})", "invalid_value input[0].role"},
        {R"({"role":7,"content":"x"})", "invalid_type input[0].role"},
        {R"({"role":"user"})", "missing_parameter input[0].content"},
        {R"({"role":"user","content":null})", "missing_parameter input[0].content"},
        {R"({"role":"user","content":7})", "invalid_type input[0].content"},
        {R"({"role":"user","content":["x"]})", "invalid_type input[0].content[0]"},
        {R"({"type":"function_call","name":"f","arguments":"{}"})", "missing_parameter input[0].call_id"},
        {R"({"type":"function_call","call_id":"c","arguments":"{}"})", "missing_parameter input[0].name"},
        {R"({"type":"function_call","call_id":"c","name":"f","arguments":{}})",
         "invalid_type input[0].arguments"},
        {R"({"type":"function_call_output","output":"x"})", "missing_parameter input[0].call_id"},
        {R"({"type":"function_call_output","call_id":"c"})", "missing_parameter input[0].output"},
        {R"({"type":"function_call_output","call_id":"c","output":{}})", "invalid_type input[0].output"},
        {R"({"type":"function_call_output","call_id":"c","output":[{"type":"refusal","refusal":"x"}]})",
         "invalid_value input[0].output[0].type"},
        {R"({"type":"reasoning","summary":"x"})", "invalid_type input[0].summary"},
        {R"({"type":"reasoning","summary":["x"]})", "invalid_type input[0].summary[0]"},
        {R"({"type":"reasoning","summary":[],"encrypted_content":7})",
         "invalid_type input[0].encrypted_content"},
        {R"("x")", "invalid_type input[0]"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(items(one.item), one.expected) << one.item;
    }
    EXPECT_EQ(items(R"({"role":"user","content":"x"},{"role":"bot","content":"x"})"),
              "invalid_value input[1].role");
}

TEST(ResponsesClientItems, ThePartAtFaultIsNamed) {
    const struct {
        const char* role;
        const char* part;
        const char* expected;
    } cases[] = {
        {"user", R"({"text":"x"})", "missing_parameter input[0].content[0].type"},
        {"user", R"({"type":7,"text":"x"})", "invalid_type input[0].content[0].type"},
        {"user", R"({"type":"input_text"})", "missing_parameter input[0].content[0].text"},
        {"user", R"({"type":"input_text","text":7})", "invalid_type input[0].content[0].text"},
        {"user", R"({"type":"input_video"})", "unsupported_parameter input[0].content[0].type"},
        {"user", R"({"type":"input_image"})", "missing_parameter input[0].content[0].image_url"},
        {"user", R"({"type":"input_image","image_url":{"url":"https://x"}})",
         "invalid_type input[0].content[0].image_url"},
        {"user", R"({"type":"input_image","image_url":"ftp://x"})",
         "invalid_value input[0].content[0].image_url"},
        {"user", R"({"type":"input_image","image_url":"https://x","detail":"ultra"})",
         "invalid_value input[0].content[0].detail"},
        {"user", R"({"type":"input_file","filename":"a"})",
         "missing_parameter input[0].content[0].file_data"},
        {"user", R"({"type":"input_file","file_data":"QQ=="})",
         "invalid_value input[0].content[0].file_data"},
        {"user", R"({"type":"input_file","file_url":"QQ=="})", "invalid_value input[0].content[0].file_url"},
        {"user", R"({"type":"refusal","refusal":"x"})", "invalid_value input[0].content[0].type"},
        {"system", R"({"type":"input_image","image_url":"https://x"})",
         "invalid_value input[0].content[0].type"},
        {"assistant", R"({"type":"input_image","image_url":"https://x"})",
         "invalid_value input[0].content[0].type"},
        {"assistant", R"({"type":"refusal"})", "missing_parameter input[0].content[0].refusal"},
    };
    for (const auto& one : cases) {
        const auto item = R"({"role":")" + std::string(one.role) + R"(","content":[)" + one.part + "]}";
        EXPECT_EQ(items(item), one.expected) << item;
    }
}

TEST(ResponsesClientItems, WithoutInputThereIsNothingToAnswer) {
    EXPECT_EQ(said("null"), "missing_parameter input");
    EXPECT_EQ(said("7"), "invalid_type input");
    const auto none = read_responses(R"({"model":"m","instructions":"x"})");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.problem().param(), "input");
    EXPECT_EQ(none.problem().message(), "Missing required parameter: 'input'.");
}

}  // namespace
}  // namespace gatehouse::dialect

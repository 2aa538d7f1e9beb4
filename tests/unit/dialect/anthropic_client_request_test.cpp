#include "conversation_in_words.hpp"
#include "dialect/translation_parts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gatehouse::dialect {
namespace {

using chat::Conversation;
using chat::Effort;
using chat::ToolChoiceKind;

/// A request with these members beside a message.
Result<Conversation> read_with(std::string_view members) {
    return read_anthropic(R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}],)" +
                          std::string(members) + "}");
}

Conversation with(std::string_view members) {
    auto read = read_with(members);
    if (!read) {
        ADD_FAILURE() << members << ": " << read.problem().message();
        return {};
    }
    return std::move(*read);
}

std::string messages(std::string_view text) {
    const auto read = read_anthropic(R"({"max_tokens":9,"messages":[)" + std::string(text) + "]}");
    return read ? in_words(*read) : read.problem().param() + ": " + read.problem().message();
}

std::string user(std::string_view blocks) {
    return messages(R"({"role":"user","content":[)" + std::string(blocks) + "]}");
}

std::string assistant(std::string_view blocks) {
    return messages(R"({"role":"assistant","content":[)" + std::string(blocks) + "]}");
}

std::string others(const Conversation& conversation) {
    std::string out;
    for (const auto& other : conversation.others) {
        out += other.name + "=" + other.value + " ";
    }
    return out;
}

TEST(AnthropicClientRequest, reads_limits_and_sampling) {
    const auto said = with(R"("temperature":0.5,"top_p":0.25,"top_k":40,"stop_sequences":["a","b"],
                              "metadata":{"user_id":"u"},"service_tier":"standard_only")");
    EXPECT_EQ(said.max_tokens, 9);
    EXPECT_EQ(said.temperature, 0.5);
    EXPECT_EQ(said.top_p, 0.25);
    EXPECT_EQ(said.top_k, 40);
    EXPECT_EQ(said.stop, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(said.end_user, "u");
    EXPECT_EQ(said.service_tier, "default");
    EXPECT_EQ(others(said), "");
}

TEST(AnthropicClientRequest, takes_null_for_unsaid) {
    const auto said = with(
        R"("temperature":null,"top_p":null,"top_k":null,"stop_sequences":null,"metadata":null,"system":null,
           "service_tier":null,"tools":null,"tool_choice":null,"thinking":null,"output_config":null,
           "cache_control":null,"container":null,"mcp_servers":[],"inference_geo":null,"thread":false,
           "context_management":null,"speed":null,"diagnostics":{})");
    EXPECT_EQ(said.top_k, std::nullopt);
    EXPECT_EQ(others(said), "");
    EXPECT_EQ(in_words(said), "user[text hi]");
}

TEST(AnthropicClientRequest, names_what_has_no_place_elsewhere) {
    const auto said = with(R"("context_management":{"edits":[1]},"speed":"fast","new\n":1,
        "output_config":{"task_budget":{"total":5}},
        "tools":[{"name":"f","input_schema":{},"defer_loading":true,"eager_input_streaming":false,
                  "input_examples":[{}]}])");
    EXPECT_EQ(others(said),
              "context_management={\"edits\":[1]} speed=\"fast\" new_=1 "
              "output_config.task_budget={\"total\":5} tools.defer_loading=true "
              "tools.input_examples=[{}] ");
}

TEST(AnthropicClientRequest, puts_the_system_text_first) {
    EXPECT_EQ(in_words(with(R"("system":"be kind")")), "system[text be kind] user[text hi]");
    EXPECT_EQ(in_words(with(R"("system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},
                                         {"text":"b","type":"text","cache_control":{"ttl":"1h"}}])")),
              "system[text a !5m | text b !1h] user[text hi]");
}

TEST(AnthropicClientRequest, reads_each_role) {
    EXPECT_EQ(messages(R"({"role":"user","content":"a"},{"content":[{"type":"text","text":"b"}],
                           "role":"assistant"},{"role":"system","content":"c"})"),
              "user[text a] assistant[text b] system[text c]");
}

TEST(AnthropicClientRequest, reads_media_from_every_source) {
    const struct {
        const char* block;
        const char* expected;
    } cases[] = {
        {R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"QQ=="}})",
         "image image/png data=QQ=="},
        {R"({"source":{"url":"https://x/a.png","type":"url"},"type":"image"})", "image url=https://x/a.png"},
        {R"({"type":"image","source":{"type":"file","file_id":"file_1"},"cache_control":{"ttl":"5m"}})",
         "image file=file_1 !5m"},
        {R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"QQ=="},
             "title":"t","citations":{"enabled":false}})",
         "document application/pdf data=QQ== name=t"},
        {R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"words"}})",
         "document text/plain data=words"},
        {R"({"type":"document","source":{"type":"url","url":"https://x/a.pdf"},"context":"of 1999"})",
         "text of 1999 | document application/pdf url=https://x/a.pdf"},
        {R"({"type":"document","source":{"type":"file","file_id":"file_1"}})", "document file=file_1"},
        {R"({"type":"document","source":{"type":"content","content":"words"}})",
         "document text/plain data=words"},
        {R"({"type":"document","cache_control":{},"source":{"type":"content","content":[
             {"type":"text","text":"a"},{"type":"image","source":{"type":"url","url":"https://x/i"}},
             {"type":"text","text":"b"}]}})",
         "document text/plain data=a\nb | image url=https://x/i !5m"},
        {R"({"type":"search_result","title":"t","source":"https://x","citations":{"enabled":false},
             "content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})",
         "text t\nhttps://x\n\na\nb"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(user(one.block), "user[" + std::string(one.expected) + "]");
    }
}

TEST(AnthropicClientRequest, makes_messages_of_results_that_come_before_the_rest) {
    EXPECT_EQ(user(R"({"type":"text","text":"and now?"},
        {"type":"tool_result","tool_use_id":"t1","content":"sunny","cache_control":{"type":"ephemeral"}},
        {"type":"tool_result","tool_use_id":"t2","is_error":true,"content":[
            {"type":"text","text":"no"},{"type":"image","source":{"type":"url","url":"https://x/i"}}]},
        {"type":"tool_result","tool_use_id":"t3"})"),
              "tool[result t1 (text sunny) !5m] tool[result t2 error (text no | image url=https://x/i)] "
              "tool[result t3 ()] user[text and now?]");
    EXPECT_EQ(user(R"({"type":"tool_result","tool_use_id":"t1","content":""})"), "tool[result t1 ()]");
}

TEST(AnthropicClientRequest, keeps_the_order_of_keys_in_an_input) {
    EXPECT_EQ(assistant(R"({"type":"text","text":"x","citations":null},{"type":"tool_use","id":"t1",
        "caller":{"type":"direct"},"name":"f","input":{ "b" : 1e2, "a":[ "\u00e9 " ] }})"),
              R"(assistant[text x | call t1 f {"b":1e2,"a":["\u00e9 "]}])");
}

TEST(AnthropicClientRequest, tells_whose_thoughts_come_back) {
    EXPECT_EQ(
        assistant(R"({"type":"thinking","thinking":"hm","signature":"EqQB"},
                           {"type":"redacted_thinking","data":"Abc"},{"type":"text","text":"x"})"),
        "assistant[thought hm signature=EqQB of=anthropic | thought redacted=Abc of=anthropic | text x]");
    EXPECT_EQ(
        assistant(R"({"type":"thinking","thinking":"hm","signature":"gh1.openai.cw=="},
                           {"type":"redacted_thinking","data":"gh1.openai.cw=="},
                           {"type":"thinking","thinking":"hm","signature":"gh1.gemini."})"),
        "assistant[thought hm signature=s of=openai | thought redacted=s of=openai | thought hm of=gemini]");
    EXPECT_EQ(assistant(R"({"type":"thinking","thinking":"hm","signature":"gh1.other.cw=="},
                           {"type":"thinking","thinking":"ha","signature":"gh1.openai.!"})"),
              "assistant[thought hm | thought ha]");
}

TEST(AnthropicClientRequest, gives_a_call_its_signature_of_gemini_back) {
    constexpr std::string_view call = R"({"type":"tool_use","id":"t1","name":"f","input":{}})";
    const std::string bare = R"({"type":"thinking","thinking":"","signature":"gh1.gemini.cw=="},)";
    EXPECT_EQ(assistant(bare + std::string(call)), "assistant[call t1 f {} signature=s]");
    EXPECT_EQ(assistant(bare + R"({"type":"text","text":"x"},)" + std::string(call)),
              "assistant[thought signature=s of=gemini | text x | call t1 f {}]");
    EXPECT_EQ(assistant(R"({"type":"thinking","thinking":"hm","signature":"gh1.gemini.cw=="},)" +
                        std::string(call)),
              "assistant[thought hm signature=s of=gemini | call t1 f {}]");
}

TEST(AnthropicClientRequest, reads_tools_and_the_choice_among_them) {
    const auto said = with(R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object","b":1},
        "strict":true,"cache_control":{"ttl":"1h"}},{"type":"custom","name":"g","input_schema":{}}],
        "tool_choice":{"type":"tool","name":"g","disable_parallel_tool_use":true})");
    ASSERT_EQ(said.tools.size(), 2U);
    EXPECT_EQ(said.tools[0].name, "f");
    EXPECT_EQ(said.tools[0].description, "d");
    EXPECT_EQ(said.tools[0].schema, R"({"type":"object","b":1})");
    EXPECT_EQ(said.tools[0].strict, true);
    EXPECT_EQ(said.tools[0].cache, chat::CacheLifetime::one_hour);
    EXPECT_FALSE(said.tools[1].custom);
    EXPECT_EQ(said.tool_choice.kind, ToolChoiceKind::named);
    EXPECT_EQ(said.tool_choice.names, (std::vector<std::string>{"g"}));
    EXPECT_EQ(said.parallel_tool_calls, false);

    const std::string tool = R"("tools":[{"name":"f","input_schema":{}}],"tool_choice":)";
    EXPECT_EQ(with(tool + R"({"type":"auto"})").tool_choice.kind, ToolChoiceKind::automatic);
    EXPECT_EQ(with(tool + R"({"type":"any"})").tool_choice.kind, ToolChoiceKind::required);
    EXPECT_EQ(with(tool + R"({"type":"none"})").tool_choice.kind, ToolChoiceKind::none);
}

TEST(AnthropicClientRequest, reads_how_to_think) {
    const auto wish = [](std::string_view members) {
        const auto said = with(members).reasoning;
        return std::string(chat::name_of(said.effort)) + " " +
               (said.budget ? std::to_string(*said.budget) : "-") + (said.show_text ? " shown" : "") +
               (said.adaptive ? " adaptive" : "");
    };
    EXPECT_EQ(wish(R"("thinking":{"type":"enabled","budget_tokens":2000})"), " 2000 shown");
    EXPECT_EQ(wish(R"("thinking":{"budget_tokens":2000,"display":"omitted","type":"enabled"})"), " 2000");
    EXPECT_EQ(wish(R"("thinking":{"type":"adaptive"},"output_config":{"effort":"max"})"),
              "max - shown adaptive");
    EXPECT_EQ(wish(R"("thinking":{"type":"adaptive","display":"summarized"})"), " - shown adaptive");
    EXPECT_EQ(wish(R"("thinking":{"type":"disabled"},"output_config":{"effort":"low"})"), "none -");
    EXPECT_EQ(wish(R"("thinking":{"type":"between_tools"})"), "none - shown");
    EXPECT_EQ(wish(R"("thinking":{"type":"between_tools"},"output_config":{"effort":"low"})"), "low - shown");
    EXPECT_EQ(wish(R"("output_config":{"effort":"xhigh"})"), "xhigh -");
}

TEST(AnthropicClientRequest, reads_the_form_of_the_answer) {
    for (const char* members :
         {R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})",
          R"("output_format":{"schema":{"type":"object"},"type":"json_schema"})"}) {
        const auto output = with(members).output;
        EXPECT_EQ(output.kind, chat::OutputKind::json_schema);
        EXPECT_EQ(output.schema, R"({"type":"object"})");
        EXPECT_EQ(output.name, "response");
        EXPECT_EQ(output.strict, true);
    }
}

TEST(AnthropicClientRequest, sets_a_mark_on_the_whole_at_its_end) {
    const auto read = read_anthropic(R"({"max_tokens":9,"cache_control":{"type":"ephemeral","ttl":"1h"},
        "messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"text","text":"b"},
        {"type":"thinking","thinking":"","signature":"s"}]}]})");
    ASSERT_TRUE(read);
    EXPECT_EQ(in_words(*read), "user[text a] assistant[text b !1h | thought signature=s of=anthropic]");
}

struct Fault {
    const char* members;
    ProblemKind kind;
    const char* param;
};

TEST(AnthropicClientRequest, names_the_field_at_fault) {
    constexpr auto type = ProblemKind::invalid_type;
    constexpr auto value = ProblemKind::invalid_value;
    constexpr auto missing = ProblemKind::missing_parameter;
    constexpr auto unsupported = ProblemKind::unsupported_parameter;
    const Fault faults[] = {
        {R"("system":7)", type, "system"},
        {R"("system":[{"type":"image"}])", value, "system[0].type"},
        {R"("max_tokens":-1)", value, "max_tokens"},
        {R"("temperature":1.5)", value, "temperature"},
        {R"("top_k":0.5)", value, "top_k"},
        {R"("stop_sequences":"x")", type, "stop_sequences"},
        {R"("stop_sequences":[1])", type, "stop_sequences[0]"},
        {R"("metadata":{"user_id":1})", type, "metadata.user_id"},
        {R"("service_tier":"gold")", value, "service_tier"},
        {R"("cache_control":{"ttl":"2h"})", value, "cache_control.ttl"},
        {R"("thinking":{"type":"deep"})", value, "thinking.type"},
        {R"("thinking":{})", missing, "thinking.type"},
        {R"("thinking":{"type":"enabled"})", missing, "thinking.budget_tokens"},
        {R"("thinking":{"type":"enabled","budget_tokens":1023})", value, "thinking.budget_tokens"},
        {R"("output_config":{"effort":"none"})", value, "output_config.effort"},
        {R"("output_config":{"format":{"type":"json_schema"}})", missing, "output_config.format.schema"},
        {R"("tools":[{"type":"web_search_20250305","name":"web_search"}])", unsupported, "tools[0]"},
        {R"("tools":[{"input_schema":{}}])", missing, "tools[0].name"},
        {R"("tools":[{"name":"a b","input_schema":{}}])", value, "tools[0].name"},
        {R"("tools":[{"name":"f"}])", missing, "tools[0].input_schema"},
        {R"("tools":[{"name":"f","input_schema":null}])", type, "tools[0].input_schema"},
        {R"("tools":[{"type":1,"name":"f","input_schema":{}}])", type, "tools[0].type"},
        {R"("tool_choice":{"type":"tool"})", missing, "tool_choice.name"},
        {R"("tool_choice":{"type":"tool","name":"f"})", value, "tool_choice"},
        {R"("tool_choice":"auto")", type, "tool_choice"},
        {R"("container":"c1")", unsupported, "container"},
        {R"("mcp_servers":[{}])", unsupported, "mcp_servers"},
        {R"("inference_geo":"us")", unsupported, "inference_geo"},
        {R"("thread":{"type":"create"})", unsupported, "thread"},
    };
    for (const auto& fault : faults) {
        const auto read = read_with(fault.members);
        ASSERT_FALSE(read) << fault.members;
        EXPECT_EQ(read.problem().kind(), fault.kind) << read.problem().message();
        EXPECT_EQ(read.problem().param(), fault.param) << read.problem().message();
    }
}

TEST(AnthropicClientRequest, names_the_block_at_fault) {
    const Fault faults[] = {
        {R"({"role":"user","content":[{"text":"x"}]})", ProblemKind::missing_parameter,
         "[0].content[0].type"},
        {R"({"role":"user","content":[{"type":7}]})", ProblemKind::invalid_type, "[0].content[0].type"},
        {R"({"role":"user","content":[{"type":"novelty"}]})", ProblemKind::invalid_value,
         "[0].content[0].type"},
        {R"({"role":"user","content":[{"type":"text"}]})", ProblemKind::missing_parameter,
         "[0].content[0].text"},
        {R"({"role":"user","content":[{"type":"text","text":1}]})", ProblemKind::invalid_type,
         "[0].content[0].text"},
        {R"({"role":"user","content":[{"type":"thinking","thinking":"","signature":""}]})",
         ProblemKind::invalid_value, "[0].content[0].type"},
        {R"({"role":"system","content":[{"type":"image"}]})", ProblemKind::invalid_value,
         "[0].content[0].type"},
        {R"({"role":"user","content":[{"type":"image"}]})", ProblemKind::missing_parameter,
         "[0].content[0].source"},
        {R"({"role":"user","content":[{"type":"image","source":{"type":"text","data":"x"}}]})",
         ProblemKind::invalid_value, "[0].content[0].source.type"},
        {R"({"role":"user","content":[{"type":"image","source":{"type":"base64","data":"x"}}]})",
         ProblemKind::missing_parameter, "[0].content[0].source.media_type"},
        {R"({"role":"user","content":[{"type":"image","source":{"type":"url","url":""}}]})",
         ProblemKind::invalid_value, "[0].content[0].source.url"},
        {R"({"role":"user","content":[{"type":"document","source":{"type":"content","content":[
             {"type":"document"}]}}]})",
         ProblemKind::invalid_value, "[0].content[0].source.content[0].type"},
        {R"({"role":"user","content":[{"type":"tool_result"}]})", ProblemKind::missing_parameter,
         "[0].content[0].tool_use_id"},
        {R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[
             {"type":"tool_reference"}]}]})",
         ProblemKind::unsupported_parameter, "[0].content[0].content[0]"},
        {R"({"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":"{}"}]})",
         ProblemKind::invalid_type, "[0].content[0].input"},
        {R"({"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f"}]})",
         ProblemKind::missing_parameter, "[0].content[0].input"},
        {R"({"role":"assistant","content":[{"type":"server_tool_use","id":"t","name":"f","input":{}}]})",
         ProblemKind::unsupported_parameter, "[0].content[0]"},
        {R"({"role":"assistant","content":[{"type":"web_search_tool_result","content":[{"type":"x"}]}]})",
         ProblemKind::unsupported_parameter, "[0].content[0]"},
        {R"({"role":"assistant","content":[{"type":"thinking","thinking":"x"}]})",
         ProblemKind::missing_parameter, "[0].content[0].signature"},
        {R"({"role":"bot","content":[{"type":"novelty"}]})", ProblemKind::invalid_value, "[0].role"},
        {R"({"role":"user"})", ProblemKind::missing_parameter, "[0].content"},
    };
    for (const auto& fault : faults) {
        const auto read =
            read_anthropic(R"({"max_tokens":9,"messages":[)" + std::string(fault.members) + "]}");
        ASSERT_FALSE(read) << fault.members;
        EXPECT_EQ(read.problem().kind(), fault.kind) << read.problem().message();
        EXPECT_EQ(read.problem().param(), "messages" + std::string(fault.param)) << read.problem().message();
    }
}

}  // namespace
}  // namespace gatehouse::dialect

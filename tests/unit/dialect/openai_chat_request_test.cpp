#include "dialect/translation_parts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace gatehouse::dialect {
namespace {

using chat::CacheLifetime;
using chat::Conversation;
using chat::Effort;
using chat::MediaKind;
using chat::OutputKind;
using chat::Role;
using chat::ToolChoiceKind;

constexpr std::string_view hello = R"("messages":[{"role":"user","content":"hi"}])";

/// A request with these members beside a message.
Result<Conversation> read_with(std::string_view members) {
    std::string body = R"({"model":"m",)";
    body.append(hello).append(",").append(members).append("}");
    return read_openai_chat(body);
}

Result<Conversation> read_messages(std::string_view messages) {
    std::string body = R"({"model":"m","messages":[)";
    body.append(messages).append("]}");
    return read_openai_chat(body);
}

Conversation good(Result<Conversation> read) {
    if (!read) {
        ADD_FAILURE() << read.problem().message();
        return {};
    }
    return std::move(*read);
}

Conversation with(std::string_view members) {
    return good(read_with(members));
}

/// The one message that was read.
chat::Message message(std::string_view text) {
    auto conversation = good(read_messages(text));
    if (conversation.messages.size() != 1) {
        ADD_FAILURE() << conversation.messages.size() << " messages";
        return {};
    }
    return std::move(conversation.messages.front());
}

template <class What>
const What& part(const chat::Message& message, std::size_t index = 0) {
    static const What none{};
    const auto* what = index < message.parts.size() ? std::get_if<What>(&message.parts[index].what) : nullptr;
    EXPECT_NE(what, nullptr) << "part " << index << " of " << message.parts.size();
    return what == nullptr ? none : *what;
}

std::string others(const Conversation& conversation) {
    std::string out;
    for (const auto& other : conversation.others) {
        out += other.name + "=" + other.value + " ";
    }
    return out;
}

void expect_fault(const Result<Conversation>& read, ProblemKind kind, std::string_view param) {
    ASSERT_FALSE(read) << param;
    EXPECT_EQ(read.problem().kind(), kind) << read.problem().message();
    EXPECT_EQ(read.problem().param(), param) << read.problem().message();
    EXPECT_NE(read.problem().message().find(param), std::string::npos) << read.problem().message();
}

TEST(OpenaiChatRequest, reads_limits_and_sampling) {
    const auto said =
        with(R"("max_completion_tokens":7,"max_tokens":9,"temperature":0.5,"top_p":0.25,"top_k":40,
                "seed":-3,"presence_penalty":-1.5,"frequency_penalty":2,"n":3,"logprobs":true,
                "top_logprobs":20,"stop":["a","","b"],"parallel_tool_calls":false,"service_tier":"flex")");
    EXPECT_EQ(said.max_tokens, 7);
    EXPECT_EQ(said.temperature, 0.5);
    EXPECT_EQ(said.top_p, 0.25);
    EXPECT_EQ(said.top_k, 40);
    EXPECT_EQ(said.seed, -3);
    EXPECT_EQ(said.presence_penalty, -1.5);
    EXPECT_EQ(said.frequency_penalty, 2);
    EXPECT_EQ(said.choices, 3);
    EXPECT_TRUE(said.logprobs);
    EXPECT_EQ(said.top_logprobs, 20);
    EXPECT_EQ(said.stop, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(said.parallel_tool_calls, false);
    EXPECT_EQ(said.service_tier, "flex");
    EXPECT_EQ(others(said), "");
}

TEST(OpenaiChatRequest, takes_null_for_unsaid_everywhere) {
    const auto said =
        with(R"("max_completion_tokens":null,"max_tokens":9,"temperature":null,"top_p":null,"top_k":null,
                "seed":null,"presence_penalty":null,"frequency_penalty":null,"n":null,"logprobs":null,
                "top_logprobs":null,"stop":null,"parallel_tool_calls":null,"service_tier":null,"user":null,
                "safety_identifier":null,"tools":null,"tool_choice":null,"functions":null,
                "function_call":null,"response_format":null,"reasoning_effort":null,"reasoning":null,
                "include_reasoning":null,"modalities":null,"verbosity":null,"web_search_options":null,
                "audio":null,"prediction":null,"logit_bias":null,"metadata":null,"unheard_of":null)");
    EXPECT_EQ(said.max_tokens, 9) << "the old name counts when the new one says nothing";
    EXPECT_FALSE(said.temperature || said.top_p || said.top_k || said.seed || said.presence_penalty ||
                 said.frequency_penalty || said.top_logprobs || said.parallel_tool_calls);
    EXPECT_EQ(said.choices, 1);
    EXPECT_FALSE(said.logprobs);
    EXPECT_TRUE(said.stop.empty());
    EXPECT_TRUE(said.tools.empty());
    EXPECT_EQ(said.tool_choice.kind, ToolChoiceKind::unsaid);
    EXPECT_EQ(said.output.kind, OutputKind::text);
    EXPECT_EQ(said.reasoning.effort, Effort::unsaid);
    EXPECT_FALSE(said.reasoning.show_text);
    EXPECT_EQ(others(said), "");
}

TEST(OpenaiChatRequest, keeps_what_has_no_neutral_form_as_it_was_written) {
    const auto said = with(
        R"("logit_bias":{"50256" : -100},"metadata":{"b":"1","a":"2"},"prediction":{"type":"content","content":"x"},
           "prompt_cache_key":"k","modalities":["text","audio"],"audio":{"format":"wav","voice":"v"},
           "verbosity":"low","web_search_options":{},"safety_settings":[1],"moderation":{"model":"m"})");
    EXPECT_EQ(others(said),
              R"(logit_bias={"50256" : -100} metadata={"b":"1","a":"2"} )"
              R"(prediction={"type":"content","content":"x"} prompt_cache_key="k" )"
              R"(modalities=["text","audio"] audio={"format":"wav","voice":"v"} verbosity="low" )"
              R"(web_search_options={} safety_settings=[1] moderation={"model":"m"} )");
}

TEST(OpenaiChatRequest, shows_names_that_fit_a_header) {
    EXPECT_EQ(others(with(R"("a\r\nset-cookie: b":1,"ä":2,"":3)")), "a__set-cookie__b=1 __=2 _=3 ");
    EXPECT_EQ(others(with("\"" + std::string(100, 'x') + "\":1")), std::string(64, 'x') + "=1 ");
}

TEST(OpenaiChatRequest, passes_over_what_means_nothing) {
    const auto said =
        with(R"("stream":true,"stream_options":{"include_usage":true},"store":true,"logit_bias":{},
                "metadata":{ },"prompt_cache_key":"","modalities":["text"],"verbosity":"medium","stop":"",
                "tools":[],"top_k":-1)");
    EXPECT_EQ(others(said), "");
    EXPECT_TRUE(said.stop.empty());
    EXPECT_TRUE(said.tools.empty());
    EXPECT_FALSE(said.top_k);
}

TEST(OpenaiChatRequest, reads_who_asks) {
    EXPECT_EQ(with(R"("user":"u")").end_user, "u");
    EXPECT_EQ(with(R"("safety_identifier":"s","user":"u")").end_user, "s");
    EXPECT_EQ(with(R"("user":"u","safety_identifier":"s")").end_user, "s");
}

TEST(OpenaiChatRequest, reads_the_wish_for_reasoning) {
    struct Case {
        std::string_view members;
        Effort effort;
        std::optional<std::int64_t> budget;
        bool show;
    };
    for (const auto& [members, effort, budget, show] : {
             Case{R"("reasoning_effort":"xhigh")", Effort::xhigh, std::nullopt, false},
             Case{R"("reasoning_effort":"none")", Effort::none, std::nullopt, false},
             Case{R"("include_reasoning":true)", Effort::unsaid, std::nullopt, true},
             Case{R"("reasoning":{})", Effort::unsaid, std::nullopt, true},
             Case{R"("reasoning":{"effort":"low","summary":"auto"})", Effort::low, std::nullopt, true},
             Case{R"("reasoning":{"max_tokens":2000,"exclude":true})", Effort::unsaid, 2000, false},
             Case{R"("reasoning":{"enabled":true})", Effort::medium, std::nullopt, true},
             Case{R"("reasoning":{"enabled":false})", Effort::none, std::nullopt, true},
             Case{R"("reasoning":{"enabled":true,"max_tokens":5})", Effort::unsaid, 5, true},
             Case{R"("reasoning":{"effort":"low"},"reasoning_effort":"high")", Effort::high, std::nullopt,
                  true},
             Case{R"("include_reasoning":false,"reasoning":{"effort":"low"})", Effort::low, std::nullopt,
                  false},
         }) {
        const auto said = with(members);
        EXPECT_EQ(said.reasoning.effort, effort) << members;
        EXPECT_EQ(said.reasoning.budget, budget) << members;
        EXPECT_EQ(said.reasoning.show_text, show) << members;
        EXPECT_EQ(others(said), "") << members;
    }
    EXPECT_EQ(others(with(R"("reasoning":{"magic":[1]})")), "reasoning.magic=[1] ");
}

TEST(OpenaiChatRequest, reads_the_form_of_the_answer) {
    EXPECT_EQ(with(R"("response_format":{"type":"text"})").output.kind, OutputKind::text);
    EXPECT_EQ(with(R"("response_format":{"type":"json_object"})").output.kind, OutputKind::json_object);
    const auto output = with(R"("response_format":{"json_schema":{"name":"n","description":"d","strict":true,
                "schema":{"type" : "object","b":1,"a":2}},"type":"json_schema"})")
                            .output;
    EXPECT_EQ(output.kind, OutputKind::json_schema);
    EXPECT_EQ(output.name, "n");
    EXPECT_EQ(output.description, "d");
    EXPECT_EQ(output.schema, R"({"type" : "object","b":1,"a":2})");
    EXPECT_EQ(output.strict, true);
    EXPECT_EQ(with(R"("response_format":{"type":"text","json_schema":{"name":"n"}})").output.name, "");
}

TEST(OpenaiChatRequest, reads_tools) {
    const auto said = with(
        R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"b":1,"a":2},
           "strict":false},"cache_control":{"type":"ephemeral","ttl":"1h"}},
           {"function":{"name":"g-2","parameters":null,"strict":null,"cache_control":{"type":"ephemeral"}},
           "type":"function"},
           {"type":"custom","custom":{"name":"c","format":{"type":"grammar"}}}])");
    ASSERT_EQ(said.tools.size(), 3U);
    EXPECT_EQ(said.tools[0].name, "f");
    EXPECT_EQ(said.tools[0].description, "d");
    EXPECT_EQ(said.tools[0].schema, R"({"b":1,"a":2})");
    EXPECT_EQ(said.tools[0].strict, false);
    EXPECT_EQ(said.tools[0].cache, CacheLifetime::one_hour);
    EXPECT_FALSE(said.tools[0].custom);
    EXPECT_EQ(said.tools[1].name, "g-2");
    EXPECT_EQ(said.tools[1].schema, "");
    EXPECT_FALSE(said.tools[1].strict);
    EXPECT_EQ(said.tools[1].cache, CacheLifetime::five_minutes);
    EXPECT_TRUE(said.tools[2].custom);
    EXPECT_EQ(said.tools[2].schema, R"({"type":"grammar"})");
    EXPECT_FALSE(said.tools[2].cache);
}

TEST(OpenaiChatRequest, reads_the_choice_of_a_tool) {
    const std::string tools =
        R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"c"}}],)";
    struct Case {
        std::string_view choice;
        ToolChoiceKind kind;
        std::vector<std::string> names;
        bool must_call;
    };
    for (const auto& [choice, kind, names, must_call] : {
             Case{R"("none")", ToolChoiceKind::none, {}, false},
             Case{R"("auto")", ToolChoiceKind::automatic, {}, false},
             Case{R"("required")", ToolChoiceKind::required, {}, false},
             Case{R"({"type":"function","function":{"name":"f"}})", ToolChoiceKind::named, {"f"}, false},
             Case{R"({"custom":{"name":"c"},"type":"custom"})", ToolChoiceKind::named, {"c"}, false},
             Case{R"({"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[
                     {"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"c"}}]}})",
                  ToolChoiceKind::allowed,
                  {"f", "c"},
                  false},
             Case{R"({"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[
                     {"type":"function","function":{"name":"f"}}]}})",
                  ToolChoiceKind::allowed,
                  {"f"},
                  true},
         }) {
        const auto said = with(tools + R"("tool_choice":)" + std::string(choice));
        EXPECT_EQ(said.tool_choice.kind, kind) << choice;
        EXPECT_EQ(said.tool_choice.names, names) << choice;
        EXPECT_EQ(said.tool_choice.must_call, must_call) << choice;
    }
}

TEST(OpenaiChatRequest, reads_functions_as_tools) {
    const std::string functions = R"("functions":[{"name":"f","parameters":{"a":1}}],)";
    const auto said = with(functions + R"("function_call":{"name":"f"})");
    ASSERT_EQ(said.tools.size(), 1U);
    EXPECT_EQ(said.tools[0].name, "f");
    EXPECT_EQ(said.tools[0].schema, R"({"a":1})");
    EXPECT_EQ(said.tool_choice.kind, ToolChoiceKind::named);
    EXPECT_EQ(said.tool_choice.names, std::vector<std::string>{"f"});
    EXPECT_EQ(with(functions + R"("function_call":"none")").tool_choice.kind, ToolChoiceKind::none);
    EXPECT_EQ(with(functions + R"("function_call":"none","tool_choice":"auto")").tool_choice.kind,
              ToolChoiceKind::automatic);
}

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

TEST(OpenaiChatRequest, refuses_fields_of_the_wrong_type) {
    for (const auto& [members, param] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {R"("temperature":"1")", "temperature"},
             {R"("top_p":[])", "top_p"},
             {R"("max_tokens":"5")", "max_tokens"},
             {R"("max_completion_tokens":true)", "max_completion_tokens"},
             {R"("seed":{})", "seed"},
             {R"("n":"1")", "n"},
             {R"("logprobs":1)", "logprobs"},
             {R"("parallel_tool_calls":"yes")", "parallel_tool_calls"},
             {R"("stop":1)", "stop"},
             {R"("stop":["a",1])", "stop[1]"},
             {R"("user":1)", "user"},
             {R"("service_tier":1)", "service_tier"},
             {R"("reasoning_effort":1)", "reasoning_effort"},
             {R"("reasoning":"high")", "reasoning"},
             {R"("reasoning":{"max_tokens":"1"})", "reasoning.max_tokens"},
             {R"("include_reasoning":1)", "include_reasoning"},
             {R"("modalities":"text")", "modalities"},
             {R"("web_search_options":1)", "web_search_options"},
             {R"("response_format":"json")", "response_format"},
             {R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":1}})",
              "response_format.json_schema.schema"},
             {R"("tools":{})", "tools"},
             {R"("tools":[1])", "tools[0]"},
             {R"("tools":[{"type":"function","function":1}])", "tools[0].function"},
             {R"("tools":[{"type":"function","function":{"name":1}}])", "tools[0].function.name"},
             {R"("tools":[{"type":"function","function":{"name":"f","parameters":"{}"}}])",
              "tools[0].function.parameters"},
             {R"("tools":[{"type":"function","function":{"name":"f","strict":1}}])",
              "tools[0].function.strict"},
             {R"("tool_choice":1)", "tool_choice"},
             {R"("tool_choice":{"type":"function","function":{"name":1}})", "tool_choice.function.name"},
             {R"("functions":[1])", "functions[0]"},
             {R"("function_call":1)", "function_call"},
         }) {
        expect_fault(read_with(members), ProblemKind::invalid_type, param);
    }
}

TEST(OpenaiChatRequest, refuses_values_that_the_dialect_does_not_have) {
    for (const auto& [members, param] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {R"("temperature":2.1)", "temperature"},
             {R"("temperature":-0.1)", "temperature"},
             {R"("top_p":1.5)", "top_p"},
             {R"("presence_penalty":-3)", "presence_penalty"},
             {R"("frequency_penalty":3)", "frequency_penalty"},
             {R"("max_tokens":0)", "max_tokens"},
             {R"("max_tokens":1.5)", "max_tokens"},
             {R"("seed":99999999999999999999)", "seed"},
             {R"("n":0)", "n"},
             {R"("n":129)", "n"},
             {R"("top_logprobs":21)", "top_logprobs"},
             {R"("reasoning_effort":"extreme")", "reasoning_effort"},
             {R"("verbosity":"loud")", "verbosity"},
             {R"("modalities":["smell"])", "modalities[0]"},
             {R"("response_format":{"type":"xml"})", "response_format.type"},
             {R"("tools":[{"type":"web_search"}])", "tools[0].type"},
             {R"("tools":[{"type":"function","function":{"name":"a b"}}])", "tools[0].function.name"},
             {R"("tools":[{"type":"function","function":{"name":""}}])", "tools[0].function.name"},
             {R"("tools":[{"type":"function","function":{"name":"f"},"cache_control":{"ttl":"2h"}}])",
              "tools[0].cache_control.ttl"},
             {R"("tool_choice":"any")", "tool_choice"},
             {R"("tool_choice":"required")", "tool_choice"},
             {R"("tool_choice":{"type":"mcp"})", "tool_choice.type"},
             {R"("tool_choice":{"type":"function","function":{"name":"f"}})", "tool_choice"},
             {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}})",
              "tool_choice"},
             {R"("function_call":{"name":"f"})", "tool_choice"},
         }) {
        expect_fault(read_with(members), ProblemKind::invalid_value, param);
    }
    const std::string long_name(65, 'a');
    expect_fault(read_with(R"("tools":[{"type":"function","function":{"name":")" + long_name + R"("}}])"),
                 ProblemKind::invalid_value, "tools[0].function.name");
}

TEST(OpenaiChatRequest, names_what_is_missing) {
    expect_fault(read_openai_chat(R"({"model":"m"})"), ProblemKind::missing_parameter, "messages");
    for (const auto& [members, param] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {R"("response_format":{})", "response_format.type"},
             {R"("response_format":{"type":"json_schema"})", "response_format.json_schema"},
             {R"("response_format":{"type":"json_schema","json_schema":{}})",
              "response_format.json_schema.name"},
             {R"("tools":[{"function":{"name":"f"}}])", "tools[0].type"},
             {R"("tools":[{"type":"function"}])", "tools[0].function"},
             {R"("tools":[{"type":"custom","custom":{}}])", "tools[0].custom.name"},
             {R"("tool_choice":{})", "tool_choice.type"},
             {R"("tool_choice":{"type":"function"})", "tool_choice.function"},
             {R"("tool_choice":{"type":"function","function":{}})", "tool_choice.function.name"},
             {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{}})",
              "tool_choice.allowed_tools.tools"},
             {R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"tools":[{}]}})",
              "tool_choice.allowed_tools.tools[0].function"},
             {R"("functions":[{}])", "functions[0].name"},
         }) {
        expect_fault(read_with(members), ProblemKind::missing_parameter, param);
    }
}

TEST(OpenaiChatRequest, refuses_messages_with_their_path) {
    using enum ProblemKind;
    struct Case {
        std::string_view messages;
        ProblemKind kind;
        std::string_view param;
    };
    for (
        const auto& [messages, kind, param] : {
            Case{R"(1)", invalid_type, "messages[0]"},
            Case{R"({"content":"x"})", missing_parameter, "messages[0].role"},
            Case{R"({"role":"robot","content":"x"})", invalid_value, "messages[0].role"},
            Case{R"({"role":"user"})", missing_parameter, "messages[0].content"},
            Case{R"({"role":"system","content":null})", missing_parameter, "messages[0].content"},
            Case{R"({"role":"user","content":1})", invalid_type, "messages[0].content"},
            Case{R"({"role":"user","content":"x","name":1})", invalid_type, "messages[0].name"},
            Case{R"({"role":"user","content":"x"},{"role":"tool","content":"x"})", missing_parameter,
                 "messages[1].tool_call_id"},
            Case{R"({"role":"function","content":"x"})", missing_parameter, "messages[0].name"},
            Case{R"({"role":"assistant","tool_calls":[{"id":"c","type":"mcp"}]})", invalid_value,
                 "messages[0].tool_calls[0].type"},
            Case{
                R"({"role":"assistant","tool_calls":[{"type":"function","function":{"name":"f","arguments":""}}]})",
                missing_parameter, "messages[0].tool_calls[0].id"},
            Case{R"({"role":"assistant","tool_calls":[{"id":"c","type":"function"}]})", missing_parameter,
                 "messages[0].tool_calls[0].function"},
            Case{
                R"({"role":"assistant","tool_calls":[{"id":"c","type":"custom","function":{"name":"f","arguments":""}}]})",
                missing_parameter, "messages[0].tool_calls[0].custom"},
            Case{R"({"role":"assistant","tool_calls":[{"id":"c","function":{"name":"f","arguments":{}}}]})",
                 invalid_type, "messages[0].tool_calls[0].function.arguments"},
            Case{R"({"role":"assistant","tool_calls":[{"id":"c","function":{"arguments":"{}"}}]})",
                 missing_parameter, "messages[0].tool_calls[0].function.name"},
            Case{R"({"role":"assistant","function_call":{"name":"f"}})", missing_parameter,
                 "messages[0].function_call.arguments"},
        }) {
        expect_fault(read_messages(messages), kind, param);
    }
    expect_fault(read_messages(""), invalid_value, "messages");
}

TEST(OpenaiChatRequest, refuses_parts_with_their_path) {
    using enum ProblemKind;
    struct Case {
        std::string_view part;
        ProblemKind kind;
        std::string_view path;  // below the part
    };
    for (const auto& [part, kind, path] : {
             Case{R"(1)", invalid_type, ""},
             Case{R"({"text":"x"})", missing_parameter, ".type"},
             Case{R"({"type":1})", invalid_type, ".type"},
             Case{R"({"type":"tool_use","id":"x"})", invalid_value, ".type"},
             Case{R"({"type":"text"})", missing_parameter, ".text"},
             Case{R"({"type":"text","text":1})", invalid_type, ".text"},
             Case{R"({"type":"image_url"})", missing_parameter, ".image_url"},
             Case{R"({"type":"image_url","image_url":"https://x"})", invalid_type, ".image_url"},
             Case{R"({"type":"image_url","image_url":{}})", missing_parameter, ".image_url.url"},
             Case{R"({"type":"image_url","image_url":{"url":"file:///x"}})", invalid_value, ".image_url.url"},
             Case{R"({"type":"image_url","image_url":{"url":"data:image/png,abc"}})", invalid_value,
                  ".image_url.url"},
             Case{R"({"type":"image_url","image_url":{"url":"data:image/png;base64,"}})", invalid_value,
                  ".image_url.url"},
             Case{R"({"type":"image_url","image_url":{"url":"data:,"}})", invalid_value, ".image_url.url"},
             Case{R"({"type":"image_url","image_url":{"url":"https://x","detail":"max"}})", invalid_value,
                  ".image_url.detail"},
             Case{R"({"type":"input_audio","input_audio":{"format":"wav"}})", missing_parameter,
                  ".input_audio.data"},
             Case{R"({"type":"input_audio","input_audio":{"data":"QUJD"}})", missing_parameter,
                  ".input_audio.format"},
             Case{R"({"type":"input_audio","input_audio":{"data":"QUJD","format":"a/b"}})", invalid_value,
                  ".input_audio.format"},
             Case{R"({"type":"file","file":{}})", missing_parameter, ".file.file_data"},
             Case{R"({"type":"file","file":{"file_data":"QUJD"}})", invalid_value, ".file.file_data"},
             Case{R"({"type":"file","file":{"file_data":"data:text/plain;base64,%%"}})", invalid_value,
                  ".file.file_data"},
             Case{R"({"type":"refusal","refusal":"no"})", invalid_value, ".type"},
             Case{R"({"type":"text","text":"x","cache_control":"ephemeral"})", invalid_type,
                  ".cache_control"},
             Case{R"({"type":"text","text":"x","prompt_cache_breakpoint":{"ttl":"1y"}})", invalid_value,
                  ".prompt_cache_breakpoint.ttl"},
         }) {
        expect_fault(read_messages(R"({"role":"system","content":"s"},
                                      {"role":"user","content":[{"type":"text","text":"a"},)" +
                                   std::string(part) + "]}"),
                     kind, "messages[1].content[1]" + std::string(path));
    }
}

TEST(OpenaiChatRequest, refuses_parts_where_the_role_has_none) {
    const std::string image = R"([{"type":"image_url","image_url":{"url":"https://x/y"}}])";
    const std::string audio = R"([{"type":"input_audio","input_audio":{"data":"QUJD","format":"wav"}}])";
    for (const auto& role : {R"({"role":"system",)", R"({"role":"developer",)", R"({"role":"assistant",)"}) {
        expect_fault(read_messages(role + (R"("content":)" + image) + "}"), ProblemKind::invalid_value,
                     "messages[0].content[0].type");
    }
    expect_fault(read_messages(R"({"role":"tool","tool_call_id":"c","content":)" + audio + "}"),
                 ProblemKind::invalid_value, "messages[0].content[0].type");
}

TEST(OpenaiChatRequest, says_the_first_fault_and_broken_json_before_it) {
    expect_fault(read_openai_chat(R"({"temperature":"x","top_p":"y","messages":[]})"),
                 ProblemKind::invalid_type, "temperature");
    for (const std::string_view body :
         {"", "{", R"({"temperature":"x",)", R"({"messages":[{"role":"user")"}) {
        const auto read = read_openai_chat(body);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.problem().kind(), ProblemKind::invalid_json) << body;
    }
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

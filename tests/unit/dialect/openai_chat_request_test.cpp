// Chat requests of clients: settings and tools.
#include "openai_chat_asked.hpp"

namespace gatehouse::dialect {
namespace {

using namespace test::openai_chat_asked;

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
        with(R"("stream":true,"stream_options":{"include_usage":true},"store":false,"logit_bias":{},
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

}  // namespace
}  // namespace gatehouse::dialect

// Requests for Anthropic, field by field (wire-formats 8.1, 15.2), lossy and strict.
#include "anthropic_asked.hpp"

namespace gatehouse::dialect {
namespace {

using namespace test::anthropic_asked;

TEST(AnthropicRequest, says_what_must_be_said_and_nothing_else) {
    const auto sent = send(asked());
    EXPECT_EQ(sent.body, parsed(R"({"model":"claude-x","max_tokens":8192,"messages":[)"
                                R"({"role":"user","content":[{"type":"text","text":"hi"}]}]})"));
    EXPECT_EQ(sent.fields, new_version);
    EXPECT_EQ(sent.dropped, Names{});
    EXPECT_EQ(send(asked(), {}, true).refused, "");
    EXPECT_EQ(send(asked(), {}, false, true).body["stream"], true);
}

TEST(AnthropicRequest, nothing_to_answer_is_refused) {
    EXPECT_EQ(send({}).refused, "messages");
}

// A field that is dropped, and refused in strict mode.
struct Dropped {
    const char* name;
    std::function<void(chat::Conversation&)> set;
};

TEST(AnthropicRequest, names_every_field_that_it_drops) {
    const std::vector<Dropped> fields{
        {"seed", [](auto& said) { said.seed = 7; }},
        {"presence_penalty", [](auto& said) { said.presence_penalty = 0.5; }},
        {"frequency_penalty", [](auto& said) { said.frequency_penalty = -1; }},
        {"temperature", [](auto& said) { said.temperature = 0.5; }},
        {"top_p", [](auto& said) { said.top_p = 0.5; }},
        {"top_k", [](auto& said) { said.top_k = 5; }},
        {"reasoning_effort", [](auto& said) { said.reasoning.effort = Effort::high; }},
        {"service_tier", [](auto& said) { said.service_tier = "flex"; }},
        {"stop", [](auto& said) { said.stop = {"\n"}; }},
        {"messages.name", [](auto& said) { said.messages[0].name = "bob"; }},
        {"response_format", [](auto& said) { said.output.kind = chat::OutputKind::json_object; }},
        {"logit_bias", [](auto& said) { said.others = {{"logit_bias", R"({"5":1})"}}; }},
        {"verbosity", [](auto& said) { said.others = {{"verbosity", "\"low\""}}; }},
    };
    for (const auto& field : fields) {
        auto said = asked();
        field.set(said);
        EXPECT_EQ(send(said).dropped, Names{field.name});
        EXPECT_EQ(send(said, {}, true).refused, field.name);
    }
}

TEST(AnthropicRequest, refuses_what_the_caller_relies_on) {
    const std::vector<Dropped> fields{
        {"n", [](auto& said) { said.choices = 2; }},
        {"logprobs", [](auto& said) { said.logprobs = true; }},
        {"top_logprobs", [](auto& said) { said.top_logprobs = 3; }},
        {"audio", [](auto& said) { said.others = {{"audio", "{}"}}; }},
        {"modalities", [](auto& said) { said.others = {{"modalities", R"(["text","audio"])"}}; }},
        {"web_search_options", [](auto& said) { said.others = {{"web_search_options", "{}"}}; }},
    };
    for (const auto& field : fields) {
        auto said = asked();
        field.set(said);
        EXPECT_EQ(send(said).refused, field.name);
    }
}

TEST(AnthropicRequest, harmless_defaults_are_no_loss) {
    auto said = asked();
    said.temperature = 1;
    said.top_p = 1;
    said.presence_penalty = said.frequency_penalty = 0;
    said.parallel_tool_calls = true;
    said.service_tier = "auto";
    said.top_logprobs = 0;
    const auto sent = send(said, {}, true);
    EXPECT_EQ(sent.refused, "");
    EXPECT_EQ(sent.body.size(), 3U);
}

TEST(AnthropicLimit, is_the_clients_the_default_or_the_models) {
    auto said = asked();
    chat::ModelFacts facts;
    facts.max_output = 4096;
    EXPECT_EQ(send(said, facts).body["max_tokens"], 4096);
    EXPECT_EQ(send(said, facts).dropped, Names{});
    EXPECT_EQ(send(said, bound_model()).body["max_tokens"], 32'000) << "room for thoughts";
    said.max_tokens = 100;
    EXPECT_EQ(send(said, facts).body["max_tokens"], 100);
    said.max_tokens = 5000;
    EXPECT_EQ(send(said, facts).body["max_tokens"], 4096);
    EXPECT_EQ(send(said, facts).dropped, Names{"max_completion_tokens"});
}

TEST(AnthropicSampling, chooses_the_old_version_only_when_it_is_sent) {
    auto said = asked();
    said.temperature = 0.25;
    const auto sent = send(said, budget_model());
    EXPECT_EQ(sent.body["temperature"], 0.25);
    EXPECT_EQ(sent.fields, old_version);
    EXPECT_EQ(send(said).fields, new_version);
    said.temperature = 1.5;
    EXPECT_EQ(send(said, budget_model()).fields, new_version);
    EXPECT_EQ(send(said, budget_model()).dropped, Names{"temperature"});
    said.temperature.reset();
    said.top_k = 5;
    EXPECT_EQ(send(said, budget_model()).body["top_k"], 5);
    EXPECT_EQ(send(said, budget_model()).fields, old_version);
}

TEST(AnthropicSampling, temperature_wins_over_top_p_where_only_one_may_be) {
    auto said = asked();
    said.temperature = 0;
    said.top_p = 0.5;
    auto facts = budget_model();
    EXPECT_FALSE(send(said, facts).body.contains("top_p"));
    EXPECT_EQ(send(said, facts).dropped, Names{"top_p"});
    facts.both_sampling = true;
    EXPECT_EQ(send(said, facts).body["top_p"], 0.5);
    said.temperature = 1;
    facts.both_sampling = false;
    EXPECT_EQ(send(said, facts).body["top_p"], 0.5);
}

TEST(AnthropicSampling, is_left_out_beside_thinking) {
    auto said = asked();
    said.temperature = 0.25;
    said.reasoning.effort = Effort::low;
    const auto sent = send(said, budget_model());
    EXPECT_FALSE(sent.body.contains("temperature"));
    EXPECT_EQ(sent.dropped, Names{"temperature"});
    EXPECT_EQ(sent.fields, new_version);
}

TEST(AnthropicFields, that_have_other_names_there) {
    auto said = asked();
    said.stop = {"END", " ", "STOP"};
    said.end_user = "user-7";
    said.service_tier = "default";
    const auto body = send(said).body;
    EXPECT_EQ(body["stop_sequences"], parsed(R"(["END","STOP"])"));
    EXPECT_EQ(body["metadata"], parsed(R"({"user_id":"user-7"})"));
    EXPECT_EQ(body["service_tier"], "standard_only");
    said.service_tier = "priority";
    EXPECT_EQ(send(said).body["service_tier"], "auto");
}

TEST(AnthropicFields, personal_data_is_hashed) {
    auto said = asked();
    for (const auto& user :
         {std::string("a@example.org"), std::string("+49 (30) 123 456"), std::string(257, 'x')}) {
        said.end_user = user;
        const auto id = send(said).body["metadata"]["user_id"].text();
        EXPECT_EQ(id.size(), 64U) << user;
        EXPECT_EQ(id.find('@'), std::string::npos);
    }
}

TEST(AnthropicThinking, follows_the_effort_where_the_model_has_efforts) {
    auto said = asked();
    EXPECT_FALSE(send(said, effort_model()).body.contains("thinking"));
    said.reasoning.effort = Effort::high;
    auto sent = send(said, effort_model());
    EXPECT_EQ(sent.body["output_config"], parsed(R"({"effort":"high"})"));
    EXPECT_EQ(sent.body["thinking"], parsed(R"({"type":"adaptive"})"));
    EXPECT_EQ(sent.dropped, Names{});
    said.reasoning.effort = Effort::xhigh;
    sent = send(said, effort_model());
    EXPECT_EQ(sent.body["output_config"]["effort"], "high") << "down to what the model has";
    EXPECT_EQ(sent.dropped, Names{"reasoning_effort"});
    said.reasoning.effort = Effort::minimal;
    EXPECT_EQ(send(said, effort_model()).body["output_config"]["effort"], "low");
    said.reasoning.effort = Effort::max;
    EXPECT_EQ(send(said, effort_model()).body["output_config"]["effort"], "max");
    said.reasoning.effort = Effort::medium;
    EXPECT_FALSE(send(said, bound_model()).body.contains("thinking")) << "it thinks anyway";
}

TEST(AnthropicThinking, is_switched_off_as_far_as_that_goes) {
    auto said = asked();
    said.reasoning.effort = Effort::none;
    auto sent = send(said, effort_model());
    EXPECT_EQ(sent.body["thinking"], parsed(R"({"type":"disabled"})"));
    EXPECT_EQ(sent.dropped, Names{});
    sent = send(said, bound_model());
    EXPECT_FALSE(sent.body.contains("thinking"));
    EXPECT_EQ(sent.body["output_config"]["effort"], "low");
    EXPECT_EQ(sent.dropped, Names{"reasoning_effort"});
    auto facts = bound_model();
    facts.thinking.between_tools = true;
    sent = send(said, facts);
    EXPECT_EQ(sent.body["thinking"], parsed(R"({"type":"between_tools"})"));
    EXPECT_EQ(sent.body["output_config"]["effort"], "low");
    EXPECT_FALSE(send(said, budget_model()).body.contains("thinking"));
    EXPECT_EQ(send(said, budget_model()).dropped, Names{});
    EXPECT_EQ(send(said).dropped, Names{}) << "nobody knows that it thinks";
}

TEST(AnthropicThinking, gets_a_budget_that_leaves_room_in_the_limit) {
    auto said = asked();
    said.reasoning.effort = Effort::medium;
    auto body = send(said, budget_model()).body;
    EXPECT_EQ(body["thinking"], parsed(R"({"type":"enabled","budget_tokens":19200})"));
    EXPECT_EQ(body["max_tokens"], 19'200 + 8192);
    said.max_tokens = 30'000;
    EXPECT_EQ(send(said, budget_model()).body["thinking"]["budget_tokens"], 19'200);
    said.max_tokens = 4000;
    EXPECT_EQ(send(said, budget_model()).body["thinking"]["budget_tokens"], 2000);
    said.max_tokens = 1500;
    EXPECT_EQ(send(said, budget_model()).body["thinking"]["budget_tokens"], 1024);
    said.max_tokens = 1024;
    EXPECT_FALSE(send(said, budget_model()).body.contains("thinking"));
    EXPECT_EQ(send(said, budget_model()).dropped, Names{"reasoning_effort"});
    said.max_tokens.reset();
    said.reasoning.effort = Effort::max;
    body = send(said, budget_model()).body;
    EXPECT_EQ(body["thinking"]["budget_tokens"], 57'600);
    EXPECT_EQ(body["max_tokens"], 64'000);
    said.reasoning = {Effort::unsaid, 5000, false};
    EXPECT_EQ(send(said, budget_model()).body["thinking"]["budget_tokens"], 5000);
}

TEST(AnthropicThinking, a_budget_becomes_an_effort_where_there_are_no_budgets) {
    auto said = asked();
    said.max_tokens = 10'000;
    for (const auto& [budget, effort] : std::vector<std::pair<std::int64_t, const char*>>{
             {1500, "low"}, {4000, "medium"}, {7000, "high"}, {9000, "high"}}) {
        said.reasoning.budget = budget;
        EXPECT_EQ(send(said, effort_model()).body["output_config"]["effort"], effort) << budget;
    }
}

TEST(AnthropicThinking, is_shown_when_the_client_wants_to_see_it) {
    auto said = asked();
    said.reasoning.show_text = true;
    EXPECT_EQ(send(said, bound_model()).body["thinking"],
              parsed(R"({"type":"adaptive","display":"summarized"})"));
    EXPECT_FALSE(send(said, effort_model()).body.contains("thinking"))
        << "it does not think, nor was asked to";
    said.reasoning.effort = Effort::low;
    EXPECT_EQ(send(said, budget_model()).body["thinking"]["display"], "summarized");
}

}  // namespace
}  // namespace gatehouse::dialect

// How a conversation is written for Gemini: each field, for models of each generation, lossy and strict.
#include "gemini_asked.hpp"

namespace gatehouse::dialect {
namespace {

using namespace test::gemini_asked;

TEST(GeminiGeneration, maps_what_the_model_takes) {
    auto said = hello();
    said.max_tokens = 100;
    said.temperature = 0.5;
    said.top_p = 0.9;
    said.top_k = 40;
    said.choices = 2;
    said.stop = {"a", "", "b"};
    said.presence_penalty = 0.5;
    said.frequency_penalty = -1;
    said.seed = 7;
    said.service_tier = "fast";
    const auto json = body(said, gemini_3());
    EXPECT_EQ(json["generationConfig"].dump(),
              R"({"maxOutputTokens":100,"temperature":0.5,"topP":0.9,"topK":40,"candidateCount":2,"seed":7,)"
              R"("stopSequences":["a","b"],"presencePenalty":0.5,"frequencyPenalty":-1})");
    EXPECT_EQ(json["serviceTier"], "priority");
    EXPECT_THAT(dropped(said, gemini_3()), IsEmpty());
}

TEST(GeminiGeneration, names_what_the_model_does_not_take) {
    auto said = hello();
    said.temperature = 0.5;
    said.top_p = 0.9;
    said.top_k = 40;
    said.presence_penalty = 0.5;
    said.frequency_penalty = -1;
    said.service_tier = "scale";
    said.end_user = "u";
    said.tools = {tool("f")};
    said.parallel_tool_calls = false;
    said.messages[0].name = "Ann";
    said.messages[0].parts[0].cache = chat::CacheLifetime::one_hour;
    said.others = {{"logit_bias", R"({"1":2})"}, {"verbosity", "\"low\""}, {"metadata", R"({"a":"b"})"}};
    EXPECT_THAT(dropped(said),
                ElementsAre("cache_control", "frequency_penalty", "logit_bias", "messages.name", "metadata",
                            "parallel_tool_calls", "presence_penalty", "service_tier", "temperature", "top_k",
                            "top_p", "user", "verbosity"));
    EXPECT_EQ(body(said)["generationConfig"].dump(), "{}");
}

TEST(GeminiGeneration, is_silent_about_defaults) {
    auto said = hello();
    said.temperature = 1;
    said.top_p = 1;
    said.presence_penalty = 0;
    said.frequency_penalty = 0;
    said.service_tier = "default";
    said.parallel_tool_calls = true;
    said.top_logprobs = 3;
    EXPECT_THAT(dropped(said), IsEmpty());
    EXPECT_EQ(body(said)["generationConfig"].dump(), "{}");
}

TEST(GeminiGeneration, refuses_what_the_caller_relies_on) {
    auto several = hello();
    several.choices = 2;
    EXPECT_EQ(refused(several), "n");
    auto logprobs = hello();
    logprobs.logprobs = true;
    EXPECT_EQ(refused(logprobs), "logprobs");
    auto able = gemini_4();
    able.logprobs = true;
    logprobs.top_logprobs = 3;
    EXPECT_EQ(body(logprobs, able)["generationConfig"].dump(), R"({"responseLogprobs":true,"logprobs":3})");
    for (const char* name : {"web_search_options", "audio"}) {
        auto said = hello();
        said.others = {{name, "{}"}};
        EXPECT_EQ(refused(said), name);
    }
    auto spoken = hello();
    spoken.others = {{"modalities", R"(["text","audio"])"}};
    EXPECT_EQ(refused(spoken), "modalities");
    spoken.others = {{"modalities", R"(["text","image"])"}};
    EXPECT_EQ(body(spoken)["generationConfig"].dump(), R"({"responseModalities":["TEXT","IMAGE"]})");
}

TEST(GeminiGeneration, keeps_the_limit_within_the_models) {
    const auto limit = [](std::int64_t tokens, const ModelFacts& facts) {
        auto said = hello();
        said.max_tokens = tokens;
        const bool changed = dropped(said, facts) == std::vector<std::string>{"max_completion_tokens"};
        return std::pair(body(said, facts)["generationConfig"]["maxOutputTokens"], changed);
    };
    EXPECT_EQ(limit(10, gemini_4()), std::pair(JsonValue(1024), true));
    EXPECT_EQ(limit(10, gemini_3()), std::pair(JsonValue(10), false));
    EXPECT_EQ(limit(2000, gemini_4()), std::pair(JsonValue(2000), false));
    EXPECT_EQ(limit(100'000, gemini_4()), std::pair(JsonValue(65'536), true));
}

TEST(GeminiGeneration, folds_seeds_into_31_bits) {
    const auto seed = [](std::int64_t value) {
        auto said = hello();
        said.seed = value;
        return body(said)["generationConfig"]["seed"];
    };
    EXPECT_EQ(seed(2'147'483'647), 2'147'483'647);
    EXPECT_EQ(seed(-5), -5);
    EXPECT_EQ(seed(2'147'483'648), 0);
    EXPECT_EQ(seed((std::int64_t{5} << 31U) + 9), 9);
}

TEST(GeminiGeneration, takes_five_stops) {
    auto said = hello();
    said.stop = {"1", "2", "3", "4", "5"};
    EXPECT_THAT(dropped(said), IsEmpty());
    said.stop.emplace_back("6");
    EXPECT_THAT(dropped(said), ElementsAre("stop"));
    EXPECT_EQ(body(said)["generationConfig"]["stopSequences"].size(), 5U);
}

TEST(GeminiGeneration, passes_googles_own_words_on) {
    auto said = hello();
    said.reasoning.effort = Effort::high;
    said.others = {
        {"extra_body",
         R"({"google":{"thinking_config":{"thinking_budget":5},"cached_content":"cachedContents/a",)"
         R"("safety_settings":[{"category":"C","threshold":"OFF"}]}})"}};
    const auto json = body(said);
    EXPECT_EQ(json["generationConfig"].dump(), R"({"thinkingConfig":{"thinking_budget":5}})");
    EXPECT_EQ(json["cachedContent"], "cachedContents/a");
    EXPECT_EQ(json["safetySettings"].dump(), R"([{"category":"C","threshold":"OFF"}])");
    EXPECT_THAT(dropped(said), IsEmpty());
    said.others = {{"extra_body", R"({"google":{"unheard_of":1}})"}};
    EXPECT_THAT(dropped(said), ElementsAre("extra_body"));
    said.others = {{"extra_body", R"({"other":{}})"}};
    EXPECT_THAT(dropped(said), ElementsAre("extra_body"));
    said.others = {{"safety_settings", "[]"}};
    EXPECT_EQ(body(said)["safetySettings"].dump(), "[]");
}

/// `thinkingConfig`, and `!` behind it when the wish could not be honoured to the letter.
std::string thinking(const chat::ReasoningWish& wish, const ModelFacts& facts,
                     std::optional<std::int64_t> max_tokens = {}) {
    auto said = hello();
    said.reasoning = wish;
    said.max_tokens = max_tokens;
    const auto json = body(said, facts)["generationConfig"];
    const bool changed = dropped(said, facts) == std::vector<std::string>{"reasoning_effort"};
    return (json.contains("thinkingConfig") ? json["thinkingConfig"].dump() : "") + (changed ? "!" : "");
}

chat::ReasoningWish effort(Effort effort) {
    return {effort, {}, false};
}

TEST(GeminiThinking, has_the_nearest_level_below_what_was_asked_for) {
    const auto level = [](Effort asked, const ModelFacts& facts) { return thinking(effort(asked), facts); };
    EXPECT_EQ(level(Effort::unsaid, gemini_3()), "");
    EXPECT_EQ(level(Effort::none, gemini_3()), R"({"thinkingLevel":"MINIMAL"}!)");
    EXPECT_EQ(level(Effort::none, gemini_4()), R"({"thinkingLevel":"LOW"}!)");
    EXPECT_EQ(level(Effort::minimal, gemini_3()), R"({"thinkingLevel":"MINIMAL"})");
    EXPECT_EQ(level(Effort::minimal, gemini_4()), R"({"thinkingLevel":"LOW"}!)");
    EXPECT_EQ(level(Effort::low, gemini_4()), R"({"thinkingLevel":"LOW"})");
    EXPECT_EQ(level(Effort::medium, gemini_4()), R"({"thinkingLevel":"MEDIUM"})");
    EXPECT_EQ(level(Effort::high, gemini_4()), R"({"thinkingLevel":"HIGH"})");
    EXPECT_EQ(level(Effort::xhigh, gemini_4()), R"({"thinkingLevel":"HIGH"}!)");
    auto neon = gemini_4();
    neon.efforts.push_back(Effort::xhigh);
    EXPECT_EQ(level(Effort::xhigh, neon), R"({"thinkingLevel":"XHIGH"})");
    EXPECT_EQ(level(Effort::max, neon), R"({"thinkingLevel":"XHIGH"}!)");
}

TEST(GeminiThinking, has_a_share_of_the_answer_as_its_budget) {
    const auto budget = [](Effort asked, const ModelFacts& facts) { return thinking(effort(asked), facts); };
    auto flash = gemini_25();
    flash.budget_range = {{0, 24'576}};
    EXPECT_EQ(budget(Effort::none, flash), R"({"thinkingBudget":0})");
    EXPECT_EQ(budget(Effort::none, gemini_25()), R"({"thinkingBudget":128}!)");
    EXPECT_EQ(budget(Effort::minimal, flash), R"({"thinkingBudget":1310})");
    EXPECT_EQ(budget(Effort::low, flash), R"({"thinkingBudget":6553})");
    EXPECT_EQ(budget(Effort::medium, flash), R"({"thinkingBudget":19660})");
    EXPECT_EQ(budget(Effort::high, flash), R"({"thinkingBudget":24576})");
    EXPECT_EQ(budget(Effort::max, gemini_25()), R"({"thinkingBudget":32768})");
}

TEST(GeminiThinking, takes_budgets_as_they_are_or_as_levels) {
    const auto budget = [](std::int64_t tokens, const ModelFacts& facts,
                           std::optional<std::int64_t> max_tokens = {}) {
        return thinking({Effort::unsaid, tokens, false}, facts, max_tokens);
    };
    EXPECT_EQ(budget(1000, gemini_25()), R"({"thinkingBudget":1000})");
    EXPECT_EQ(budget(10, gemini_25()), R"({"thinkingBudget":128}!)");
    EXPECT_EQ(budget(100'000, gemini_25()), R"({"thinkingBudget":32768}!)");
    EXPECT_EQ(budget(-1, gemini_25()), R"({"thinkingBudget":-1})");
    EXPECT_EQ(budget(0, gemini_3()), R"({"thinkingLevel":"MINIMAL"}!)");
    EXPECT_EQ(budget(1000, gemini_3()), R"({"thinkingLevel":"MINIMAL"})");
    EXPECT_EQ(budget(1000, gemini_3(), 5100), R"({"thinkingLevel":"LOW"})");
    EXPECT_EQ(budget(1000, gemini_3(), 3000), R"({"thinkingLevel":"MEDIUM"})");
    EXPECT_EQ(budget(1000, gemini_3(), 2000), R"({"thinkingLevel":"HIGH"})");
    EXPECT_EQ(budget(-1, gemini_3()), "");
}

TEST(GeminiThinking, is_shown_when_the_client_wants_to_see_it) {
    EXPECT_EQ(thinking({Effort::unsaid, {}, true}, gemini_3()), R"({"includeThoughts":true})");
    EXPECT_EQ(thinking({Effort::low, {}, true}, gemini_25()),
              R"({"includeThoughts":true,"thinkingBudget":6553})");
}

TEST(GeminiThinking, is_not_asked_of_a_model_that_cannot) {
    EXPECT_EQ(thinking({Effort::high, {}, true}, gemini_20()), "!");
    EXPECT_EQ(thinking({Effort::none, {}, true}, gemini_20()), "");
    EXPECT_EQ(thinking({Effort::unsaid, {}, true}, gemini_20()), "");
}

TEST(GeminiRequest, without_anything_to_answer_is_a_fault) {
    const auto written = write(Conversation{}, gemini_4());
    ASSERT_FALSE(written);
    EXPECT_EQ(written.problem().kind(), ProblemKind::invalid_value);
    EXPECT_EQ(written.problem().param(), "messages");
}

}  // namespace
}  // namespace gatehouse::dialect

#include "gatehouse/policy/route_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::policy {
namespace {

using std::chrono::hours;
using testing::ElementsAre;

/// Facts that a test writes down, and how often each was asked for.
struct KnownFacts : RequestFacts {
    std::string_view key() override { return key_name; }
    std::string_view team() override { return team_name; }
    std::optional<std::string_view> header(std::string_view name) override { return look_up(headers, name); }
    WallTime now() override { return time; }
    chat::Contents contents() override {
        ++asked_for_body;
        return held;
    }
    std::optional<std::int64_t> max_tokens() override {
        ++asked_for_body;
        return output;
    }
    std::optional<std::string_view> tag(std::string_view name) override { return look_up(tags, name); }
    TokenCount prompt_tokens() override {
        ++asked_for_tokens;
        return TokenCount(prompt);
    }
    std::string_view language() override { return spoken; }
    std::optional<Classification> classification() override { return found_class; }
    std::optional<std::int64_t> budget_used() override { return used; }

    static std::optional<std::string_view> look_up(const Tags& map, std::string_view name) {
        const auto found = map.find(std::string(name));
        return found == map.end() ? std::nullopt : std::optional<std::string_view>(found->second);
    }

    std::string key_name{"search"};
    std::string team_name;
    Tags headers;
    Tags tags;
    WallTime time{};
    chat::Contents held;
    std::optional<std::int64_t> output;
    std::int64_t prompt{0};
    std::string spoken;
    std::optional<Classification> found_class;
    std::optional<std::int64_t> used;
    int asked_for_body{0};
    int asked_for_tokens{0};
};

RouteRule rule(std::string name, std::string use, std::vector<std::string> models = {"auto"}) {
    RouteRule made;
    made.name = std::move(name);
    made.use = std::move(use);
    made.models = std::move(models);
    return made;
}

struct RouteRulesTest : testing::Test {
    bool matches() { return !first_unmet(asked, facts); }
    RouteRule asked = rule("r", "m");
    KnownFacts facts;
};

TEST_F(RouteRulesTest, ARuleWithoutConditionsMatchesEverything) {
    EXPECT_TRUE(matches());
}

TEST_F(RouteRulesTest, AllOfTheContentsMustBeThere) {
    asked.has.add(chat::Content::image);
    asked.has.add(chat::Content::tools);
    facts.held.add(chat::Content::image);
    EXPECT_EQ(first_unmet(asked, facts), Condition::has);
    facts.held.add(chat::Content::tools);
    facts.held.add(chat::Content::audio);
    EXPECT_TRUE(matches());
}

TEST_F(RouteRulesTest, BoundsIncludeTheirNumber) {
    asked.prompt_tokens = Bound{true, 100};
    facts.prompt = 99;
    EXPECT_EQ(first_unmet(asked, facts), Condition::prompt_tokens);
    facts.prompt = 100;
    EXPECT_TRUE(matches());
    asked.prompt_tokens = Bound{false, 100};
    EXPECT_TRUE(matches());
    facts.prompt = 101;
    EXPECT_FALSE(matches());
}

TEST_F(RouteRulesTest, ARequestWithoutMaxTokensMeetsNoBoundOnThem) {
    asked.max_tokens = Bound{false, 500};
    EXPECT_EQ(first_unmet(asked, facts), Condition::max_tokens);
    asked.max_tokens = Bound{true, 0};
    EXPECT_FALSE(matches());
    facts.output = 0;
    EXPECT_TRUE(matches());
}

TEST_F(RouteRulesTest, EveryTagMustHaveItsValue) {
    asked.tags = {{"task", "extraction"}, {"tier", "low"}};
    facts.tags = {{"task", "extraction"}};
    EXPECT_EQ(first_unmet(asked, facts), Condition::tags);
    facts.tags = {{"task", "extraction"}, {"tier", "high"}};
    EXPECT_FALSE(matches());
    facts.tags = {{"task", "extraction"}, {"tier", "low"}, {"more", "x"}};
    EXPECT_TRUE(matches());
}

TEST_F(RouteRulesTest, KeysAreNamedByThemselvesOrTheirTeam) {
    asked.keys = {"free-tier", "labs"};
    EXPECT_EQ(first_unmet(asked, facts), Condition::key);
    facts.key_name = "free-tier";
    EXPECT_TRUE(matches());
    facts.key_name = "search";
    facts.team_name = "labs";
    EXPECT_TRUE(matches());
    facts.team_name = "";
    asked.keys = {""};
    EXPECT_FALSE(matches()) << "a caller without a team is of no team";
}

TEST_F(RouteRulesTest, HeadersMustHaveTheirValue) {
    asked.headers = {{"x-region", "eu"}};
    EXPECT_EQ(first_unmet(asked, facts), Condition::header);
    facts.headers = {{"x-region", "EU"}};
    EXPECT_FALSE(matches());
    facts.headers = {{"x-region", "eu"}};
    EXPECT_TRUE(matches());
}

TEST_F(RouteRulesTest, AnUncertainLanguageIsNone) {
    asked.languages = {"de", "fr"};
    EXPECT_EQ(first_unmet(asked, facts), Condition::language);
    facts.spoken = "fr";
    EXPECT_TRUE(matches());
}

TEST_F(RouteRulesTest, TimeIsThatOfTheRulesZone) {
    asked.time.emplace();
    asked.time->from = 8 * 60;
    asked.time->until = 18 * 60;
    asked.time->zone =
        std::make_shared<TimeZone>("X", std::chrono::hours(2), std::vector<TimeZone::Change>{});
    facts.time = WallTime(hours(5));
    EXPECT_EQ(first_unmet(asked, facts), Condition::time);
    facts.time = WallTime(hours(6));
    EXPECT_TRUE(matches());
}

TEST_F(RouteRulesTest, WithoutAClassifierNoClassMatches) {
    asked.classes = {"code"};
    EXPECT_EQ(first_unmet(asked, facts), Condition::prompt_class);
    facts.found_class = Classification{"code", 0.9};
    EXPECT_TRUE(matches());
    facts.found_class = Classification{"math", 0.9};
    EXPECT_FALSE(matches());
}

TEST_F(RouteRulesTest, WithoutABudgetNoShareOfItMatches) {
    asked.budget_used = Bound{true, 8000};
    EXPECT_EQ(first_unmet(asked, facts), Condition::budget_used);
    facts.used = 8000;
    EXPECT_TRUE(matches());
    facts.used = 7999;
    EXPECT_FALSE(matches());
}

TEST_F(RouteRulesTest, WhatIsCheapIsAskedFirst) {
    asked.keys = {"other"};
    asked.prompt_tokens = Bound{true, 1};
    asked.has.add(chat::Content::image);
    EXPECT_EQ(first_unmet(asked, facts), Condition::key);
    EXPECT_EQ(facts.asked_for_body, 0);
    EXPECT_EQ(facts.asked_for_tokens, 0);
}

TEST_F(RouteRulesTest, EveryConditionIsExplainedWithWhatWasFound) {
    asked.keys = {"free"};
    asked.tags = {{"task", "a"}};
    asked.headers = {{"x-region", "eu"}};
    asked.prompt_tokens = Bound{true, 60'000};
    asked.max_tokens = Bound{false, 500};
    asked.has.add(chat::Content::image);
    asked.budget_used = Bound{true, 8000};
    facts.tags = {{"task", "b"}};
    facts.prompt = 12;
    facts.used = 1234;
    facts.held.add(chat::Content::tools);
    const auto why = [&](Condition condition) { return explain_condition(asked, condition, facts); };
    EXPECT_EQ(why(Condition::key), "key `search`, asked for: free");
    EXPECT_EQ(why(Condition::tags), "tag `task` is `b`, not `a`");
    EXPECT_EQ(why(Condition::header), "there is no header `x-region`");
    EXPECT_EQ(why(Condition::prompt_tokens), "prompt_tokens 12 does not meet >= 60000");
    EXPECT_EQ(why(Condition::max_tokens), "the request names no max_tokens");
    EXPECT_EQ(why(Condition::has), "the request holds tools, asked for: image");
    EXPECT_EQ(why(Condition::budget_used), "12.34% of the budget is used, asked for: >= 80.00%");
}

struct RouteTableTest : testing::Test {
    std::string chosen(const RouteTable& table, std::string_view asked) {
        looked.clear();
        const auto decision = table.decide(asked, facts, &looked);
        return (decision.rule == nullptr ? "-" : decision.rule->name) + " " + std::string(decision.model);
    }
    std::vector<std::string> seen() const {
        std::vector<std::string> names;
        for (const auto& look : looked) {
            names.push_back(look.rule->name + (look.unmet ? "" : "!"));
        }
        return names;
    }
    KnownFacts facts;
    std::vector<RouteLook> looked;
};

TEST_F(RouteTableTest, TheFirstMatchWins) {
    std::vector<RouteRule> rules{rule("pictures", "big"), rule("rest", "small"), rule("never", "other")};
    rules[0].has.add(chat::Content::image);
    const RouteTable table(std::move(rules));
    EXPECT_EQ(chosen(table, "auto"), "rest small");
    EXPECT_THAT(seen(), ElementsAre("pictures", "rest!"));
    facts.held.add(chat::Content::image);
    EXPECT_EQ(chosen(table, "auto"), "pictures big");
    EXPECT_THAT(seen(), ElementsAre("pictures!"));
}

TEST_F(RouteTableTest, OtherNamesAreLeftAlone) {
    const RouteTable table({rule("r", "small")});
    EXPECT_TRUE(table.serves("auto"));
    EXPECT_FALSE(table.serves("small"));
    EXPECT_EQ(chosen(table, "gpt"), "- gpt");
    EXPECT_TRUE(looked.empty());
    EXPECT_FALSE(RouteTable().serves("auto"));
}

TEST_F(RouteTableTest, WithoutAMatchTheNameStaysWhatItWas) {
    std::vector<RouteRule> rules{rule("pictures", "big")};
    rules[0].has.add(chat::Content::image);
    EXPECT_EQ(chosen(RouteTable(std::move(rules)), "auto"), "- auto");
}

TEST_F(RouteTableTest, AChosenNameThatRulesListIsDecidedAgain) {
    std::vector<RouteRule> rules{rule("first", "cheap"), rule("pictures", "eyes", {"cheap"}),
                                 rule("texts", "words", {"cheap", "other"})};
    rules[1].has.add(chat::Content::image);
    const RouteTable table(std::move(rules));
    EXPECT_EQ(chosen(table, "auto"), "texts words");
    EXPECT_THAT(seen(), ElementsAre("first!", "pictures", "texts!"));
    EXPECT_EQ(looked[0].model, "auto");
    EXPECT_EQ(looked[1].model, "cheap");
}

TEST_F(RouteTableTest, AChoiceWhoseOwnRulesDoNotMatchStands) {
    std::vector<RouteRule> rules{rule("first", "cheap"), rule("pictures", "eyes", {"cheap"})};
    rules[1].has.add(chat::Content::image);
    EXPECT_EQ(chosen(RouteTable(std::move(rules)), "auto"), "first cheap");
}

TEST_F(RouteTableTest, ARuleMayLeaveARequestWhereItIs) {
    EXPECT_EQ(chosen(RouteTable({rule("stay", "auto"), rule("go", "m")}), "auto"), "stay auto");
}

TEST_F(RouteTableTest, EvenACycleEnds) {
    const RouteTable table({rule("a", "b", {"a"}), rule("b", "a", {"b"})});
    const auto decision = table.decide("a", facts);
    EXPECT_NE(decision.rule, nullptr);
}

TEST_F(RouteTableTest, NamesAndHeadersStandOnceInOrder) {
    std::vector<RouteRule> rules{rule("a", "m", {"x", "y", "x"}), rule("b", "m", {"y", "z"})};
    rules[0].headers = {{"x-a", "1"}};
    rules[1].headers = {{"x-a", "2"}, {"x-b", "3"}};
    const RouteTable table(std::move(rules));
    EXPECT_THAT(table.names(), ElementsAre("x", "y", "z"));
    EXPECT_THAT(table.headers(), ElementsAre("x-a", "x-b"));
    EXPECT_EQ(table.rules_for("y").size(), 2U);
    EXPECT_EQ(table.rules_for("x").size(), 1U);
    EXPECT_TRUE(table.rules_for("q").empty());
}

}  // namespace
}  // namespace gatehouse::policy

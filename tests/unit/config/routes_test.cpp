// Routes: what is read of them, and what is found wrong, with its place.
#include "loading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::config {
namespace {

using test::load;
using test::sound;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> errors(const std::string& rules) {
    return test::errors_in(sound + "routes:\n" + rules);
}

std::vector<std::string> warnings(const std::string& rules) {
    return test::warnings_in(sound + "routes:\n" + rules);
}

TEST(ReadRoutes, EveryConditionReachesItsOption) {
    const auto loaded = load(sound +
                                 "keys: [{name: a, value: \"${K}\", team: labs}]\n"
                                 "routes:\n"
                                 "  - name: all\n"
                                 "    when:\n"
                                 "      model: [auto, fast]\n"
                                 "      has: [image, schema]\n"
                                 "      prompt_tokens: \">= 60k\"\n"
                                 "      max_tokens: \"<= 500\"\n"
                                 "      tags: {task: extraction, tier: low}\n"
                                 "      key: [a, labs]\n"
                                 "      header: {X-Region: EU}\n"
                                 "      language: [de, fr]\n"
                                 "      time: \"Fri-Mon 22:00-06:30 Asia/Kolkata\"\n"
                                 "      class: code\n"
                                 "      budget_used: \">= 80%\"\n"
                                 "    use: chat\n"
                                 "  - {name: rest, when: {model: auto}, use: chat}\n",
                             {{"K", "k"}});
    ASSERT_TRUE(loaded.configuration) << loaded.report("f");
    const auto& routes = loaded.configuration->routes;
    ASSERT_EQ(routes.size(), 2U);
    const auto& all = routes[0];
    EXPECT_EQ(all.name, "all");
    EXPECT_EQ(all.use, "chat");
    EXPECT_THAT(all.models, ElementsAre("auto", "fast"));
    EXPECT_TRUE(all.has.has(chat::Content::image) && all.has.has(chat::Content::schema));
    EXPECT_FALSE(all.has.has(chat::Content::tools));
    EXPECT_TRUE(all.prompt_tokens->at_least);
    EXPECT_EQ(all.prompt_tokens->value, 60'000);
    EXPECT_FALSE(all.max_tokens->at_least);
    EXPECT_EQ(all.max_tokens->value, 500);
    EXPECT_EQ(all.tags.size(), 2U);
    EXPECT_THAT(all.keys, ElementsAre("a", "labs"));
    EXPECT_THAT(all.headers, ElementsAre(std::pair<std::string, std::string>("x-region", "EU")));
    EXPECT_THAT(all.classes, ElementsAre("code"));
    EXPECT_EQ(all.budget_used->value, 8000);
    EXPECT_THAT(all.languages, ElementsAre("de", "fr"));
    ASSERT_TRUE(all.time);
    EXPECT_EQ(all.time->first_day, 4U);
    EXPECT_EQ(all.time->last_day, 0U);
    EXPECT_EQ(all.time->from, 22U * 60);
    EXPECT_EQ(all.time->until, 6U * 60 + 30);
    EXPECT_EQ(all.time->zone->name(), "Asia/Kolkata");
    EXPECT_THAT(routes[1].models, ElementsAre("auto"));
    EXPECT_TRUE(routes[1].has.empty());
    EXPECT_FALSE(routes[1].prompt_tokens);
    EXPECT_TRUE(load(sound).configuration->routes.empty());
}

TEST(ReadRoutes, WhatNothingCanMeetIsAnError) {
    EXPECT_THAT(errors("  - {name: a, when: {model: \"gpt-*\"}, use: chat}\n"),
                ElementsAre("5:29: `gpt-*`: a rule serves names, no patterns"));
    EXPECT_THAT(errors("  - {name: a, when: {model: auto, header: {X-A: b, x-a: c}}, use: chat}\n"),
                ElementsAre("5:52: rule `a`: the header `x-a` stands there twice (names have no case)"));
}

TEST(ReadRoutes, AHeaderThatNoRequestCanHaveIsAnError) {
    const auto of = [](const std::string& header) {
        return errors("  - {name: a, when: {model: auto, header: {" + header + "}}, use: chat}\n");
    };
    EXPECT_THAT(of("X-Gatehouse-Debg: \"1\""),
                ElementsAre("5:44: `X-Gatehouse-Debg`: the gateway has no such header, and refuses requests "
                            "that name one; did you mean `x-gatehouse-debug`?"));
    EXPECT_THAT(of("X-Gatehouse-Debug: \"1\""), IsEmpty());
    EXPECT_THAT(of("X-A: \" b\""),
                ElementsAre("5:49: rule `a`: no header's value begins or ends with a blank"));
    EXPECT_THAT(of("X-A: \"b c\""), IsEmpty());
}

TEST(ReadRoutes, AConditionThatAsksForNothingIsAnError) {
    for (const std::string condition : {"has", "key", "class", "language"}) {
        EXPECT_THAT(errors("  - {name: a, when: {model: auto, " + condition + ": []}, use: chat}\n"),
                    ElementsAre(HasSubstr(condition + "`: must not be empty")));
    }
    for (const std::string condition : {"tags", "header"}) {
        for (const std::string nothing : {": {}", ":"}) {
            EXPECT_THAT(
                errors("  - {name: a, when: {model: auto, " + condition + nothing + "}, use: chat}\n"),
                ElementsAre(HasSubstr("`when." + condition + "`: must not be empty")));
        }
    }
}

TEST(ReadRoutes, ABoundThatEveryPromptMeetsIsNone) {
    EXPECT_THAT(errors("  - {name: a, when: {model: x, prompt_tokens: \">= 0\"}, use: chat}\n"
                       "  - {name: b, when: {model: x}, use: chat}\n"),
                ElementsAre(HasSubstr("rule `b` can never match: rule `a` at line 5 takes")));
    EXPECT_THAT(errors("  - {name: a, when: {model: x, max_tokens: \">= 0\"}, use: chat}\n"
                       "  - {name: b, when: {model: x}, use: chat}\n"),
                IsEmpty())
        << "a request that names no number meets no bound";
}

TEST(ReadRoutes, AnUnknownZoneOrLanguageNamesTheNearest) {
    EXPECT_THAT(
        errors("  - {name: a, when: {model: auto, time: \"Mon-Fri 08:00-18:00 Europe/Berln\"}, use: chat}\n"),
        ElementsAre("5:41: unknown time zone `Europe/Berln`; did you mean `Europe/Berlin`?"));
    EXPECT_THAT(errors("  - {name: a, when: {model: auto, language: [de, dee]}, use: chat}\n"),
                ElementsAre(HasSubstr(
                    "5:50: unknown language `dee`: a code such as `de` is expected; did you mean")));
}

TEST(ReadRoutes, ACredentialIsNoCondition) {
    EXPECT_THAT(errors("  - {name: a, when: {model: auto, header: {Authorization: Bearer x}}, use: chat}\n"),
                ElementsAre(HasSubstr("`Authorization`: a rule cannot ask for a credential")));
}

TEST(ReadRoutes, RulesThatTogetherTakeEveryNameLeaveNothing) {
    EXPECT_THAT(errors("  - {name: a, when: {model: x}, use: chat}\n"
                       "  - {name: b, when: {model: y}, use: chat}\n"
                       "  - {name: c, when: {model: [x, y], has: image}, use: chat}\n"),
                ElementsAre("7:5: rule `c` can never match: rules `a` at line 5, `b` at line 6 together take "
                            "every request it could take"));
}

TEST(ReadRoutes, ANameOfARuleThatAnotherTakesIsWarnedAbout) {
    EXPECT_THAT(
        warnings("  - {name: a, when: {model: x}, use: chat}\n"
                 "  - {name: b, when: {model: [x, y]}, use: chat}\n"),
        ElementsAre("6:5: rule `b` never serves `x`: rule `a` at line 5 takes every request for it that "
                    "this one could"));
}

TEST(ReadRoutes, ShortAndLongPromptsTogetherAreAllPrompts) {
    const auto rest_after = [](const std::string& first, const std::string& second) {
        return errors("  - {name: a, when: {model: x, prompt_tokens: \"" + first +
                      "\"}, use: chat}\n  - {name: b, when: {model: x, prompt_tokens: \"" + second +
                      "\"}, use: chat}\n  - {name: c, when: {model: x}, use: chat}\n");
    };
    EXPECT_THAT(rest_after(">= 10", "<= 10"), ElementsAre(HasSubstr("rule `c` can never match: rules `b` at "
                                                                    "line 6, `a` at line 5 together take")));
    EXPECT_THAT(rest_after("<= 10", ">= 11"), ElementsAre(HasSubstr("rule `c` can never match")));
    EXPECT_THAT(rest_after("<= 10", ">= 12"), IsEmpty());
    EXPECT_THAT(rest_after(">= 10", ">= 5"), IsEmpty());
}

TEST(ReadRoutes, HeaderNamesHaveNoCase) {
    EXPECT_THAT(errors("  - {name: a, when: {model: x, header: {X-A: b}}, use: chat}\n"
                       "  - {name: b, when: {model: x, header: {x-a: b}}, use: chat}\n"),
                ElementsAre(HasSubstr("rule `b` can never match")));
}

TEST(ReadRoutes, AChoiceThatLeadsNowhereIsWarnedAbout) {
    const std::string models =
        "auth: {required: false}\n"
        "providers: {sim: {kind: simulated}}\n"
        "models: {chat: {targets: [{provider: sim, model: chat}]}, void: {}}\n"
        "routes:\n";
    EXPECT_THAT(test::warnings_in(models + "  - {name: a, when: {model: auto}, use: void}\n"),
                ElementsAre("5:41: `void` has no usable target: what this rule takes is answered with "
                            "model_not_found"));
    EXPECT_THAT(test::warnings_in(models + "  - {name: a, when: {model: auto}, use: void}\n"
                                           "  - {name: b, when: {model: void}, use: chat}\n"),
                IsEmpty());
}

TEST(ReadRoutes, ACallerThatNobodyIsIsWarnedAbout) {
    const std::string rule = "  - {name: r, when: {model: auto, key: serach}, use: chat}\n";
    EXPECT_THAT(warnings(rule), ElementsAre(HasSubstr("5:40: no key and no team is named `serach`")));
    EXPECT_THAT(test::warnings_in(sound + "teams: [{name: search}]\nroutes:\n" + rule),
                testing::Contains(HasSubstr("did you mean `search`?")));
}

TEST(ReadRoutes, AKeyThatMayAskForNothingOfTheRuleIsWarnedAbout) {
    const auto of = [](const std::string& key, const std::string& rules) {
        return test::lines_of(load(sound + "keys: [" + key + "]\nroutes:\n" + rules, {{"K", "k"}}).warnings);
    };
    const std::string narrow = "{name: k, value: \"${K}\", models: [chat, fast]}";
    const std::string rule = "  - {name: r, when: {model: [auto, deep], key: k}, use: chat}\n";
    const auto none = HasSubstr("no request of key `k` comes to this rule");
    EXPECT_THAT(of(narrow, rule), ElementsAre(none));
    EXPECT_THAT(of("{name: k, value: \"${K}\", models: [\"de*\", chat]}", rule), IsEmpty());
    EXPECT_THAT(of("{name: k, value: \"${K}\"}", rule), IsEmpty());
    EXPECT_THAT(of(narrow, "  - {name: q, when: {model: fast}, use: auto}\n" + rule), IsEmpty())
        << "a rule leads from a name that it may use";
    EXPECT_THAT(of("{name: other, value: \"${K}\", models: [chat], team: k}", rule), IsEmpty())
        << "a team may get more keys";
}

}  // namespace
}  // namespace gatehouse::config

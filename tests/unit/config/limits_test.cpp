// Limits, budgets, teams and organisations: what the file says, as the gateway takes it.
#include "loading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::config {
namespace {

using test::errors_in;
using test::load;
using test::sound;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t dollar = 1'000'000'000'000;

const std::string limited =
    "auth: {required: false}\n"
    "providers: {sim: {kind: simulated, limits: {requests_per_minute: 5k, tokens_per_minute: 2M, "
    "concurrency: 512}}}\n"
    "models: {chat: {targets: [{provider: sim, model: chat}], max_output_tokens: 16k, "
    "limits: {requests_per_minute: 10k}}}\n"
    "keys:\n"
    "  - name: a\n"
    "    hash: \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"\n"
    "    requests_per_minute: 600\n"
    "    tokens_per_minute: 200k\n"
    "    concurrency: 0\n"
    "    budget: {usd: \"50.25\", period: week, warn_at: 80%, unknown_price: allow}\n"
    "    team: search\n"
    "organisations: [{name: acme, limits: {concurrency: 9}, budget: {usd: \"5000\", period: total}}]\n"
    "teams: [{name: search, organisation: acme, limits: {requests_per_minute: 6k}, budget: {usd: \"500\"}}]\n"
    "limits: {requests_per_minute: 60k, tokens_per_minute: 50M, concurrency: 2k}\n";

TEST(Limits, EveryValueReachesItsOption) {
    const Loaded loaded = load(limited);
    ASSERT_TRUE(loaded.configuration) << loaded.report("f");
    EXPECT_THAT(test::lines_of(loaded.warnings), IsEmpty());
    const auto& c = *loaded.configuration;
    EXPECT_EQ(c.providers.at(0).limits.requests_per_minute, 5'000);
    EXPECT_EQ(c.providers.at(0).limits.tokens_per_minute, 2'000'000);
    EXPECT_EQ(c.providers.at(0).limits.concurrency, 512);
    EXPECT_EQ(c.models.at(0).max_output_tokens, 16'000);
    EXPECT_EQ(c.models.at(0).limits.requests_per_minute, 10'000);
    EXPECT_EQ(c.models.at(0).limits.concurrency, std::nullopt);
    const auto& key = c.keys.at(0);
    EXPECT_EQ(key.limits.requests_per_minute, 600);
    EXPECT_EQ(key.limits.tokens_per_minute, 200'000);
    EXPECT_EQ(key.limits.concurrency, 0);
    ASSERT_TRUE(key.budget);
    EXPECT_EQ(key.budget->limit, PicoUsd(50 * dollar + dollar / 4));
    EXPECT_EQ(key.budget->period, policy::Period::week);
    EXPECT_EQ(key.budget->warn_at, 8'000);
    EXPECT_EQ(key.budget->unknown_price, policy::UnknownPrice::allow);
    const auto& team = c.groups.teams.at(0);
    EXPECT_EQ(team.name, "search");
    EXPECT_EQ(team.organisation, "acme");
    EXPECT_EQ(team.limits.requests_per_minute, 6'000);
    EXPECT_EQ(team.budget->period, policy::Period::month) << "the default";
    EXPECT_EQ(team.budget->warn_at, std::nullopt);
    EXPECT_EQ(team.budget->unknown_price, policy::UnknownPrice::refuse);
    const auto& organisation = c.groups.organisations.at(0);
    EXPECT_EQ(organisation.limits.concurrency, 9);
    EXPECT_EQ(organisation.budget->limit, PicoUsd(5'000 * dollar));
    EXPECT_EQ(organisation.budget->period, policy::Period::total);
    EXPECT_EQ(c.groups.gateway.requests_per_minute, 60'000);
    EXPECT_EQ(c.groups.gateway.tokens_per_minute, 50'000'000);
    EXPECT_EQ(c.groups.gateway.concurrency, 2'000);
}

TEST(Limits, WhatIsAbsentLimitsNothing) {
    const Loaded loaded = load(sound);
    ASSERT_TRUE(loaded.configuration) << loaded.report("f");
    const auto& gateway = loaded.configuration->groups.gateway;
    EXPECT_FALSE(gateway.requests_per_minute || gateway.tokens_per_minute || gateway.concurrency);
}

TEST(Limits, BadValuesAreErrors) {
    EXPECT_THAT(errors_in(sound + "limits: {requests_per_minute: -1}\n"),
                ElementsAre(HasSubstr("`limits.requests_per_minute`")));
    EXPECT_THAT(errors_in(sound + "organisations: [{name: a, budget: {usd: \"-5\"}}]\n"),
                ElementsAre(HasSubstr("`organisations[0].budget.usd`")));
    EXPECT_THAT(errors_in(sound + "organisations: [{name: a, budget: {period: day}}]\n"),
                ElementsAre(HasSubstr("`usd` is missing")));
    EXPECT_THAT(errors_in(sound + "teams: [{name: a, organisation: nobody}]\n"),
                ElementsAre(HasSubstr("unknown organisation `nobody`")));
}

}  // namespace
}  // namespace gatehouse::config

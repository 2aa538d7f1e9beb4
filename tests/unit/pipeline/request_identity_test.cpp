#include "gatehouse/pipeline/request_identity.hpp"

#include "support/silent_sink.hpp"

#include "gatehouse/pipeline/exchange.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::pipeline {
namespace {

struct RequestIdentityTest : testing::Test {
    RequestIdentityTest() {
        upstream::ProviderOptions provider;
        provider.name = "acme";
        provider.base_url = "http://127.0.0.1:1/v1";
        parts.providers.push_back(*upstream::Provider::make(std::move(provider)));
        ModelOptions model;
        model.name = "m";
        model.targets = {{"acme", "m-1"}};
        parts.models = {model};
        model.name = "other";
        parts.models.push_back(model);
        caller.name = "alice";
        caller.team = "red";
        caller.organisation = "acme";
    }

    RequestIdentity of(const std::function<void(Exchange&)>& change = [](Exchange&) {}) {
        return seen<RequestIdentity>(change, [](const Exchange& x) { return identify(x); });
    }
    /// Of an answer that the model gave which was asked for.
    Unshared why_the_asked_is_not_kept() {
        return seen<Unshared>([](Exchange&) {}, [](const Exchange& x) { return why_not_kept(x, *x.model); });
    }
    template <typename Seen>
    Seen seen(const std::function<void(Exchange&)>& change, const std::function<Seen(const Exchange&)>& see) {
        const auto settings = std::make_shared<const Settings>(parts, 1, WallTime{});
        Exchange x{std::make_shared<const policy::Caller>(caller), settings, {}, sink, trail};
        x.request.model = "m";
        x.request.original.bytes = body;
        x.request.temperature = temperature;
        change(x);
        x.model = settings->find_model(x.request.model);
        return see(x);
    }

    std::string body{R"({"model":"m","temperature":0,"messages":[{"role":"user","content":"hi"}]})"};
    std::optional<double> temperature{0};  // as it was read with the body
    policy::Caller caller;
    Settings::Parts parts;
    test::SilentSink sink;
    telemetry::Trail trail;
};

TEST_F(RequestIdentityTest, IsTheSameForTheSameQuestion) {
    EXPECT_FALSE(of().comparable) << "nobody wants it compared";
    parts.models[0].cache.semantic.most = policy::CacheTier::signature;
    const auto first = of();
    EXPECT_EQ(first.unshared, Unshared::none);
    EXPECT_TRUE(first.comparable);
    EXPECT_EQ(first.last_user_text, "hi");
    body = R"({"messages": [{"content": "hi", "role": "user"}], "temperature": 0.0, "model": "m"})";
    EXPECT_EQ(of().exact, first.exact);
    EXPECT_EQ(of().partition, first.partition);
}

TEST_F(RequestIdentityTest, DiffersWithWhateverMayChangeTheAnswer) {
    const auto first = of();
    const auto differs = [&](const RequestIdentity& other) {
        return other.unshared == Unshared::none && other.exact != first.exact &&
               other.partition != first.partition;
    };
    EXPECT_TRUE(differs(of([](Exchange& x) { x.request.model = "other"; })));
    EXPECT_TRUE(differs(of([](Exchange& x) { x.cache.partition = "mine"; })));
    EXPECT_TRUE(differs(of([](Exchange& x) { x.fallback_off = true; })));
    EXPECT_TRUE(differs(of([](Exchange& x) { x.request.fallbacks = {"other"}; })));
    parts.routing_version[0] = 1;
    EXPECT_TRUE(differs(of())) << "the file leads somewhere else now";
}

TEST_F(RequestIdentityTest, BelongsToWhoSharesAnswers) {
    using policy::SharingScope;
    const auto with = [&](SharingScope scope, const std::string& name, const std::string& team,
                          const std::string& organisation) {
        parts.models[0].cache.scope = scope;
        caller.name = name;
        caller.team = team;
        caller.organisation = organisation;
        return of().exact;
    };
    EXPECT_NE(with(SharingScope::key, "a", "red", "acme"), with(SharingScope::key, "b", "red", "acme"));
    EXPECT_EQ(with(SharingScope::team, "a", "red", "acme"), with(SharingScope::team, "b", "red", "acme"));
    EXPECT_NE(with(SharingScope::team, "a", "red", "acme"), with(SharingScope::team, "a", "blue", "acme"));
    EXPECT_NE(with(SharingScope::team, "a", "", ""), with(SharingScope::team, "b", "", ""))
        << "who is in no team is alone";
    EXPECT_EQ(with(SharingScope::organisation, "a", "red", "acme"),
              with(SharingScope::organisation, "b", "blue", "acme"));
    EXPECT_NE(with(SharingScope::organisation, "a", "red", "acme"),
              with(SharingScope::organisation, "a", "red", "other"));
    EXPECT_EQ(with(SharingScope::gateway, "a", "red", "acme"), with(SharingScope::gateway, "b", "", ""));
    EXPECT_NE(with(SharingScope::team, "a", "gateway", ""), with(SharingScope::gateway, "a", "gateway", ""));
}

TEST_F(RequestIdentityTest, HoldsWhatRulesLookAtWhereRulesDecide) {
    const auto tagged = [](Exchange& x) { x.labels.tags = {{"task", "a"}}; };
    EXPECT_EQ(of(tagged).exact, of().exact) << "no rule serves the name";
    policy::RouteRule rule;
    rule.name = "r";
    rule.models = {"m"};
    rule.use = "other";
    rule.tags = {{"task", "a"}};
    parts.routes = {rule};
    EXPECT_NE(of(tagged).exact, of().exact);
    EXPECT_NE(of([](Exchange& x) { x.labels.headers = {{"x-region", "eu"}}; }).exact, of().exact);
    const auto plain = of();
    body.insert(1, R"("metadata":{"task":"a"},)");
    EXPECT_NE(of().exact, plain.exact) << "its entries are tags";
    const auto told = of();
    caller.tags = {{"task", "b"}};
    EXPECT_NE(of().exact, told.exact);
}

TEST_F(RequestIdentityTest, OfANewChoiceEachTimeIsNobodyElses) {
    const auto at = [&](std::optional<double> said) {
        temperature = said;
        return of().unshared;
    };
    EXPECT_EQ(at(0.1), Unshared::temperature);
    EXPECT_EQ(at({}), Unshared::temperature) << "providers take 1 where nothing is said";
    parts.models[0].cache.max_temperature = 0.1;
    EXPECT_EQ(at(0.1), Unshared::none);
    parts.models[0].cache.max_temperature = 1;
    EXPECT_EQ(at({}), Unshared::none);
}

TEST_F(RequestIdentityTest, AModelThatTakesNoTemperatureAlwaysAnswersAlike) {
    temperature = std::nullopt;
    policy::CatalogParts known;
    known.entries.resize(1);
    known.entries[0].name = "m-1";
    known.entries[0].facts.sampling = false;
    parts.catalog = std::make_shared<const policy::ModelCatalog>(known);
    EXPECT_EQ(of().unshared, Unshared::none);
    parts.models[0].targets.push_back({"acme", "m-2"});
    EXPECT_EQ(of().unshared, Unshared::temperature) << "of one of its targets nobody knows";
    parts.models[0].targets.pop_back();
    known.entries[0].facts.sampling = true;
    parts.catalog = std::make_shared<const policy::ModelCatalog>(known);
    EXPECT_EQ(of().unshared, Unshared::temperature);
}

TEST_F(RequestIdentityTest, WhatAModelLooksUpIsNotInTheRequest) {
    policy::CatalogParts known;
    known.entries.resize(1);
    known.entries[0].name = "m-1";
    known.entries[0].searches = true;
    parts.catalog = std::make_shared<const policy::ModelCatalog>(known);
    EXPECT_EQ(of().unshared, Unshared::not_in_request);
    parts.models[0].targets = {{"acme", "m-2"}, {"acme", "m-1"}};
    EXPECT_EQ(of().unshared, Unshared::not_in_request) << "the second one may answer";
    parts.models[0].targets = {{"acme", "m-2"}};
    EXPECT_EQ(of().unshared, Unshared::none);
}

TEST_F(RequestIdentityTest, WhatAModelLooksUpIsNotKeptWhereRulesChoseItEither) {
    policy::CatalogParts known;
    known.entries.resize(1);
    known.entries[0].name = "m-1";
    known.entries[0].searches = true;
    parts.catalog = std::make_shared<const policy::ModelCatalog>(known);
    policy::RouteRule rule;
    rule.models = {"m"};
    rule.use = "other";
    parts.routes = {rule};
    EXPECT_EQ(of().unshared, Unshared::none) << "nobody knows yet who answers";
    EXPECT_EQ(why_the_asked_is_not_kept(), Unshared::not_in_request);
    parts.models[0].targets = {{"acme", "m-2"}};
    EXPECT_EQ(why_the_asked_is_not_kept(), Unshared::none);
}

TEST_F(RequestIdentityTest, SaysWhyAnAnswerIsNobodyElses) {
    const auto off = of([](Exchange& x) { x.cache.most = policy::CacheTier::none; });
    EXPECT_EQ(off.unshared, Unshared::asked);
    EXPECT_EQ(of([](Exchange& x) { x.request.endpoint = chat::Endpoint::audio_speech; }).unshared,
              Unshared::kind);
    EXPECT_EQ(of([](Exchange& x) {
                  x.request.endpoint = chat::Endpoint::responses;
                  x.request.original.bytes =
                      R"({"model":"m","temperature":0,"input":"hi","previous_response_id":"resp_1"})";
              }).unshared,
              Unshared::not_in_request);
    parts.models[0].cache.coalesce = false;
    EXPECT_EQ(of().unshared, Unshared::none);
    parts.models[0].cache.exact.enabled = false;
    EXPECT_EQ(of().unshared, Unshared::switched_off);
}

TEST_F(RequestIdentityTest, AResponseThatAProviderKeepsIsSharedWithNoOtherKey) {
    const auto response = [](Exchange& x) { x.request.endpoint = chat::Endpoint::responses; };
    body = R"({"model":"m","temperature":0,"input":"hi"})";
    EXPECT_EQ(of(response).unshared, Unshared::none);
    EXPECT_FALSE(of(response).comparable) << "to other words it would be another conversation";
    parts.models[0].cache.scope = policy::SharingScope::team;
    EXPECT_EQ(of(response).unshared, Unshared::not_in_request);
}

}  // namespace
}  // namespace gatehouse::pipeline

// Histories of requests that reserve money, call providers as a seed has it, overlap with each other and end
// in any way, through the stages that do so. What budgets know afterwards is held against what was played. A
// failure prints its seed; GATEHOUSE_SIMULATION_SEED replays from it, GATEHOUSE_SIMULATION_HISTORIES says how
// many.
#include "draws.hpp"
#include "support/event_loop.hpp"
#include "support/hand_clock.hpp"
#include "support/silent_sink.hpp"

#include "gatehouse/pipeline/stages.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace gatehouse::pipeline {
namespace {

using policy::Level;

/// A provider that the history plays.
class Played : public Stage {
public:
    using Does = std::function<Result<Outcome>(Exchange&)>;
    explicit Played(Does does) : does_(std::move(does)) {}
    Task<Result<Outcome>> run(Exchange& x, Next) override { co_return does_(x); }

private:
    Does does_;
};

constexpr std::int64_t price = 1'000'000;  // of a token, in PicoUsd
constexpr std::array keys = {"key-0", "key-1"};
constexpr int deepest = 3;  // requests inside of each other

class History {
public:
    explicit History(std::uint64_t seed) : draws_(seed) {
        Settings::Parts parts;
        upstream::ProviderOptions provider;
        provider.name = "acme";
        provider.base_url = "http://127.0.0.1:1/v1";
        parts.providers.push_back(*upstream::Provider::make(std::move(provider)));
        policy::ModelEntry entry;
        entry.name = "cheap";
        policy::PriceSheet sheet;
        sheet.standard.input = PicoUsd(price);
        sheet.standard.output = PicoUsd(price);
        entry.prices = policy::ModelPrices({sheet});
        policy::CatalogParts known;
        known.entries = {entry};
        parts.catalog = std::make_shared<const policy::ModelCatalog>(std::move(known));
        ModelOptions model;
        model.name = "cheap";
        model.targets.push_back({"acme", "cheap"});
        parts.models.push_back(std::move(model));
        for (const auto* name : keys) {
            KeyOptions key;
            key.name = name;
            key.hash.front() = static_cast<unsigned char>(parts.keys.size() + 1);
            key.team = "search";
            key.budget = budget();
            parts.keys.push_back(std::move(key));
        }
        parts.groups.teams = {{"search", "acme", {}, budget()}};
        parts.groups.organisations = {{"acme", {}, budget()}};
        parts.now = clock_.now();
        settings_ = std::make_shared<const Settings>(std::move(parts), 1, clock_.wall());
        stages_.push_back(std::make_unique<AdmitStage>());
        stages_.push_back(std::make_unique<LimitStage>(clock_));
        stages_.push_back(std::make_unique<RouteStage>(FactSources{clock_, counter_}, random_));
        stages_.push_back(std::make_unique<ReserveStage>(FactSources{clock_, counter_}, random_));
        stages_.push_back(std::make_unique<Played>([this](Exchange& x) { return played(x); }));
    }

    void play() {
        const auto requests = draws_.between(3, 12);
        for (std::int64_t i = 0; i < requests && !testing::Test::HasFailure(); ++i) {
            send();
        }
        for (const auto& account : accounts()) {
            EXPECT_EQ(account.budget->reserved, PicoUsdSum()) << account.name;
            EXPECT_EQ(account.running, 0) << account.name;
            EXPECT_EQ(account.budget->settled, settled_[account.name]) << account.name;
        }
    }

    std::int64_t calls() const noexcept { return calls_; }

private:
    policy::BudgetOptions budget() {
        policy::BudgetOptions options;
        options.limit = PicoUsd(draws_.between(0, 6'000) * price);
        options.period = policy::Period::total;
        return options;
    }

    std::vector<policy::AccountReport> accounts() const {
        return settings_->accounts()->with(
            [&](const policy::AccountBook& book) { return book.report(clock_.now(), clock_.wall()); });
    }

    PicoUsdSum reserved_of(std::string_view name) const {
        for (const auto& account : accounts()) {
            if (account.level == Level::key && account.name == name) {
                return account.budget->reserved;
            }
        }
        return {};
    }

    void send() {
        const std::string key = keys[static_cast<std::size_t>(draws_.between(0, 1))];
        telemetry::Trail trail;
        Exchange x{settings_->keys().named(key), settings_, {}, sink_, trail};
        x.request.model = "cheap";
        x.request.original.bytes =
            R"({"model":"cheap","messages":[{"role":"user","content":"Hello"}],"max_tokens":)" +
            std::to_string(draws_.between(1, 1'000)) + "}";
        before_ = reserved_of(key);
        try {
            const auto outcome = test::run(Next(stages_)(x));
            EXPECT_TRUE(outcome || outcome.problem().kind() != ProblemKind::internal);
        } catch (const std::runtime_error&) {
            // as if its client had left: frames end where they stand
        }
    }

    /// Until nothing more is tried, or may be.
    Result<Outcome> played(Exchange& x) {
        const auto per_call = (reserved_of(x.caller->name) - before_).clamped();
        for (const auto& account : accounts()) {
            EXPECT_LE(account.budget->settled + account.budget->reserved, account.budget->options.limit)
                << "admitted beyond the budget of " << account.name;
        }
        PicoUsdSum costs;
        auto more = draws_.between(0, 5);
        while (more-- > 0 && x.spend->may_call(0)) {
            overlap();
            costs += call(x.trail, per_call);
        }
        overlap();
        for (const auto& name : {x.caller->name, std::string("search"), std::string("acme")}) {
            settled_[name] += costs;
        }
        if (draws_.chance(20)) {
            throw std::runtime_error("left");
        }
        return draws_.chance(50) ? Result<Outcome>(Outcome{})
                                 : Result<Outcome>(Problem(ProblemKind::upstream_failed, ""));
    }

    void overlap() {
        clock_.advance(Milliseconds(draws_.between(0, 1'000)));
        if (depth_ < deepest && draws_.chance(25)) {
            ++depth_;
            send();
            --depth_;
        }
    }

    /// What it is to cost in the end.
    PicoUsd call(telemetry::Trail& trail, PicoUsd worst) {
        ++calls_;
        auto& attempt = trail.attempts.emplace_back();
        PicoUsd cost;
        switch (draws_.between(0, 5)) {
            case 0:  // answered, and the provider said what it used
                attempt.status = 200;
                cost = PicoUsd(draws_.between(0, worst.value()));
                attempt.cost = cost;
                break;
            case 1:  // an error inside of a stream
                attempt.status = 200;
                attempt.cost = PicoUsd();
                break;
            case 2:  // answered, and nobody can tell what it used
                attempt.status = 200;
                cost = worst;
                break;
            case 3:  // cut off
                attempt.problem = ProblemKind::upstream_lost;
                cost = worst;
                break;
            case 4:
                attempt.status = 500;
                attempt.problem = ProblemKind::upstream_failed;
                break;
            default:
                attempt.problem = ProblemKind::upstream_connect;
                break;
        }
        telemetry::add_up_cost(trail);
        return cost;
    }

    test::Draws draws_;
    test::HandClock clock_;
    SystemRandom random_;
    tokens::TokenCounter counter_;
    test::SilentSink sink_;
    std::shared_ptr<const Settings> settings_;
    std::vector<std::unique_ptr<Stage>> stages_;
    std::map<std::string, PicoUsdSum> settled_;  // of each account, as it was played
    PicoUsdSum before_;  // what the key had set aside before the request that is about to be played
    int depth_{0};
    std::int64_t calls_{0};
};

TEST(ReservationsSimulation, WhatWasPlayedIsWhatIsSettledAndNothingLeaks) {
    const auto first = test::number_from("GATEHOUSE_SIMULATION_SEED", 1);
    const auto histories = test::number_from("GATEHOUSE_SIMULATION_HISTORIES", 400);
    std::int64_t calls = 0;
    for (std::uint64_t seed = first; seed < first + histories; ++seed) {
        History history(seed);
        history.play();
        calls += history.calls();
        ASSERT_FALSE(testing::Test::HasFailure()) << "GATEHOUSE_SIMULATION_SEED=" << seed;
    }
    EXPECT_GT(calls, 0);
    RecordProperty("calls", std::to_string(calls));
}

}  // namespace
}  // namespace gatehouse::pipeline

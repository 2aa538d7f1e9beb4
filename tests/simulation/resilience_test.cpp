// Histories of many requests against providers that fail as a seed has it, in a time that only the simulation
// moves: failover, retry budget, breakers, parking and strategies together, as the pipeline uses them. A
// failure prints its seed; GATEHOUSE_SIMULATION_SEED replays from it, GATEHOUSE_SIMULATION_HISTORIES says how
// many.
#include "gatehouse/policy/failover.hpp"
#include "gatehouse/policy/strategy.hpp"
#include "gatehouse/upstream/health.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <vector>

namespace gatehouse {
namespace {

using std::chrono::seconds;
using upstream::HealthBoard;
using upstream::Resilience;
using upstream::TargetHealth;

class SimulatedClock : public Clock {
public:
    Instant now() const noexcept override { return now_; }
    WallTime wall() const noexcept override { return WallTime{}; }
    Task<void> sleep_until(Instant) override { co_return; }
    void set(Instant now) { now_ = now; }

private:
    Instant now_{std::chrono::hours(1000)};
};

class Dice : public Random {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    double unit() override { return std::uniform_real_distribution<double>(0.0, 1.0)(engine_); }
    int between(int least, int most) { return std::uniform_int_distribution<int>(least, most)(engine_); }
    bool chance(double share) { return unit() < share; }

private:
    std::mt19937_64 engine_;
};

/// How a provider behaves for a while.
struct Weather {
    double failing{0};       // share of the calls
    double rate_limited{0};  // of those that do not fail
    bool hints{false};       // says how long to wait
    int longest_hint_ms{20'000};
    bool refuses_credentials{false};
    int slowest_ms{100};
};

struct Provider {
    std::shared_ptr<TargetHealth> health;
    std::vector<Digest> credentials;
    Weather weather;
    double weight{1};
    // What the simulation saw, to hold against what the machines promise.
    std::vector<Instant> first_calls;
    std::vector<Instant> retries;
    int calls{0};
};

struct Request {
    explicit Request(policy::Failover machine) : failover(std::move(machine)) {}
    policy::Failover failover;
    std::vector<std::size_t> order;  // of the plan, into the providers
    int calls{0};
    Instant began{};
    std::optional<upstream::CallInFlight> in_flight;
    std::optional<bool> served;
    policy::StopReason stop{policy::StopReason::final_answer};
};

class History {
public:
    explicit History(std::uint64_t seed) : dice_(seed) {
        resilience_.retry.attempts = dice_.between(1, 6);
        resilience_.retry.deadline = seconds(dice_.between(5, 120));
        resilience_.breaker.open_for = seconds(dice_.between(2, 30));
        resilience_.breaker.all_open = dice_.chance(0.3) ? policy::AllOpen::fail : policy::AllOpen::try_one;
        strategy_ = static_cast<policy::Strategy>(dice_.between(0, 5));
        const int targets = dice_.between(1, 4);
        for (int i = 0; i < targets; ++i) {
            Provider provider;
            provider.health = board_.of("provider " + std::to_string(i), "model");
            const int credentials = dice_.between(1, 3);
            for (int k = 0; k < credentials; ++k) {
                provider.credentials.push_back(sha256(std::to_string(i) + "/" + std::to_string(k)));
            }
            provider.weight = dice_.between(1, 5);
            providers_.push_back(std::move(provider));
        }
    }

    std::vector<Provider>& providers() { return providers_; }
    Resilience& resilience() { return resilience_; }
    Dice& dice() { return dice_; }
    Instant now() const { return clock_.now(); }
    const std::vector<std::unique_ptr<Request>>& requests() const { return requests_; }

    /// Requests for so long, so many a second, then all of them to their end.
    void run(seconds length, int per_second) {
        const Instant until = clock_.now() + length;
        Instant arrival = clock_.now();
        while (true) {
            arrival += std::chrono::microseconds(
                static_cast<std::int64_t>(-std::log(1.0 - dice_.unit()) * 1e6 / per_second));
            if (arrival >= until) {
                break;
            }
            at(arrival, [this] { begin(); });
        }
        at(until, [] {});
        play();
    }

private:
    struct Event {
        Instant when;
        std::uint64_t number;
        std::function<void()> what;
        bool operator>(const Event& other) const {
            return when != other.when ? when > other.when : number > other.number;
        }
    };

    void at(Instant when, std::function<void()> what) {
        events_.push({std::max(when, clock_.now()), events_made_++, std::move(what)});
    }

    void play() {
        while (!events_.empty()) {
            Event event = events_.top();
            events_.pop();
            clock_.set(event.when);
            event.what();
        }
    }

    void begin() {
        policy::Failover machine(resilience_.retry, resilience_.breaker.all_open, providers_.size(),
                                 clock_.now());
        auto& request = *requests_.emplace_back(std::make_unique<Request>(std::move(machine)));
        request.began = clock_.now();
        std::vector<policy::Contender> contenders;
        for (const auto& provider : providers_) {
            const auto load = provider.health->load(clock_.now());
            policy::Contender contender;
            contender.weight = provider.weight;
            contender.latency = load.whole;
            contender.in_flight = load.in_flight;
            contender.identity = policy::stable_hash(provider.health->provider());
            contenders.push_back(contender);
        }
        request.order = policy::order_of(strategy_, contenders, requests_.size(), dice_);
        step(request);
    }

    void step(Request& request) {
        while (true) {
            std::vector<policy::TargetStanding> standings;
            for (const auto i : request.order) {
                standings.push_back(providers_[i].health->standing(resilience_, providers_[i].credentials,
                                                                   clock_.now(), dice_.unit()));
            }
            const auto next = request.failover.next(standings, clock_.now(), dice_.unit());
            if (!next.call) {
                end(request, false, next.stop);
                return;
            }
            const auto call = *next.call;
            auto& provider = providers_[request.order[call.target]];
            if (call.reason == policy::CallReason::retry &&
                !provider.health->take_retry(resilience_, clock_.now())) {
                continue;
            }
            if (call.reason == policy::CallReason::retry) {
                provider.retries.push_back(clock_.now());
            }
            ASSERT_LT(call.at, request.began + resilience_.retry.deadline + seconds(1));
            at(call.at, [this, &request, &provider, call] { send(request, provider, call); });
            return;
        }
    }

    void send(Request& request, Provider& provider, const policy::Call& call) {
        request.in_flight.emplace(
            provider.health->begin(resilience_, provider.credentials, call.reason, clock_));
        if (call.reason != policy::CallReason::retry && call.reason != policy::CallReason::next_credential) {
            provider.first_calls.push_back(clock_.now());
        }
        ++request.calls;
        ++provider.calls;
        const Milliseconds took(dice_.between(1, provider.weather.slowest_ms));
        auto outcome = fate(provider, request.in_flight->credential());
        at(clock_.now() + took, [this, &request, took, outcome, call] {
            if (outcome) {
                request.in_flight->failed(*outcome);
                request.in_flight.reset();
                request.failover.failed(call.target, *outcome, 1, clock_.now());
                step(request);
            } else {
                request.in_flight->succeeded(upstream::AnswerForm::whole, took);
                request.in_flight.reset();
                end(request, true, policy::StopReason::final_answer);
            }
        });
    }

    std::optional<Problem> fate(const Provider& provider, std::size_t credential) {
        const auto& weather = provider.weather;
        if (weather.refuses_credentials && credential == 0) {
            return Problem(ProblemKind::upstream_credentials, "", Retry::other_credential).with_status(401);
        }
        if (dice_.chance(weather.failing)) {
            return Problem(ProblemKind::upstream_failed, "", Retry::same_place).with_status(500);
        }
        if (dice_.chance(weather.rate_limited)) {
            Problem limited(ProblemKind::upstream_rate_limited, "", Retry::same_place);
            limited = std::move(limited).with_status(429);
            return weather.hints
                       ? std::move(limited).with_wait(Milliseconds(dice_.between(0, weather.longest_hint_ms)))
                       : std::move(limited);
        }
        return std::nullopt;
    }

    void end(Request& request, bool served, policy::StopReason stop) {
        ASSERT_FALSE(request.served) << "a request was answered twice";
        request.served = served;
        request.stop = stop;
    }

    Dice dice_;
    SimulatedClock clock_;
    HealthBoard board_;
    Resilience resilience_;
    policy::Strategy strategy_{policy::Strategy::ordered};
    std::vector<Provider> providers_;
    std::vector<std::unique_ptr<Request>> requests_;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    std::uint64_t events_made_{0};
};

std::uint64_t number_from(const char* name, std::uint64_t standard) {
    const char* said = std::getenv(name);
    return said == nullptr ? standard : std::strtoull(said, nullptr, 10);
}

/// What holds in every history: each request ends once, within its calls and near its deadline, and no target
/// sees more retries than its budget.
void expect_promises(const History& history, const Resilience& resilience,
                     const std::vector<Provider>& providers) {
    for (const auto& request : history.requests()) {
        ASSERT_TRUE(request->served) << "a request was never answered";
        EXPECT_LE(request->calls, resilience.retry.attempts);
        const bool called = request->calls > 0;
        EXPECT_TRUE(called || resilience.breaker.all_open == policy::AllOpen::fail);
    }
    for (const auto& provider : providers) {
        // The budget counts by whole seconds of the clock, the newest included.
        const auto second = [](Instant when) { return std::chrono::floor<seconds>(when.time_since_epoch()); };
        for (std::size_t i = 0; i < provider.retries.size(); ++i) {
            const auto newest = second(provider.retries[i]);
            const auto in_window = [&](Instant when) {
                return second(when) > newest - seconds(10) && when <= provider.retries[i];
            };
            const auto retries =
                std::count_if(provider.retries.begin(),
                              provider.retries.begin() + static_cast<std::ptrdiff_t>(i) + 1, in_window);
            const auto firsts =
                std::count_if(provider.first_calls.begin(), provider.first_calls.end(), in_window);
            ASSERT_LE(static_cast<double>(retries),
                      11.0 + resilience.retry.budget * static_cast<double>(firsts));
        }
    }
}

class Simulation : public testing::Test {
protected:
    /// `play` runs one history and says what it expects of it.
    void each_history(std::uint64_t usual_count, const std::function<void(History&)>& play) {
        const auto first = number_from("GATEHOUSE_SIMULATION_SEED", 1);
        const auto count = number_from("GATEHOUSE_SIMULATION_HISTORIES", usual_count);
        for (auto seed = first; seed < first + count; ++seed) {
            SCOPED_TRACE("GATEHOUSE_SIMULATION_SEED=" + std::to_string(seed));
            History history(seed);
            play(history);
            expect_promises(history, history.resilience(), history.providers());
            if (HasFailure()) {
                return;
            }
        }
        RecordProperty("first_seed", std::to_string(first));
    }
};

TEST_F(Simulation, EveryRequestIsAnsweredOnceWithinItsCallsInAnyWeather) {
    each_history(2'000, [](History& history) {
        auto& dice = history.dice();
        const int phases = dice.between(1, 3);
        for (int i = 0; i < phases; ++i) {
            for (auto& provider : history.providers()) {
                provider.weather.failing = dice.chance(0.3) ? 1.0 : dice.chance(0.5) ? dice.unit() : 0.0;
                provider.weather.rate_limited = dice.chance(0.3) ? dice.unit() : 0.0;
                provider.weather.hints = dice.chance(0.5);
                provider.weather.longest_hint_ms = dice.chance(0.3) ? 0 : 20'000;
                provider.weather.refuses_credentials = dice.chance(0.2);
                provider.weather.slowest_ms = dice.between(1, 5'000);
            }
            history.run(seconds(dice.between(3, 15)), dice.between(1, 6));
        }
    });
}

TEST_F(Simulation, OneWorkingTargetIsEnough) {
    each_history(500, [](History& history) {
        auto& dice = history.dice();
        auto& providers = history.providers();
        history.resilience().retry.attempts = static_cast<int>(providers.size()) + 1;
        const auto working =
            static_cast<std::size_t>(dice.between(0, static_cast<int>(providers.size()) - 1));
        for (std::size_t i = 0; i < providers.size(); ++i) {
            providers[i].weather.failing = i == working ? 0.0 : dice.unit();
        }
        history.run(seconds(15), dice.between(1, 10));
        for (const auto& request : history.requests()) {
            ASSERT_TRUE(request->served.value_or(false)) << "one target would have answered";
        }
    });
}

TEST_F(Simulation, LimitedCredentialsDoNotKeepAWorkingTargetFromItsCall) {
    each_history(500, [](History& history) {
        auto& dice = history.dice();
        auto& providers = history.providers();
        history.resilience().retry.attempts = dice.between(2, 4);
        if (providers.size() < 2) {
            return;
        }
        auto& limited =
            providers[static_cast<std::size_t>(dice.between(0, static_cast<int>(providers.size()) - 1))];
        limited.weather.rate_limited = 1.0;
        limited.weather.hints = true;
        limited.weather.longest_hint_ms = dice.chance(0.5) ? 0 : 20'000;
        history.run(seconds(15), dice.between(1, 10));
        for (const auto& request : history.requests()) {
            ASSERT_TRUE(request->served.value_or(false)) << "another target would have answered";
        }
    });
}

TEST_F(Simulation, ATargetThatWorksAgainGetsItsShareBack) {
    each_history(150, [](History& history) {
        auto& dice = history.dice();
        for (auto& provider : history.providers()) {
            provider.weather.failing = dice.chance(0.5) ? 1.0 : dice.unit();
        }
        history.run(seconds(dice.between(5, 20)), dice.between(2, 10));
        for (auto& provider : history.providers()) {
            provider.weather = {};
        }
        // A pause, the probe, thirty seconds of recovery. A strategy may call a target rarely, and nobody
        // probes for its own sake: so every request of this time is offered all of them.
        history.run(seconds(90), 4);
        for (const auto& provider : history.providers()) {
            const auto report = provider.health->report(history.resilience(), history.now());
            const bool is_called = report.calls > 0;
            EXPECT_TRUE(!is_called || report.state == policy::BreakerState::closed)
                << provider.health->provider() << " is " << name_of(report.state);
        }
        const auto before = history.requests().size();
        history.run(seconds(10), 4);
        for (std::size_t i = before; i < history.requests().size(); ++i) {
            const auto& request = *history.requests()[i];
            EXPECT_TRUE(request.served.value_or(false));
            EXPECT_EQ(request.calls, 1);
        }
        EXPECT_TRUE(std::any_of(history.providers().begin(), history.providers().end(),
                                [](const Provider& provider) { return provider.calls > 0; }));
    });
}

TEST_F(Simulation, ProvidersThatAreDownSeeFewCalls) {
    each_history(60, [](History& history) {
        history.resilience() = {};
        const bool fails_fast = history.dice().chance(0.5);
        history.resilience().breaker.all_open = fails_fast ? policy::AllOpen::fail : policy::AllOpen::try_one;
        for (auto& provider : history.providers()) {
            provider.weather.failing = 1.0;
        }
        history.run(seconds(30), 15);
        int calls = 0;
        for (const auto& request : history.requests()) {
            EXPECT_FALSE(*request->served);
            calls += request->calls;
        }
        const auto per_request = static_cast<double>(calls) / static_cast<double>(history.requests().size());
        EXPECT_LE(per_request, fails_fast ? 0.5 : 2.4);
    });
}

TEST_F(Simulation, TwoTargetsWithThirtyPercentFaultsServeNearlyAll) {
    std::size_t served = 0;
    std::size_t all = 0;
    int calls = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        History history(seed);
        history.resilience() = {};
        auto& providers = history.providers();
        if (providers.size() < 2) {
            continue;
        }
        providers.resize(2);
        providers[0].weather.failing = providers[1].weather.failing = 0.3;
        history.run(seconds(20), 50);
        expect_promises(history, history.resilience(), providers);
        for (const auto& request : history.requests()) {
            served += request->served.value_or(false) ? 1U : 0U;
            calls += request->calls;
            ++all;
        }
    }
    const auto count = static_cast<double>(all);
    EXPECT_GE(static_cast<double>(served) / count, 0.95);
    EXPECT_LE(static_cast<double>(calls) / count, 1.45);
}

}  // namespace
}  // namespace gatehouse

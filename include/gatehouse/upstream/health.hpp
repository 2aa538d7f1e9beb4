// Health: how providers have been answering. Which targets are left alone, which credentials are parked, who
// is quick and who is busy.
//
// Shared by all lanes, and kept over reloads: an entry belongs to a provider's name and an upstream model, a
// credential to itself. The decisions are policy's; here is what they remember, under a lock of each entry's
// own. Room: upstream. May include: core, policy.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/guarded.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/policy/circuit_breaker.hpp"
#include "gatehouse/policy/failover.hpp"
#include "gatehouse/policy/hedge.hpp"
#include "gatehouse/policy/latency.hpp"
#include "gatehouse/policy/retry.hpp"
#include "gatehouse/upstream/provider_room.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::upstream {

/// The operator's words on failing and slow targets.
struct Resilience {
    policy::RetryOptions retry;
    policy::BreakerOptions breaker;
    std::optional<policy::HedgeOptions> hedge{};  // absent: off
};

/// Streams and whole answers take times that cannot be compared.
enum class AnswerForm : std::uint8_t { stream, whole };

/// Credentials that are left alone, by what they are and not by their place in the file: a reload may move
/// them.
class ParkedCredentials {
public:
    /// Until when; nothing if it is not parked.
    std::optional<Instant> until(const Digest& credential, Instant now) const noexcept;
    /// A later end extends an earlier one; a sooner one does not shorten it.
    void park(const Digest& credential, Instant until);
    /// Refusals in a row, the one that is now told included.
    int refused(const Digest& credential);
    void answered(const Digest& credential) noexcept;
    std::size_t parked(Instant now) const noexcept;

private:
    struct Entry {
        Digest credential;
        Instant until;
        int refusals{0};
    };
    Entry& entry(const Digest& credential);
    std::vector<Entry> entries_;
};

/// What all targets of one provider share.
class ProviderHealth {
public:
    std::optional<Instant> parked_until(const Digest& credential, Instant now) const;
    void park(const Digest& credential, Instant until);
    std::size_t parked(Instant now) const;
    ProviderRoom& room() noexcept { return room_; }

private:
    ProviderRoom room_;
    std::atomic<bool> any_{false};  // the usual case takes no lock
    Guarded<ParkedCredentials> parked_;
};

class CallInFlight;

/// One upstream model of one provider.
class TargetHealth {
public:
    TargetHealth(std::string provider, std::string model, std::shared_ptr<ProviderHealth> shared)
        : provider_(std::move(provider)), model_(std::move(model)), shared_(std::move(shared)) {}
    TargetHealth(const TargetHealth&) = delete;
    TargetHealth& operator=(const TargetHealth&) = delete;

    const std::string& provider() const noexcept { return provider_; }
    const std::string& model() const noexcept { return model_; }

    /// `credentials`: of the provider, in the order of preference. `draw` of [0, 1).
    policy::TargetStanding standing(const Resilience& resilience, std::span<const Digest> credentials,
                                    Instant now, double draw) const;
    /// What its provider may be asked for.
    ProviderRoom& room() const noexcept { return shared_->room(); }
    /// Takes one retry out of the budget; false: it is spent. Before the wait for it, so that many who wait
    /// at one time do not share one permission.
    bool take_retry(const Resilience& resilience, Instant now);
    /// Begins a call with the first credential that is not parked, or the one whose time is up first. `room`:
    /// its place at the provider.
    CallInFlight begin(const Resilience& resilience, std::span<const Digest> credentials,
                       policy::CallReason reason, Clock& clock, RoomHold room = {});

    /// What strategies ask.
    struct Load {
        int in_flight{0};
        std::optional<Milliseconds> first_token;  // decayed mean, streams
        std::optional<Milliseconds> whole;        // decayed mean, whole answers
    };
    Load load(Instant now) const;
    /// How long `share` of the calls of this form have been taking at most. Nothing while too little is
    /// known.
    std::optional<Milliseconds> quantile(AnswerForm form, double share, Instant now) const;

    /// What an operator may see.
    struct Report {
        std::string provider;
        std::string model;
        policy::BreakerState state{policy::BreakerState::closed};
        policy::BreakerOrder order{policy::BreakerOrder::none};
        std::optional<Milliseconds> opens_again_in;  // of an open one: until the next probe
        std::int64_t calls{0};                       // of the breaker's window
        std::int64_t failures{0};
        int failures_in_a_row{0};
        std::size_t credentials_parked{0};           // for this model only
        std::size_t provider_credentials_parked{0};  // for every model of the provider
        Load load;
    };
    Report report(const Resilience& resilience, Instant now) const;
    void order(policy::BreakerOrder order);
    /// Is there anything that would be lost with it?
    bool is_uneventful() const;

private:
    friend class CallInFlight;
    struct State {
        policy::CircuitBreaker breaker;
        policy::RetryBudget retries;
        ParkedCredentials parked;
        int in_flight{0};
        policy::DecayedMean first_token;
        policy::DecayedMean whole;
        policy::LatencyHistogram first_token_times;
        policy::LatencyHistogram whole_times;
    };
    static Load load_of(const State& state, Instant now);
    std::optional<Instant> parked_until(const State& state, const Digest& credential, Instant now) const;

    std::string provider_;
    std::string model_;
    std::shared_ptr<ProviderHealth> shared_;
    Guarded<State> state_;
};

/// A call between its beginning and its end. If nobody says how it ended, its client left: that says nothing
/// of the target, unless the client had waited for much longer than the target usually takes.
class CallInFlight {
public:
    CallInFlight(TargetHealth& target, const Resilience& resilience, policy::CircuitBreaker::Ticket ticket,
                 std::size_t credential, const Digest& digest, Clock& clock, RoomHold room) noexcept
        : target_(&target),
          resilience_(&resilience),
          ticket_(ticket),
          credential_(credential),
          digest_(digest),
          clock_(&clock),
          room_(std::move(room)) {}
    CallInFlight(CallInFlight&& other) noexcept;
    CallInFlight& operator=(CallInFlight&&) = delete;
    CallInFlight(const CallInFlight&) = delete;
    CallInFlight& operator=(const CallInFlight&) = delete;
    ~CallInFlight();

    /// Which one of the provider's.
    std::size_t credential() const noexcept { return credential_; }
    /// The first content has come: the target is well, however long the rest takes.
    void answering();
    /// It is over and says nothing of the target: another call was quicker, or its time was cut by the
    /// client.
    void give_up();
    /// `took`: to the first content of a stream, to the end of a whole answer; absent where neither is meant.
    void succeeded(AnswerForm form, std::optional<Milliseconds> took);
    void failed(const Problem& problem);
    /// The provider says that the credential has no calls of this model left for so long.
    void exhausted_for(Milliseconds wait);
    /// What it took of the provider's tokens, instead of the estimate.
    void used(std::int64_t tokens) noexcept { room_.used(tokens); }
    /// The provider was not asked after all: its limits are not touched.
    void unasked() noexcept { room_.unused(); }

private:
    TargetHealth* target_;  // null: ended
    const Resilience* resilience_;
    policy::CircuitBreaker::Ticket ticket_;
    std::size_t credential_;
    Digest digest_;
    Clock* clock_;
    Instant began_{clock_->now()};
    bool answering_{false};
    RoomHold room_;
};

class HealthBoard {
public:
    /// The names of pattern targets come from clients, so their number is bounded.
    static constexpr std::size_t most_targets = 10'000;

    /// The entry of a target, the same for everybody who asks. Beyond the bound the entry is the asker's
    /// alone.
    std::shared_ptr<TargetHealth> of(const std::string& provider, const std::string& model);
    /// A call that may be hedged, and one beside such a call; false: that is beyond the share.
    void first_call(Instant now);
    bool take_hedge(const policy::HedgeOptions& options, Instant now);
    /// Of all that somebody uses or that are not closed; also of those whose names clients chose.
    std::vector<TargetHealth::Report> report(const Resilience& resilience, Instant now) const;
    /// False: there is no such target.
    bool order(const std::string& provider, const std::string& model, policy::BreakerOrder order);

private:
    using Name = std::pair<std::string, std::string>;
    struct Entries {
        std::map<Name, std::shared_ptr<TargetHealth>> targets;
        std::map<std::string, std::shared_ptr<ProviderHealth>> providers;
    };
    Guarded<Entries> entries_;
    Guarded<policy::HedgeBudget> hedges_;
};

}  // namespace gatehouse::upstream

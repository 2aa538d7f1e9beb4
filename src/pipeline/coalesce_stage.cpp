#include "answer_usage.hpp"
#include "call_place.hpp"
#include "live_call.hpp"
#include "shared_call.hpp"

#include "gatehouse/net/lane.hpp"
#include "gatehouse/pipeline/stages.hpp"
#include "gatehouse/telemetry/log.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <exception>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace gatehouse::pipeline {
namespace {

/// May another request's answer be this one's, or the other way round?
bool may_share(Exchange& x) {
    const bool wanted = x.settings->cache_of(x.model).coalesce && x.cache.shares() &&
                        !x.cache.only_if_cached && x.request.original.rest == nullptr;
    if (!wanted) {
        return false;
    }
    if (!x.identity) {
        x.identity = identify(x);
    }
    return x.identity->unshared == Unshared::none;
}

class KeyText {
public:
    void add(const Digest& digest) { text_.append(digest.begin(), digest.end()); }
    void add(std::string_view text) {
        add(static_cast<std::int64_t>(text.size()));
        text_ += text;
    }
    void add(std::int64_t number) {
        text_ += std::to_string(number);
        text_ += ';';
    }
    void add(const std::optional<Milliseconds>& time) { add(time ? time->count() : std::int64_t{-1}); }
    Digest digest() const { return sha256(text_); }

private:
    std::string text_;
};

/// The identity, and what else makes another stream of bytes, another moment to give up, another choice among
/// answers that are kept, or another limit to what may be spent.
Digest key_of(const Exchange& x) {
    const auto& request = x.request;
    const auto& original = request.original;
    KeyText key;
    key.add(x.identity->exact);
    key.add(std::int64_t{request.stream} + 2 * std::int64_t{request.json_array} +
            4 * std::int64_t{request.wants_usage} + 8 * std::int64_t{x.accounts.has_budget()});
    key.add(std::string_view(original.bytes)
                .substr(original.stream_options.begin, original.stream_options.size()));
    key.add(x.total_timeout);
    key.add(x.first_token_timeout);
    key.add(x.cache.most ? static_cast<std::int64_t>(*x.cache.most) : std::int64_t{-1});
    // What a provider thought before it called a tool is kept for the caller that the call was made for, and
    // its next turn needs that.
    key.add(request.offers_tools ? std::string_view(x.caller->name) : std::string_view());
    // NaN, which no threshold is, for none.
    key.add(
        std::bit_cast<std::int64_t>(x.cache.threshold.value_or(std::numeric_limits<double>::quiet_NaN())));
    key.add(x.cache.max_age);
    return key.digest();
}

/// The request that opened a call pays for it, on every way out.
class Opener {
public:
    Opener(telemetry::Trail& trail, std::shared_ptr<CallAccount> account)
        : trail_(trail), account_(std::move(account)) {}
    Opener(const Opener&) = delete;
    Opener& operator=(const Opener&) = delete;
    ~Opener() {
        try {
            tell_opener(account_->trail(), trail_);
        } catch (const std::exception& error) {
            telemetry::note_escaped(error.what());
        }
        if (!account_->settled()) {
            trail_.late_costs = std::move(account_);
        }
    }

private:
    telemetry::Trail& trail_;
    std::shared_ptr<CallAccount> account_;
};

/// What a request was spared that read another one's call is counted on every way out, by what its trail says
/// then, as the metrics do.
class Spared {
public:
    Spared(const telemetry::Trail& trail, CacheTally& tally)
        : trail_(trail), asked_(trail.model), tally_(tally) {}
    Spared(const Spared&) = delete;
    Spared& operator=(const Spared&) = delete;
    ~Spared() {
        if (trail_.cache != "coalesced") {
            return;
        }
        try {
            const auto spared = std::max<std::int64_t>(trail_.saved_tokens.value(), 0);
            tally_.coalesced(asked_, trail_.saved,
                             all_tokens_on(trail_) + static_cast<std::uint64_t>(spared));
        } catch (const std::exception& error) {
            telemetry::note_escaped(error.what());
        }
    }

private:
    const telemetry::Trail& trail_;
    const std::string asked_;  // the trail has another one once rules have chosen
    CacheTally& tally_;
};

/// Did the call end because its opener itself may not have it? Others may.
bool is_the_openers(const SharedCall::Ending& ending) noexcept {
    if (ending.outcome || !ending.trail.attempts.empty()) {
        return false;
    }
    const auto kind = ending.outcome.problem().kind();
    return kind == ProblemKind::rate_limited || kind == ProblemKind::budget_spent ||
           kind == ProblemKind::price_unknown;
}

using Tell = void (&)(const telemetry::Trail&, telemetry::Trail&);

/// While a request waits for the call. The time counts as the provider's, and a head that leaves meanwhile
/// says what is known of the call.
class WaitForCall : private telemetry::TrailSource {
public:
    WaitForCall(const SharedCall::Reader& reader, telemetry::Trail& trail, Clock& clock, Tell tell)
        : reader_(reader), trail_(trail), clock_(clock), tell_(tell), began_(clock.now()) {
        trail_.source = this;
    }
    WaitForCall(const WaitForCall&) = delete;
    WaitForCall& operator=(const WaitForCall&) = delete;
    ~WaitForCall() override {
        trail_.source = nullptr;
        trail_.upstream_time += clock_.now() - began_;
    }

private:
    void bring_up_to_date(telemetry::Trail& trail) const override {
        if (const auto known = reader_.announced()) {
            tell_(*known, trail);
        }
    }

    const SharedCall::Reader& reader_;
    telemetry::Trail& trail_;
    Clock& clock_;
    Tell tell_;
    Instant began_;
};

/// Passes the reply on, from its beginning to the call's end.
Task<Result<Outcome>> pass_on(Exchange& x, SharedCall::Reader& reader, Clock& clock, Tell tell) {
    using Look = SharedCall::Reader::Look;
    while (true) {
        const auto look = reader.look();
        if (look == Look::ended) {
            const auto& ending = *reader.ending();
            x.was_served = x.was_served || !ending.trail.attempts.empty();
            if (!is_the_openers(ending)) {
                tell(ending.trail, x.trail);
            }
            co_return ending.outcome;
        }
        if (look == Look::fell_behind) {
            co_return Problem(ProblemKind::request_timeout,
                              "The client reads too slowly for a reply that it shares with others.");
        }
        if (look == Look::nothing_yet) {
            const WaitForCall waiting(reader, x.trail, clock, tell);
            co_await reader.wait();
            continue;
        }
        x.was_served = true;
        if (const auto* trail = reader.trail()) {
            tell(*trail, x.trail);
        }
        if (const auto* head = reader.head()) {
            x.sink.head(*head);
        }
        auto pushed = co_await x.sink.push(reader.run());
        if (!pushed) {
            co_return std::move(pushed.problem());
        }
    }
}

}  // namespace

// Not a coroutine: what is not shared costs no frame.
Task<Result<Outcome>> CoalesceStage::run(Exchange& x, Next next) {
    return may_share(x) ? share(x, next, key_of(x)) : next(x);
}

Task<Result<Outcome>> CoalesceStage::share(Exchange& x, Next next, Digest key) {
    const Spared spared(x.trail, tally_);
    while (true) {
        const auto place = table_.join(key, lane_);
        x.shares_call = place != nullptr;
        // Known from here on, also to a head that leaves before the reply.
        const bool follows = place != nullptr && !place->opens();
        x.trail.cache = follows ? std::string_view("coalesced") : std::string_view();
        if (place == nullptr) {
            co_return co_await next(x);
        }
        auto& reader = place->reader();
        if (place->opens()) {
            auto live = std::make_unique<LiveCall>(x, place->call(), table_, key);
            place->begun();
            const Opener pays(x.trail, live->account());
            lane_.spawn(LiveCall::run(std::move(live), next, lane_.clock().wall()));
            co_return co_await pass_on(x, reader, lane_.clock(), tell_opener);
        }
        auto outcome = co_await pass_on(x, reader, lane_.clock(), tell_follower);
        if (reader.ending() == nullptr || !is_the_openers(*reader.ending())) {
            co_return outcome;
        }
    }
}

}  // namespace gatehouse::pipeline

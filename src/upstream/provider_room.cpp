#include "gatehouse/upstream/provider_room.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::upstream {
namespace {

/// Nobody knows when a call ends.
constexpr Milliseconds wait_for_an_end{1'000};

void resize(policy::TokenBucket& bucket, const std::optional<std::int64_t>& before,
            const std::optional<std::int64_t>& wanted, Instant now) noexcept {
    if (!wanted || wanted == before) {
        return;
    }
    if (before) {
        bucket.resize(*wanted, now);
    } else {
        bucket = policy::TokenBucket(*wanted, now);
    }
}

}  // namespace

void ProviderRoom::State::follow(const policy::LimitOptions& wanted, Instant now) {
    resize(requests, limits.requests_per_minute, wanted.requests_per_minute, now);
    resize(tokens, limits.tokens_per_minute, wanted.tokens_per_minute, now);
    limits = wanted;
}

std::optional<ProviderRoom::Full> ProviderRoom::State::full(std::int64_t needed, Instant now) const {
    std::optional<Milliseconds> longest{Milliseconds(0)};
    const auto wait = [&longest](const std::optional<Milliseconds>& more) {
        longest = longest && more ? std::optional(std::max(*longest, *more)) : std::nullopt;
    };
    if (limits.requests_per_minute) {
        wait(requests.wait_for(1, now));
    }
    if (limits.tokens_per_minute) {
        wait(tokens.wait_for(needed, now));
    }
    if (limits.concurrency && running >= *limits.concurrency) {
        wait(*limits.concurrency > 0 ? std::optional(wait_for_an_end) : std::nullopt);
    }
    if (!longest) {
        return Full{};
    }
    return longest->count() > 0 ? std::optional(Full{now + *longest}) : std::nullopt;
}

std::optional<ProviderRoom::Full> ProviderRoom::full(const policy::LimitOptions& limits, std::int64_t tokens,
                                                     Instant now) const {
    if (!limits_anything(limits)) {
        return std::nullopt;
    }
    return state_.with([&](State& state) {
        state.follow(limits, now);
        return state.full(tokens, now);
    });
}

std::optional<RoomHold> ProviderRoom::take(const policy::LimitOptions& limits, std::int64_t tokens,
                                           Clock& clock) {
    if (!limits_anything(limits)) {
        return RoomHold();
    }
    const auto now = clock.now();
    const bool taken = state_.with([&](State& state) {
        state.follow(limits, now);
        if (state.full(tokens, now)) {
            return false;
        }
        state.requests.take(1, now);
        state.tokens.take(tokens, now);
        ++state.running;
        return true;
    });
    return taken ? std::optional(RoomHold(*this, tokens, clock)) : std::nullopt;
}

RoomHold::RoomHold(RoomHold&& other) noexcept
    : room_(std::exchange(other.room_, nullptr)), tokens_(other.tokens_), clock_(other.clock_) {}

RoomHold::~RoomHold() {
    if (room_ != nullptr) {
        room_->state_.with([](ProviderRoom::State& state) { --state.running; });
    }
}

void RoomHold::unused() noexcept {
    if (room_ != nullptr) {
        const auto now = clock_->now();
        std::exchange(room_, nullptr)->state_.with([&](ProviderRoom::State& state) {
            state.requests.give_back(1, now);
            state.tokens.give_back(tokens_, now);
            --state.running;
        });
    }
}

void RoomHold::used(std::int64_t tokens) noexcept {
    if (room_ != nullptr) {
        const auto now = clock_->now();
        room_->state_.with([&](ProviderRoom::State& state) {
            state.tokens.settle(std::exchange(tokens_, tokens), tokens, now);
        });
    }
}

}  // namespace gatehouse::upstream

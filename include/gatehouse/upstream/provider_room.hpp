// What a provider may be asked for, as its operator limits it: requests and tokens a minute, calls at one
// time; of all its targets together, shared by all lanes.
//
// The limits come with each question, as those of the settings that the asker works with. Room: upstream. May
// include: core, policy.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/guarded.hpp"
#include "gatehouse/policy/account.hpp"
#include "gatehouse/policy/token_bucket.hpp"

#include <cstdint>
#include <optional>

namespace gatehouse::upstream {

class RoomHold;

class ProviderRoom {
public:
    /// No room for one more call of so many tokens; `free_at`: when there may be, if ever.
    struct Full {
        std::optional<Instant> free_at;
    };
    /// Nothing: there is room.
    std::optional<Full> full(const policy::LimitOptions& limits, std::int64_t tokens, Instant now) const;
    /// Takes what one call needs. Nothing: there is no room.
    std::optional<RoomHold> take(const policy::LimitOptions& limits, std::int64_t tokens, Clock& clock);

private:
    friend class RoomHold;
    struct State {
        void follow(const policy::LimitOptions& wanted, Instant now);
        std::optional<Full> full(std::int64_t tokens, Instant now) const;

        policy::LimitOptions limits;
        policy::TokenBucket requests;
        policy::TokenBucket tokens;
        std::int64_t running{0};
    };
    static bool limits_anything(const policy::LimitOptions& limits) noexcept {
        return limits.requests_per_minute || limits.tokens_per_minute || limits.concurrency;
    }

    mutable Guarded<State> state_;
};

/// The place of one call, given back when the call has ended.
class RoomHold {
public:
    /// Of a provider without limits.
    RoomHold() = default;
    RoomHold(RoomHold&& other) noexcept;
    RoomHold& operator=(RoomHold&&) = delete;
    RoomHold(const RoomHold&) = delete;
    RoomHold& operator=(const RoomHold&) = delete;
    ~RoomHold();

    /// So many tokens it was, instead of the estimate; without a word the estimate stays.
    void used(std::int64_t tokens) noexcept;
    /// The provider was not asked: place, request and tokens are given back at once.
    void unused() noexcept;

private:
    friend class ProviderRoom;
    RoomHold(ProviderRoom& room, std::int64_t tokens, Clock& clock) noexcept
        : room_(&room), tokens_(tokens), clock_(&clock) {}

    ProviderRoom* room_{nullptr};
    std::int64_t tokens_{0};
    Clock* clock_{nullptr};
};

}  // namespace gatehouse::upstream

// A clock that stands still until the test turns it. On one thread, with the coroutines that wait for it.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/net/signal.hpp"

#include <list>

namespace gatehouse::test {

class HandClock final : public Clock {
public:
    explicit HandClock(WallTime wall = WallTime(std::chrono::seconds(1'790'000'000))) : wall_(wall) {}

    Instant now() const noexcept override { return now_; }
    WallTime wall() const noexcept override { return wall_; }
    Task<void> sleep_until(Instant when) override;

    /// Those who waited for what has come go on when the event loop runs.
    void advance(Milliseconds by);
    std::size_t sleepers() const noexcept { return sleepers_.size(); }

private:
    struct Sleeper {
        Instant when;
        net::Signal* due;
    };
    class Bed;

    Instant now_{std::chrono::hours(1000)};
    WallTime wall_;
    std::list<Sleeper> sleepers_;
};

}  // namespace gatehouse::test

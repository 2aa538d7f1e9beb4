// Signal: one coroutine of a lane tells another that something has happened.
//
// For two coroutines of the same lane, one of which waits; no lock, no queue.
// Room: net. May include: core.
#pragma once

#include "gatehouse/core/task.hpp"

namespace gatehouse::net {

class Signal {
public:
    Signal() = default;
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    /// Returns once the signal is raised; at once if it is. One waiter at a time. Ends early, by an
    /// exception, when the waiting coroutine is cancelled.
    Task<void> wait();
    void raise() noexcept;
    /// Lowers it, for the next wait.
    void reset() noexcept { raised_ = false; }
    bool raised() const noexcept { return raised_; }

private:
    struct Waiter;
    Waiter* waiter_{nullptr};
    bool raised_{false};
};

}  // namespace gatehouse::net

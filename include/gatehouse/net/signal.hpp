// Signal: one coroutine of a lane tells another that something has happened.
//
// For two coroutines of the same lane, one of which waits; no lock, no queue.
// Room: net. May include: core.
#pragma once

#include "gatehouse/core/task.hpp"

#include <cstdint>

namespace gatehouse::net {

/// How a wait ends early. An exception costs as much as a hundred waits: what is cancelled at every good
/// ending, as who waits for a reason to stop, returns instead and awaits nothing more.
enum class WhenCancelled : std::uint8_t { throws, returns };

class Signal {
public:
    Signal() = default;
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    /// Returns once the signal is raised; at once if it is. One waiter at a time. Ends early when the waiting
    /// coroutine is cancelled.
    Task<void> wait(WhenCancelled cancelled = WhenCancelled::throws);
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

// A lane: one thread, one io_context, one clock. Shared-nothing: connections, pools and coroutines of a lane
// never meet another lane's.
// Room: net.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace gatehouse::net {

/// Is it how a coroutine learns that it has been cancelled, and no failure? Whoever catches everything must
/// let it pass.
bool is_cancellation(const std::exception& error) noexcept;

class Lane {
public:
    Lane();
    ~Lane();
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    boost::asio::io_context& context() noexcept;
    Clock& clock() noexcept;
    /// Is the caller one of its coroutines or tasks?
    bool is_here() const noexcept;

    /// Starts a coroutine on this lane; call from this lane or before run(). An exception that leaves it is
    /// logged and counted, never thrown on.
    void spawn(Task<void> task);
    /// Runs `task` on this lane from any thread.
    void post(std::function<void()> task);
    /// Runs `when_due` once after `delay`, on this lane.
    void after(Milliseconds delay, std::function<void()> when_due);

    /// Serves until stop(). An exception that leaves a handler is logged, counted, and serving goes on.
    void run();
    /// From any thread: cancels the spawned tasks, and ends run() once they have unwound (after 2 s in any
    /// case).
    void stop();
    /// Exceptions that left a handler so far.
    std::uint64_t escaped_exceptions() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gatehouse::net

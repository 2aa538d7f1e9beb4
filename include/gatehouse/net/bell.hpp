// Bell: any thread wakes one coroutine of a lane.
//
// What has happened stands elsewhere, under a lock of its own, and is written there before the bell is rung:
// whoever wakes looks there again, since several rings may be one, and one may come too late to tell anything
// new. Room: net. May include: core.
#pragma once

#include "gatehouse/core/task.hpp"
#include "gatehouse/net/signal.hpp"

#include <atomic>
#include <memory>

namespace gatehouse::net {

class Lane;

class Bell : public std::enable_shared_from_this<Bell> {
public:
    /// Of a coroutine on that lane. The bell may outlive the lane, as long as nobody rings it then.
    static std::shared_ptr<Bell> on(Lane& lane);
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;

    /// Returns once it has been rung since the last wait. One waiter at a time, on the lane. Ends early when
    /// the waiting coroutine is cancelled.
    Task<void> wait(WhenCancelled cancelled = WhenCancelled::throws);
    /// From any thread, at any time. REQUIRES: the lane lives; when it has been stopped nobody wakes.
    void ring();

private:
    explicit Bell(Lane& lane) noexcept : lane_(lane) {}

    Lane& lane_;
    Signal rung_;                          // on the lane only
    std::atomic<bool> on_its_way_{false};  // a ring from another thread
};

}  // namespace gatehouse::net

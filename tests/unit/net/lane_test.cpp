#include "gatehouse/net/lane.hpp"

#include "support/eventually.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace gatehouse::net {
namespace {

using namespace std::chrono_literals;
using test::eventually;

/// A lane that serves in a thread of its own while the test looks on.
class ServingLane {
public:
    ServingLane() : thread_([this] { lane.run(); }) {}
    ~ServingLane() {
        lane.stop();
        thread_.join();
    }
    ServingLane(const ServingLane&) = delete;
    ServingLane& operator=(const ServingLane&) = delete;

    Lane lane;

private:
    std::thread thread_;
};

Task<void> fail_at_once() {
    throw std::logic_error("a bug");
    co_return;
}

TEST(Lane, GoesOnServingAfterAnExceptionHasLeftAPostedTask) {
    ServingLane serving;
    std::atomic<bool> served{false};
    serving.lane.post([] { throw std::logic_error("a bug"); });
    serving.lane.post([&served] { served = true; });
    EXPECT_TRUE(eventually([&served] { return served.load(); }));
    EXPECT_EQ(serving.lane.escaped_exceptions(), 1U);
}

TEST(Lane, GoesOnServingAfterAnExceptionHasLeftACoroutine) {
    ServingLane serving;
    std::atomic<bool> served{false};
    serving.lane.post([&serving] { serving.lane.spawn(fail_at_once()); });
    EXPECT_TRUE(eventually([&serving] { return serving.lane.escaped_exceptions() == 1; }));
    serving.lane.post([&served] { served = true; });
    EXPECT_TRUE(eventually([&served] { return served.load(); }));
}

TEST(Lane, RunsWhatIsDueAfterADelayAndNotBefore) {
    ServingLane serving;
    std::atomic<bool> due{false};
    const auto began = std::chrono::steady_clock::now();
    serving.lane.post([&] { serving.lane.after(20ms, [&due] { due = true; }); });
    EXPECT_TRUE(eventually([&due] { return due.load(); }));
    EXPECT_GE(std::chrono::steady_clock::now() - began, 20ms);
}

TEST(Lane, EndsWhenItIsStoppedFromAnotherThread) {
    Lane lane;
    std::thread thread([&lane] { lane.run(); });
    lane.stop();
    thread.join();
    EXPECT_EQ(lane.escaped_exceptions(), 0U);
}

}  // namespace
}  // namespace gatehouse::net

// A thread that does the store's waiting: jobs run on it one after the other, in the order in which they were
// posted.
//
// Room: store, private.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <thread>
#include <utility>

namespace gatehouse::store {

class Worker {
public:
    /// `name` is the thread's, for the system's tools: 15 bytes at most, a literal.
    explicit Worker(const char* name);
    /// Runs what was posted, then ends the thread. Timers must have been cancelled.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// From any thread.
    template <class Job>
    void post(Job job) {
        boost::asio::post(context_, std::move(job));
    }
    /// Runs `job` on the thread and waits for its answer. Not from a lane that serves.
    template <class Job>
    auto ask(Job job) {
        std::packaged_task<decltype(job())()> task(std::move(job));
        auto answer = task.get_future();
        post([&task] { task(); });
        return answer.get();
    }
    /// For timers; to be used on the thread only.
    boost::asio::io_context& context() noexcept { return context_; }

private:
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::thread thread_;
};

}  // namespace gatehouse::store

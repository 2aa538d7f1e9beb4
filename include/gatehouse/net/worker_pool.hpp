// Threads for work that would hold a lane up: long computations, blocking calls. A coroutine hands a job
// over, waits, and goes on with what it gave, on its own lane.
//
// Shared by all lanes. Room: net. May include: core.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/net/options.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace gatehouse::net {

class WorkerPool {
public:
    explicit WorkerPool(WorkerPoolOptions options = {});
    /// Waits for the jobs that run; those that have not begun never do. No coroutine may be waiting any more.
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// Gives what `job()` returns. The job owns what it uses: if its caller is cancelled, that leaves at
    /// once, and the job is left out, or ends by itself when it has begun.
    ///
    /// Problem overloaded: too many jobs wait already. Problem internal: the job threw; that is in the log.
    template <class Job>
    Task<Result<std::invoke_result_t<Job&>>> run(Job job) {
        using Value = std::invoke_result_t<Job&>;
        const auto value = std::make_shared<std::optional<Value>>();
        std::function<void()> work = [value, job = std::move(job)]() mutable { value->emplace(job()); };
        const Status ran = co_await run_to_end(std::move(work));
        if (!ran) {
            co_return ran.problem();
        }
        co_return std::move(**value);
    }

    /// Has the job done some time; nobody waits for it, and what it throws is in the log. False: too many
    /// jobs wait already, and it never is.
    bool post(std::function<void()> job);

private:
    struct State;
    struct Ticket;
    bool takes_another();
    Task<Status> run_to_end(std::function<void()> work);

    std::unique_ptr<State> state_;
};

}  // namespace gatehouse::net

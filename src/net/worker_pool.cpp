#include "gatehouse/net/worker_pool.hpp"

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/net/signal.hpp"
#include "gatehouse/telemetry/log.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <cstddef>
#include <exception>

namespace gatehouse::net {

namespace asio = boost::asio;

struct WorkerPool::State {
    explicit State(WorkerPoolOptions with) : options(with), threads(with.threads) {}

    WorkerPoolOptions options;
    std::atomic<std::size_t> waiting{0};  // jobs that have not begun
    asio::thread_pool threads;
};

namespace {

/// False: it threw.
bool runs(const std::function<void()>& work) {
    try {
        work();
        return true;
    } catch (const std::exception& error) {
        telemetry::note_escaped(error.what());
        return false;
    }
}

}  // namespace

/// Shared by a job and the coroutine that waits for it. The coroutine may leave at any time: its lane is
/// posted to under the lock, and only while it waits there.
struct WorkerPool::Ticket {
    struct Waiting {
        std::optional<asio::any_io_executor> lane;  // absent: nobody waits any more
        std::shared_ptr<Signal> woken{std::make_shared<Signal>()};
        bool threw{false};
    };
    class Leave {
    public:
        explicit Leave(Ticket& ticket) : ticket_(ticket) {}
        Leave(const Leave&) = delete;
        Leave& operator=(const Leave&) = delete;
        ~Leave() {
            ticket_.waiting.with([](Waiting& waiting) { waiting.lane.reset(); });
        }

    private:
        Ticket& ticket_;
    };

    bool wanted() const {
        return waiting.with([](const Waiting& now) { return now.lane.has_value(); });
    }
    void run(const std::function<void()>& work) {
        const bool fine = runs(work);
        waiting.with([fine](Waiting& now) {
            now.threw = !fine;
            if (now.lane) {
                asio::post(*now.lane, [woken = std::weak_ptr(now.woken)] {
                    if (const auto alive = woken.lock()) {
                        alive->raise();
                    }
                });
            }
        });
    }

    Guarded<Waiting> waiting;
};

WorkerPool::WorkerPool(WorkerPoolOptions options) : state_(std::make_unique<State>(options)) {}

WorkerPool::~WorkerPool() {
    state_->threads.stop();
    state_->threads.join();
}

bool WorkerPool::takes_another() {
    if (state_->waiting.fetch_add(1) < state_->options.queue) {
        return true;
    }
    state_->waiting.fetch_sub(1);
    return false;
}

bool WorkerPool::post(std::function<void()> job) {
    if (!takes_another()) {
        return false;
    }
    asio::post(state_->threads, [&state = *state_, job = std::move(job)] {
        state.waiting.fetch_sub(1);
        runs(job);
    });
    return true;
}

Task<Status> WorkerPool::run_to_end(std::function<void()> work) {
    State& state = *state_;
    if (!takes_another()) {
        co_return Problem(ProblemKind::overloaded, "The gateway has too much to compute right now.",
                          Retry::same_place);
    }
    const auto lane = co_await asio::this_coro::executor;
    const auto ticket = std::make_shared<Ticket>();
    const auto woken = ticket->waiting.with([&lane](Ticket::Waiting& waiting) {
        waiting.lane = lane;
        return waiting.woken;
    });
    const Ticket::Leave leave(*ticket);
    asio::post(state.threads, [&state, ticket, work = std::move(work)] {
        state.waiting.fetch_sub(1);
        if (ticket->wanted()) {
            ticket->run(work);
        }
    });
    co_await woken->wait();
    const bool threw = ticket->waiting.with([](const Ticket::Waiting& waiting) { return waiting.threw; });
    if (threw) {
        co_return Problem(ProblemKind::internal, "The gateway failed.");
    }
    co_return done();
}

}  // namespace gatehouse::net

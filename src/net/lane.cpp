#include "gatehouse/net/lane.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <list>
#include <optional>
#include <utility>

namespace gatehouse::net {
namespace {

namespace asio = boost::asio;

// How long a stop waits for tasks to unwind; one that swallows its cancellation is not waited for longer.
constexpr Milliseconds unwind_time{2'000};

class LaneClock final : public Clock {
public:
    explicit LaneClock(asio::io_context& context) : context_(context) {}

    Instant now() const noexcept override { return std::chrono::steady_clock::now(); }
    WallTime wall() const noexcept override { return std::chrono::system_clock::now(); }

    Task<void> sleep_until(Instant when) override {
        if (when <= now()) {
            co_return;
        }
        asio::steady_timer timer(context_, when);
        boost::system::error_code ended_early;
        auto token = asio::redirect_error(asio::use_awaitable, ended_early);
        co_await timer.async_wait(std::move(token));
    }

private:
    asio::io_context& context_;
};

/// What an exception says that is no cancellation; nothing for one that is.
std::optional<std::string> fault_in(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return is_cancellation(e) ? std::nullopt : std::optional<std::string>(e.what());
    } catch (...) {
        return "not a std::exception";
    }
}

}  // namespace

bool is_cancellation(const std::exception& error) noexcept {
    const auto* of_the_system = dynamic_cast<const boost::system::system_error*>(&error);
    return of_the_system != nullptr && of_the_system->code() == asio::error::operation_aborted;
}

struct Lane::State {
    // Before the context: frames that are left over at its end look at the clock once more.
    LaneClock clock{context};
    // One thread runs it: the hint lets Asio leave out the wake-ups between threads.
    asio::io_context context{1};
    std::atomic<std::uint64_t> escaped{0};
    std::list<asio::cancellation_signal> running;  // one for each spawned task, to end it at a stop
    bool stopping{false};

    // The frames of tasks refer to what their owner destroys after the lane has stopped, so they must be gone
    // by then: each is cancelled and unwinds here, on its own lane.
    void stop() {
        if (stopping) {
            return;
        }
        stopping = true;
        for (auto task = running.begin(); task != running.end();) {
            const auto current = task++;
            current->emit(asio::cancellation_type::terminal);
        }
        stop_when_empty();
    }
    void stop_when_empty() {
        if (running.empty()) {
            context.stop();
        }
    }

    void escape(const std::string& fault) {
        escaped.fetch_add(1, std::memory_order_relaxed);
        telemetry::note_escaped(fault);
    }
};

Lane::Lane() : state_(std::make_unique<State>()) {}
Lane::~Lane() = default;

asio::io_context& Lane::context() noexcept {
    return state_->context;
}
Clock& Lane::clock() noexcept {
    return state_->clock;
}

bool Lane::is_here() const noexcept {
    return state_->context.get_executor().running_in_this_thread();
}

void Lane::spawn(Task<void> task) {
    State& state = *state_;
    const auto signal = state.running.emplace(state.running.end());
    const auto ended = [&state, signal](const std::exception_ptr& error) {
        const auto fault = error ? fault_in(error) : std::nullopt;
        if (fault) {
            state.escape(*fault);
        }
        state.running.erase(signal);
        if (state.stopping) {
            state.stop_when_empty();
        }
    };
    asio::co_spawn(state.context, std::move(task), asio::bind_cancellation_slot(signal->slot(), ended));
}

void Lane::post(std::function<void()> task) {
    asio::post(state_->context, std::move(task));
}

void Lane::after(Milliseconds delay, std::function<void()> when_due) {
    auto timer = std::make_unique<asio::steady_timer>(state_->context, delay);
    asio::steady_timer& waiting = *timer;
    waiting.async_wait(
        [timer = std::move(timer), when_due = std::move(when_due)](boost::system::error_code error) {
            if (!error) {
                when_due();
            }
        });
}

void Lane::run() {
    State& state = *state_;
    const auto stay = asio::make_work_guard(state.context);
    while (!state.context.stopped()) {
        try {
            state.context.run();
        } catch (...) {
            state.escape(fault_in(std::current_exception()).value_or("cancelled outside of any task"));
        }
    }
}

void Lane::stop() {
    post([this] {
        state_->stop();
        after(unwind_time, [state = state_.get()] { state->context.stop(); });
    });
}

std::uint64_t Lane::escaped_exceptions() const noexcept {
    return state_->escaped.load(std::memory_order_relaxed);
}

}  // namespace gatehouse::net

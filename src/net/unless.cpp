#include "gatehouse/net/unless.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace gatehouse::net {
namespace {

namespace asio = boost::asio;
using detail::First;

bool is_cancellation(const std::exception_ptr& error) noexcept {
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

/// Owned by the runners alone: if the lane goes away, their frames go, then this, then the waiting frame.
template <class Handler>
struct Race {
    Race(Handler handler, std::size_t count) : done(std::move(handler)), runners(count), running(count) {}

    asio::cancellation_signal& signal(First who) { return signals[static_cast<std::size_t>(who)]; }
    void cancel(asio::cancellation_type type, std::optional<First> but = std::nullopt) {
        for (std::size_t i = 0; i < runners; ++i) {
            if (static_cast<First>(i) != but) {
                signals[i].emit(type);
            }
        }
    }

    void ended(First who, std::exception_ptr error) {
        const bool is_first = running == runners;
        --running;
        if (is_first) {
            first = who;
        }
        // A runner that was cancelled by us says so by an exception; that is no news.
        const bool was_cancelled = !is_first || outer_cancelled;
        if (error && !failure && !(was_cancelled && is_cancellation(error))) {
            failure = std::move(error);
        }
        if (running != 0) {
            if (is_first) {
                cancel(asio::cancellation_type::terminal, who);
            }
            return;
        }
        asio::get_associated_cancellation_slot(done).clear();
        if (!failure && outer_cancelled && (first != First::a || a_failed)) {
            failure = std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted));
        }
        // The handler resumes the waiting frame, which may end this race's last owner: move out first.
        Handler handler(std::move(done));
        std::move(handler)(std::move(failure), first);
    }

    std::array<asio::cancellation_signal, 3> signals;
    Handler done;
    std::exception_ptr failure;
    std::size_t runners;
    std::size_t running;
    First first{First::a};
    bool outer_cancelled{false};
    bool a_failed{false};
};

template <class Handler>
struct Runner {
    using cancellation_slot_type = asio::cancellation_slot;
    cancellation_slot_type get_cancellation_slot() const noexcept { return race->signal(who).slot(); }
    void operator()(std::exception_ptr error) {
        if (who == First::a && error) {
            race->a_failed = true;
        }
        const std::shared_ptr<Race<Handler>> alive = std::move(race);
        alive->ended(who, std::move(error));
    }

    std::shared_ptr<Race<Handler>> race;
    First who;
};

struct StartRace {
    template <class Handler, std::same_as<Task<void>>... Tasks>
    void operator()(Handler&& handler, Tasks... tasks) const {
        using Done = std::decay_t<Handler>;
        const auto executor = asio::get_associated_executor(handler);
        const auto slot = asio::get_associated_cancellation_slot(handler);
        const auto race = std::make_shared<Race<Done>>(std::forward<Handler>(handler), sizeof...(Tasks));
        if (slot.is_connected()) {
            asio::cancellation_slot outer = slot;
            outer.assign([weak = std::weak_ptr(race)](asio::cancellation_type type) {
                if (const auto alive = weak.lock()) {
                    alive->outer_cancelled = true;
                    alive->cancel(type);
                }
            });
        }
        std::uint8_t place = 0;
        (asio::co_spawn(executor, std::move(tasks), Runner<Done>{race, static_cast<First>(place++)}), ...);
    }
};

}  // namespace

namespace detail {

Task<First> race(Task<void> a, Task<void> b) {
    const asio::use_awaitable_t<> token;
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, First)>(
        StartRace(), token, std::move(a), std::move(b));
}

Task<First> race(Task<void> a, Task<void> b, Task<void> c) {
    const asio::use_awaitable_t<> token;
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, First)>(
        StartRace(), token, std::move(a), std::move(b), std::move(c));
}

}  // namespace detail

Task<void> first_of(Task<void> a, Task<void> b) {
    const detail::First first = co_await detail::race(std::move(a), std::move(b));
    static_cast<void>(first);
}

}  // namespace gatehouse::net

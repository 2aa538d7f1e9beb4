#include "gatehouse/net/signal.hpp"

#include "gatehouse/core/clock.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace gatehouse::net {

namespace asio = boost::asio;

/// Lives in the frame of wait(), so a cancelled wait takes itself off the signal.
struct Signal::Waiter {
    Waiter(Signal& waited_for, const asio::any_io_executor& executor)
        : signal(waited_for), timer(executor, never) {
        signal.waiter_ = this;
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() { signal.waiter_ = nullptr; }

    Signal& signal;
    asio::steady_timer timer;
    bool woken{false};
};

Task<void> Signal::wait(WhenCancelled cancelled) {
    if (raised_) {
        co_return;
    }
    const auto executor = co_await asio::this_coro::executor;
    Waiter waiter(*this, executor);
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await waiter.timer.async_wait(std::move(token));
    if (!waiter.woken && cancelled == WhenCancelled::throws) {
        throw boost::system::system_error(error);
    }
}

void Signal::raise() noexcept {
    raised_ = true;
    if (waiter_ != nullptr) {
        waiter_->woken = true;
        // A timer that nobody else holds: cancelling it does not fail.
        waiter_->timer.cancel();
    }
}

}  // namespace gatehouse::net

#include "support/event_loop.hpp"

namespace gatehouse::test::detail {

void run_to_end(boost::asio::io_context& context, Task<void> task, std::chrono::milliseconds limit) {
    bool ended = false;
    std::exception_ptr failure;
    boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr error) {
        ended = true;
        failure = std::move(error);
    });
    const auto until = std::chrono::steady_clock::now() + limit;
    context.restart();
    while (!ended) {
        if (context.run_one_until(until) == 0) {
            context.restart();
            if (std::chrono::steady_clock::now() >= until) {
                // The frames refer to what the caller is about to lose: there is no way on from here.
                throw std::runtime_error("the coroutine did not end in time");
            }
            if (context.poll() == 0 && !ended) {
                throw std::runtime_error("the coroutine waits for nothing");
            }
        }
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
}

}  // namespace gatehouse::test::detail

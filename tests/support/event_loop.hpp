// A private event loop for a test: runs one coroutine to its end, or fails when it takes too long.
#pragma once

#include "gatehouse/core/task.hpp"
#include "gatehouse/net/lane.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace gatehouse::test {

inline constexpr std::chrono::seconds watchdog{30};

namespace detail {

template <class T>
Task<void> keep(Task<T> task, std::optional<T>& result) {
    T value = co_await std::move(task);
    result.emplace(std::move(value));
}

void run_to_end(boost::asio::io_context& context, Task<void> task, std::chrono::milliseconds limit);

}  // namespace detail

/// Runs `task` on `context`; what it spawned and did not end stays there. Throws what leaves the task, and
/// std::runtime_error past the limit.
template <class T>
T run_on(boost::asio::io_context& context, Task<T> task, std::chrono::milliseconds limit = watchdog) {
    if constexpr (std::is_void_v<T>) {
        detail::run_to_end(context, std::move(task), limit);
    } else {
        std::optional<T> result;
        detail::run_to_end(context, detail::keep(std::move(task), result), limit);
        return std::move(*result);
    }
}

template <class T>
T run_on(net::Lane& lane, Task<T> task, std::chrono::milliseconds limit = watchdog) {
    return run_on(lane.context(), std::move(task), limit);
}

/// The same on an event loop of its own.
template <class T>
T run(Task<T> task, std::chrono::milliseconds limit = watchdog) {
    boost::asio::io_context context(1);
    return run_on(context, std::move(task), limit);
}

}  // namespace gatehouse::test

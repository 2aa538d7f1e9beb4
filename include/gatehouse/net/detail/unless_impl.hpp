// The template half of unless.hpp; the race itself is compiled once, in src/net/unless.cpp.
// Room: net.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace gatehouse::net::detail {

enum class First : std::uint8_t { a, b, c };

/// Runs all, cancels those that have not ended when the first has, returns when all are gone.
Task<First> race(Task<void> a, Task<void> b);
Task<First> race(Task<void> a, Task<void> b, Task<void> c);

/// A race wants no results, because a spawned coroutine's must be default-constructible: it is kept outside.
template <class T>
Task<void> keep(Task<T> work, std::optional<T>& result) {
    T value = co_await std::move(work);
    result.emplace(std::move(value));
}

/// A value that came although the work had been cancelled is not thrown away (bytes may have been consumed
/// for it); a Problem only says that it was cancelled.
template <class T>
bool is_value(const T& /*result*/) noexcept {
    return true;
}
template <class T>
bool is_value(const Result<T>& result) noexcept {
    return static_cast<bool>(result);
}

}  // namespace gatehouse::net::detail

namespace gatehouse::net {

template <class T>
Task<std::optional<T>> unless(Task<T> work, Task<void> stop) {
    std::optional<T> result;
    Task<void> kept = detail::keep(std::move(work), result);
    const detail::First first = co_await detail::race(std::move(kept), std::move(stop));
    if (first != detail::First::a && result && !detail::is_value(*result)) {
        result.reset();
    }
    co_return std::move(result);
}

template <class T>
Task<std::optional<T>> unless(Task<T> work, Task<void> stop, Task<void> other_stop) {
    std::optional<T> result;
    Task<void> kept = detail::keep(std::move(work), result);
    const detail::First first =
        co_await detail::race(std::move(kept), std::move(stop), std::move(other_stop));
    if (first != detail::First::a && result && !detail::is_value(*result)) {
        result.reset();
    }
    co_return std::move(result);
}

}  // namespace gatehouse::net

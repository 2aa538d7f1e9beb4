// Task<T>: a coroutine of the program. Nothing else is asynchronous.
//
// One `co_await` per statement, as the whole right-hand side, with plain arguments (docs/architecture.md,
// "Coroutines"): readable, and safe under g++ 12. tests/architecture checks it.
// Room: core.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace gatehouse::inline core {

template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace gatehouse::inline core

// Two things at once: work, unless something else ends first. Nobody else touches Asio's cancellation.
// Room: net.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"

#include <optional>

namespace gatehouse::net {

/// Runs `work` and `stop` side by side on this lane. When `work` ends first, `stop` is cancelled and its
/// frame is gone before this returns. When `stop` ends first, `work` is cancelled at its current suspension,
/// unwound to its end (destructors run; it must not swallow the cancellation), and nothing is returned. When
/// both end in the same moment, the work's result wins. An outer cancellation reaches both.
template <class T>
Task<std::optional<T>> unless(Task<T> work, Task<void> stop);
/// The same with two reasons to stop, either of which does.
template <class T>
Task<std::optional<T>> unless(Task<T> work, Task<void> stop, Task<void> other_stop);

/// The same for any two tasks without results: returns when the first has ended and the other is gone.
Task<void> first_of(Task<void> a, Task<void> b);

}  // namespace gatehouse::net

#include "gatehouse/net/detail/unless_impl.hpp"

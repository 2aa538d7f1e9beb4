// Guarded<T>: a mutex and the thing it guards. The only lock idiom: the lambda is no coroutine, so nothing
// can wait under the lock. Room: core.
#pragma once

#include <mutex>
#include <utility>

namespace gatehouse::inline core {

template <class T>
class Guarded {
public:
    template <class... Args>
    explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

    /// Runs `use(T&)` under the lock and returns what it returns. Keep it short; never call out.
    template <class Use>
    decltype(auto) with(Use&& use) {
        const std::lock_guard lock(mutex_);
        return std::forward<Use>(use)(value_);
    }
    template <class Use>
    decltype(auto) with(Use&& use) const {
        const std::lock_guard lock(mutex_);
        return std::forward<Use>(use)(value_);
    }

private:
    mutable std::mutex mutex_;
    T value_;
};

}  // namespace gatehouse::inline core

// Waiting for what other threads do, with an end.
#pragma once

#include <chrono>
#include <thread>

namespace gatehouse::test {

/// Looks again and again until `condition` holds; false when it does not within `limit`.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds(10)) {
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= until) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

}  // namespace gatehouse::test

// How many bytes of replies may be written down at one time, of all requests together: each waits to be
// complete, and only then is it known whether it is kept.
//
// Any thread may call any function. Room: pipeline. May include: core.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace gatehouse::pipeline {

class RecordingRoom {
public:
    explicit RecordingRoom(std::size_t most_bytes = std::size_t{64} * 1024 * 1024) noexcept
        : most_(most_bytes) {}

    /// False: there is no room for so much, and nothing is taken.
    bool take(std::size_t bytes) noexcept {
        if (taken_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= most_) {
            return true;
        }
        give_back(bytes);
        refused_.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    void give_back(std::size_t bytes) noexcept { taken_.fetch_sub(bytes, std::memory_order_relaxed); }
    /// Another bound from now on. What is taken stays so.
    void bound(std::size_t most_bytes) noexcept { most_ = most_bytes; }

    std::size_t taken() const noexcept { return taken_.load(std::memory_order_relaxed); }
    /// How often there was no room.
    std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::size_t> most_;
    std::atomic<std::size_t> taken_{0};
    std::atomic<std::uint64_t> refused_{0};
};

}  // namespace gatehouse::pipeline

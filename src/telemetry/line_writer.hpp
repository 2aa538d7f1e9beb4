// Carries finished lines to a descriptor on a thread of its own, many lines in one write(2).
//
// Whoever pushes never waits for the reader of our output: beyond the queue's bound lines are lost and
// counted. A push wakes the writer only when it sleeps, a second after the last line; until then it looks
// every `gather` and takes all there is. So a line costs its pusher a copy and no system call, and the writer
// does not take the processor from a lane in the moment in which a client sends its next request. Room:
// telemetry, private.
#pragma once

#include "doorbell.hpp"

#include "gatehouse/core/guarded.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace gatehouse::telemetry {

/// Makes the line that tells the reader how many lines are missing before it.
using LossNotice = std::function<void(std::string& out, std::uint64_t lines)>;

class LineWriter {
public:
    /// `descriptor` stays the caller's. `notice` runs on the writer thread and must not refer to what may die
    /// before this object's thread (see the destructor).
    LineWriter(int descriptor, LossNotice notice);
    /// Writes what is queued, for up to `patience`; a reader that takes longer loses the rest, and the
    /// thread, which no one can take out of its write(2), is left to the end of the process.
    ~LineWriter();
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    /// `line` ends with a line feed. At most `bound` lines wait, and a KiB a line on average.
    void push(std::string_view line, std::size_t bound);
    /// Returns when every line pushed before is written or given up, or after `patience`.
    void flush();
    std::uint64_t lost() const noexcept;

    static constexpr std::chrono::milliseconds gather{20};
    static constexpr std::chrono::milliseconds patience{2'000};

private:
    struct Queue {
        std::string lines;
        std::uint64_t accepted{0};  // lines ever taken in
        std::uint64_t waiting{0};   // of them, lines not yet taken by the writer
        bool asleep{false};
        bool stopping{false};
    };
    struct Shared {
        Shared(int to, LossNotice how) : descriptor(to), notice(std::move(how)) {}
        void run();
        void write_batch(const std::string& batch, std::uint64_t lines);

        const int descriptor;
        const LossNotice notice;
        Guarded<Queue> queue;
        Doorbell work;      // for the writer
        Doorbell progress;  // for those who wait for it, while there are any
        std::atomic<int> waiters{0};
        std::atomic<std::uint64_t> settled{0};  // lines written or given up
        std::atomic<std::uint64_t> lost{0};
        std::atomic<bool> finished{false};
    };

    template <class Ready>
    bool wait_until(Ready ready) const;

    std::shared_ptr<Shared> shared_;
    std::thread thread_;
};

}  // namespace gatehouse::telemetry

// Wakes one sleeping thread: a Linux eventfd, rung by anybody, waited for by one.
//
// Rings before the wait are not lost, several rings are one. Unlike a condition variable it needs no lock of
// its own, so the queue beside it can stay a Guarded. Room: telemetry, private.
#pragma once

#include <chrono>

namespace gatehouse::telemetry {

class Doorbell {
public:
    /// Throws std::system_error when the process has no descriptor left.
    Doorbell();
    ~Doorbell();
    Doorbell(const Doorbell&) = delete;
    Doorbell& operator=(const Doorbell&) = delete;

    void ring() noexcept;
    /// Returns at the next ring (or at once if it rang since the last wait).
    void wait() noexcept;
    /// The same, but no longer than `most`.
    void wait(std::chrono::milliseconds most) noexcept;

private:
    void wait_milliseconds(int most) noexcept;

    int descriptor_;
};

}  // namespace gatehouse::telemetry

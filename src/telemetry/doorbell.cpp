#include "doorbell.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace gatehouse::telemetry {

Doorbell::Doorbell() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) {
        throw std::system_error(errno, std::generic_category(), "eventfd");
    }
}

Doorbell::~Doorbell() {
    close(descriptor_);
}

void Doorbell::ring() noexcept {
    const std::uint64_t one = 1;
    // Fails only with EAGAIN at 2^64 unheard rings: it is ringing already.
    [[maybe_unused]] const ssize_t written = write(descriptor_, &one, sizeof one);
}

void Doorbell::wait() noexcept {
    wait_milliseconds(-1);
}

void Doorbell::wait(std::chrono::milliseconds most) noexcept {
    wait_milliseconds(static_cast<int>(most.count()));
}

void Doorbell::wait_milliseconds(int most) noexcept {
    pollfd entry{descriptor_, POLLIN, 0};
    if (poll(&entry, 1, most) > 0) {
        std::uint64_t rings = 0;
        [[maybe_unused]] const ssize_t taken = read(descriptor_, &rings, sizeof rings);
    }
}

}  // namespace gatehouse::telemetry

#include "line_writer.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace gatehouse::telemetry {
namespace {

constexpr std::size_t bytes_per_line = 1'024;         // average that the queue's bound in bytes allows
constexpr std::size_t keep_capacity = 1'024 * 1'024;  // a buffer grown past this by a burst is given back
constexpr int looks_before_sleep = 50;                // a second without a line

/// Signals are for the threads that handle them; a broken pipe is an error of write(2), not the process' end.
void block_signals() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

/// False when the descriptor takes no more: closed pipe, full disk, closed descriptor.
bool write_all(int descriptor, std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const ssize_t written = write(descriptor, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {  // somebody made the shared file description non-blocking
            pollfd entry{descriptor, POLLOUT, 0};
            poll(&entry, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

}  // namespace

LineWriter::LineWriter(int descriptor, LossNotice notice)
    : shared_(std::make_shared<Shared>(descriptor, std::move(notice))), thread_([shared = shared_] {
          block_signals();
          shared->run();
          shared->finished.store(true, std::memory_order_release);
          shared->progress.ring();
      }) {}

LineWriter::~LineWriter() {
    shared_->queue.with([](Queue& queue) { queue.stopping = true; });
    shared_->work.ring();
    if (wait_until([this] { return shared_->finished.load(std::memory_order_acquire); })) {
        thread_.join();
    } else {
        thread_.detach();
    }
}

void LineWriter::push(std::string_view line, std::size_t bound) {
    bool wake = false;
    const bool taken = shared_->queue.with([&](Queue& queue) {
        if (queue.waiting >= bound || queue.lines.size() + line.size() > bound * bytes_per_line) {
            return false;
        }
        queue.lines.append(line);
        ++queue.accepted;
        ++queue.waiting;
        wake = std::exchange(queue.asleep, false);
        return true;
    });
    if (!taken) {
        shared_->lost.fetch_add(1, std::memory_order_relaxed);
    }
    if (wake) {
        shared_->work.ring();
    }
}

void LineWriter::flush() {
    const std::uint64_t target = shared_->queue.with([](const Queue& queue) { return queue.accepted; });
    shared_->work.ring();
    wait_until([&] { return shared_->settled.load(std::memory_order_acquire) >= target; });
}

std::uint64_t LineWriter::lost() const noexcept {
    return shared_->lost.load(std::memory_order_relaxed);
}

template <class Ready>
bool LineWriter::wait_until(Ready ready) const {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    shared_->waiters.fetch_add(1);
    bool is_ready = ready();
    while (!is_ready && std::chrono::steady_clock::now() < deadline) {
        shared_->progress.wait(gather);  // looks again by itself: another waiter may have taken the ring
        is_ready = ready();
    }
    shared_->waiters.fetch_sub(1);
    return is_ready;
}

void LineWriter::Shared::run() {
    std::string batch;
    std::uint64_t told = 0;
    int looks_left = 0;  // before this thread sleeps until it is woken
    for (;;) {
        std::uint64_t lines = 0;
        batch.clear();
        if (batch.capacity() > keep_capacity) {
            std::string().swap(batch);
        }
        const bool stopping = queue.with([&](Queue& waiting) {
            batch.swap(waiting.lines);
            lines = std::exchange(waiting.waiting, 0);
            waiting.asleep = lines == 0 && looks_left == 0;
            return waiting.stopping;
        });
        if (lines == 0) {
            if (stopping) {
                return;
            }
            if (looks_left == 0) {
                work.wait();
            } else {
                --looks_left;
                work.wait(gather);
            }
            continue;
        }
        looks_left = looks_before_sleep;
        const std::uint64_t missing = lost.load(std::memory_order_relaxed);
        if (missing != told) {
            notice(batch, missing - told);
            told = missing;
        }
        write_batch(batch, lines);
        if (!stopping) {
            work.wait(gather);
        }
    }
}

void LineWriter::Shared::write_batch(const std::string& batch, std::uint64_t lines) {
    if (!write_all(descriptor, batch)) {
        lost.fetch_add(lines, std::memory_order_relaxed);
    }
    settled.fetch_add(lines, std::memory_order_release);
    if (waiters.load() > 0) {  // a system call that a batch need not cost
        progress.ring();
    }
}

}  // namespace gatehouse::telemetry

#include "support/memory_stream.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::test {

MemoryStream::MemoryStream(std::vector<std::string> reads, Ending ending)
    : reads_(std::make_move_iterator(reads.begin()), std::make_move_iterator(reads.end())), ending_(ending) {}

std::vector<std::string> MemoryStream::each_byte(const std::string& bytes) {
    std::vector<std::string> splits;
    for (const char byte : bytes) {
        splits.emplace_back(1, byte);
    }
    return splits;
}

void MemoryStream::fail_at(std::size_t step, Problem problem) {
    fails_at_ = step;
    failure_ = std::move(problem);
}

std::optional<Problem> MemoryStream::failure_of_this_step() {
    const std::size_t step = steps_++;
    if (closed_) {
        return Problem(ProblemKind::closed, "connection closed");
    }
    return fails_at_ == step ? failure_ : std::nullopt;
}

Task<Result<std::size_t>> MemoryStream::read_some(std::span<char> into) {
    if (const std::optional<Problem> failure = failure_of_this_step()) {
        co_return *failure;
    }
    if (reads_.empty() && ending_ == Ending::silence) {
        co_await closing_.wait();
        co_return Problem(ProblemKind::closed, "connection closed");
    }
    if (reads_.empty() && ending_ == Ending::cut) {
        co_return Problem(ProblemKind::closed, "connection reset by the peer");
    }
    if (reads_.empty()) {
        co_return std::size_t{0};
    }
    std::string& next = reads_.front();
    const std::size_t count = std::min(next.size(), into.size());
    std::copy_n(next.begin(), count, into.begin());
    next.erase(0, count);
    if (next.empty()) {
        reads_.pop_front();
    }
    co_return count;
}

Task<Status> MemoryStream::write(std::span<const std::string_view> pieces) {
    if (const std::optional<Problem> failure = failure_of_this_step()) {
        co_return *failure;
    }
    std::string all;
    for (const std::string_view piece : pieces) {
        all.append(piece);
    }
    writes_.push_back(std::move(all));
    co_return done();
}

Task<void> MemoryStream::shutdown_send() {
    shut_ = true;
    co_return;
}

void MemoryStream::close() noexcept {
    closed_ = true;
    closing_.raise();
}

std::string MemoryStream::written() const {
    std::string all;
    for (const std::string& one : writes_) {
        all.append(one);
    }
    return all;
}

}  // namespace gatehouse::test

// A growing stretch of received bytes: write at the end, consume at the front.
// Room: wire.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace gatehouse::wire {

/// Contiguous, bounded by its owner's choice of `prepare`. Holds no memory until the first `prepare`, and
/// gives it back on `release()`, so that an idle connection costs nothing. Views are valid until the next
/// `prepare`.
class ByteBuffer {
public:
    std::string_view data() const noexcept { return {memory_.get() + begin_, end_ - begin_}; }
    std::size_t size() const noexcept { return end_ - begin_; }
    bool empty() const noexcept { return begin_ == end_; }
    std::size_t capacity() const noexcept { return capacity_; }
    /// Room for at least `count` more bytes; the memory is not initialised.
    std::span<char> prepare(std::size_t count);
    void commit(std::size_t count) noexcept { end_ += count; }
    void consume(std::size_t count) noexcept;
    void append(std::string_view bytes);
    void release() noexcept;

private:
    std::unique_ptr<char[]> memory_;
    std::size_t capacity_{0};
    std::size_t begin_{0};
    std::size_t end_{0};
};

}  // namespace gatehouse::wire

#include "gatehouse/wire/byte_buffer.hpp"

#include <algorithm>

namespace gatehouse::wire {

std::span<char> ByteBuffer::prepare(std::size_t count) {
    if (capacity_ - end_ >= count) {
        return {memory_.get() + end_, capacity_ - end_};
    }
    const std::size_t held = size();
    if (capacity_ - held >= count && begin_ >= held) {
        // At least as much was consumed as has to move, so moving costs no more than receiving did.
        std::memmove(memory_.get(), memory_.get() + begin_, held);
    } else {
        const std::size_t larger =
            std::max(held + count, std::min(capacity_ * 2, held + count + (1U << 20U)));
        auto memory = std::make_unique_for_overwrite<char[]>(larger);
        if (held != 0) {
            std::memcpy(memory.get(), memory_.get() + begin_, held);
        }
        memory_ = std::move(memory);
        capacity_ = larger;
    }
    begin_ = 0;
    end_ = held;
    return {memory_.get() + end_, capacity_ - end_};
}

void ByteBuffer::consume(std::size_t count) noexcept {
    begin_ += std::min(count, size());
    if (begin_ == end_) {
        begin_ = 0;
        end_ = 0;
    }
}

void ByteBuffer::append(std::string_view bytes) {
    if (!bytes.empty()) {
        std::memcpy(prepare(bytes.size()).data(), bytes.data(), bytes.size());
        commit(bytes.size());
    }
}

void ByteBuffer::release() noexcept {
    memory_.reset();
    capacity_ = 0;
    begin_ = 0;
    end_ = 0;
}

}  // namespace gatehouse::wire

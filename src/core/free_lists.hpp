// Blocks of memory that a thread has given back and will want again soon, by size.
//
// A request takes and returns some seventy blocks, most of them coroutine frames of a few hundred bytes, in
// the same sizes as the request before it. The lists hold blocks of malloc's own sizes; taking and giving are
// a few instructions each. What is kept is bounded; the rest goes back to malloc. Room: core, private.
#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace gatehouse::inline core {

/// The lists of one thread. A block may come from another thread's lists: below them all is malloc.
class FreeLists {
public:
    /// glibc's blocks hold 24, 40, 56 bytes and so on: one class each wastes nothing.
    static constexpr std::size_t smallest = 24;
    static constexpr std::size_t step = 16;
    static constexpr std::size_t largest = 4'104;  // a read buffer of 4 KiB is the biggest thing taken often
    /// Bytes kept at most.
    static constexpr std::size_t bound = 1'024 * 1'024;

    constexpr FreeLists() noexcept = default;
    FreeLists(const FreeLists&) = delete;
    FreeLists& operator=(const FreeLists&) = delete;

    /// A block that holds `size` bytes, or null: ask malloc for `block_size(size)` bytes then.
    void* take(std::size_t size) noexcept {
        if (size > largest) {
            return nullptr;
        }
        Block*& list = lists_[class_of(size)];
        Block* const block = list;
        if (block != nullptr) {
            list = block->next;
            kept_ -= class_size(class_of(size));
        }
        return block;
    }

    /// Keeps a block that holds at least `block_size(size)` bytes. False: give it to free().
    bool keep(void* block, std::size_t size) noexcept {
        return size <= largest && keep_in(class_of(size), block);
    }
    /// Keeps a block of which only is known that `usable` bytes of it may be written. False as above.
    bool keep_unsized(void* block, std::size_t usable) noexcept {
        return usable >= smallest && usable <= largest && keep_in((usable - smallest) / step, block);
    }

    /// What to ask malloc for, so that the block fits every size of its class.
    static constexpr std::size_t block_size(std::size_t size) noexcept {
        return size > largest ? size : class_size(class_of(size));
    }

    std::size_t kept() const noexcept { return kept_; }

    /// Gives everything back to malloc, and keeps nothing from then on.
    void close() noexcept;

private:
    struct Block {
        Block* next;
    };
    static constexpr std::size_t classes = (largest - smallest) / step + 1;

    static constexpr std::size_t class_of(std::size_t size) noexcept {
        return size <= smallest ? 0 : (size - smallest + step - 1) / step;
    }
    static constexpr std::size_t class_size(std::size_t index) noexcept { return smallest + index * step; }

    bool keep_in(std::size_t index, void* block) noexcept {
        if (kept_ + class_size(index) > bound) {
            return false;
        }
        lists_[index] = new (block) Block{lists_[index]};
        kept_ += class_size(index);
        return true;
    }

    std::array<Block*, classes> lists_{};
    std::size_t kept_{0};
};

}  // namespace gatehouse::inline core

#include "free_lists.hpp"

#include <malloc.h>

#include <cstdlib>

namespace gatehouse::inline core {

void FreeLists::close() noexcept {
    for (Block*& list : lists_) {
        while (list != nullptr) {
            Block* const block = list;
            list = block->next;
            std::free(block);
        }
    }
    kept_ = bound;
}

}  // namespace gatehouse::inline core

// A sanitizer watches what operator new and delete do, and must see each block freed. The classes are
// glibc's: its blocks for a size are never smaller than the class of that size, whoever asked malloc for
// them.
#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define GATEHOUSE_PLAIN_MEMORY
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define GATEHOUSE_PLAIN_MEMORY
#endif
#endif

#if !defined(GATEHOUSE_PLAIN_MEMORY)

namespace {

using gatehouse::FreeLists;

constinit thread_local FreeLists lists;

/// Empties the lists when their thread ends.
struct Closer {
    ~Closer() { lists.close(); }
};

[[gnu::noinline]] void* fresh_block(std::size_t size) {
    thread_local const Closer closer;
    static_cast<void>(&closer);
    for (;;) {
        if (void* const block = std::malloc(FreeLists::block_size(size))) {
            return block;
        }
        const std::new_handler handler = std::get_new_handler();
        if (handler == nullptr) {
            throw std::bad_alloc();
        }
        handler();
    }
}

}  // namespace

// The array and nothrow forms of the standard library call these; the aligned ones use memory of their own.
void* operator new(std::size_t size) {
    if (void* const block = lists.take(size)) [[likely]] {
        return block;
    }
    return fresh_block(size);
}

void operator delete(void* block, std::size_t size) noexcept {
    if (block != nullptr && !lists.keep(block, size)) {
        std::free(block);
    }
}

void operator delete(void* block) noexcept {
    if (block != nullptr && !lists.keep_unsized(block, malloc_usable_size(block))) {
        std::free(block);
    }
}

#endif

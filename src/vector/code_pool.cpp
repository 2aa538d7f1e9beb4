#include "code_pool.hpp"

namespace gatehouse::vector {

Slot CodePool::take() {
    if (!free_.empty()) {
        const Slot slot = free_.back();
        free_.pop_back();
        return slot;
    }
    if (used_ == chunks_.size() * chunk_slots) {
        auto chunk = std::make_unique<Chunk>();
        chunk->codes = std::make_unique<std::int8_t[]>(chunk_slots * dimensions_);
        chunks_.push_back(std::move(chunk));
    }
    return static_cast<Slot>(used_++);
}

std::size_t CodePool::bytes() const noexcept {
    return chunks_.size() * (sizeof(Chunk) + chunk_slots * dimensions_) +
           chunks_.capacity() * sizeof(chunks_[0]) + free_.capacity() * sizeof(Slot);
}

}  // namespace gatehouse::vector

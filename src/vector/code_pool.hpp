// Where an index keeps its vectors: in eight bits a dimension, in chunks, so that growing copies nothing and
// a partition with one entry costs one entry. Room: vector, private.
#pragma once

#include "gatehouse/vector/index.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace gatehouse::vector {

class PartitionEntries;
using Slot = std::uint32_t;

struct Entry {
    EntryId id{0};
    PartitionEntries* partition{nullptr};
    std::uint32_t position{0};  // in the partition
    float worth{0};             // of one of the code's numbers
};

class CodePool {
public:
    explicit CodePool(std::size_t dimensions) : dimensions_(dimensions) {}

    /// A slot whose code and entry are still to be written.
    Slot take();
    void give_back(Slot slot) { free_.push_back(slot); }

    std::span<std::int8_t> code(Slot slot) noexcept {
        return {chunks_[slot / chunk_slots]->codes.get() + slot % chunk_slots * dimensions_, dimensions_};
    }
    std::span<const std::int8_t> code(Slot slot) const noexcept {
        return {chunks_[slot / chunk_slots]->codes.get() + slot % chunk_slots * dimensions_, dimensions_};
    }
    Entry& entry(Slot slot) noexcept { return chunks_[slot / chunk_slots]->entries[slot % chunk_slots]; }
    const Entry& entry(Slot slot) const noexcept {
        return chunks_[slot / chunk_slots]->entries[slot % chunk_slots];
    }
    std::size_t bytes() const noexcept;

private:
    static constexpr std::size_t chunk_slots = 256;
    struct Chunk {
        std::unique_ptr<std::int8_t[]> codes;
        Entry entries[chunk_slots];
    };

    std::size_t dimensions_;
    std::vector<std::unique_ptr<Chunk>> chunks_;
    std::size_t used_{0};  // slots ever taken; those given back are in free_
    std::vector<Slot> free_;
};

}  // namespace gatehouse::vector

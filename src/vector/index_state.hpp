// What an index holds. Room: vector, private.
#pragma once

#include "code_pool.hpp"
#include "kernels.hpp"
#include "partition_entries.hpp"

#include "gatehouse/vector/index.hpp"

#include <cstddef>
#include <cstring>
#include <memory>
#include <unordered_map>
#include <utility>

namespace gatehouse::vector {

/// A digest is as good as random.
struct HashOfPartition {
    std::size_t operator()(const Partition& partition) const noexcept {
        std::size_t hash;
        std::memcpy(&hash, partition.data(), sizeof hash);
        return hash;
    }
};

struct Index::State {
    State(ModelIdentity of, IndexOptions how)
        : model(std::move(of)), options(how), pool(model.dimensions), kernels(best_kernels()) {}

    /// Takes an entry in whose code is written in eight bits. REQUIRES: there is room, the id is new.
    void add(const Partition& partition, EntryId id, std::span<const std::int8_t> code, float worth);

    ModelIdentity model;
    IndexOptions options;
    CodePool pool;
    std::unordered_map<Partition, std::unique_ptr<PartitionEntries>, HashOfPartition> partitions;
    std::unordered_map<EntryId, Slot> slots;
    const Kernels& kernels;
};

}  // namespace gatehouse::vector

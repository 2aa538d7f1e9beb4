// The entries of one partition, and the sketches by which a large one is scanned.
//
// A sketch has one bit a dimension: is the value above the partition's mean? The mean is taken again while
// the partition grows, and then stays. Room: vector, private.
#pragma once

#include "code_pool.hpp"
#include "kernels.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gatehouse::vector {

class PartitionEntries {
public:
    explicit PartitionEntries(const Partition& name) : name_(name) {}

    const Partition& name() const noexcept { return name_; }
    std::span<const Slot> slots() const noexcept { return slots_; }
    std::size_t bytes() const noexcept;

    /// The slot's code is written.
    void add(CodePool& pool, Slot slot);
    /// Another entry takes its position.
    void remove(CodePool& pool, Slot slot);

    /// Slots that may hold the nearest entries: all of a small partition, else the `most` whose sketches are
    /// nearest to that of `wanted`.
    std::vector<Slot> candidates(const Kernels& kernels, std::span<const float> wanted,
                                 std::size_t most) const;

private:
    bool sketched() const noexcept { return !mean_.empty(); }
    void sketch_all(const CodePool& pool);
    void sketch(std::span<const std::int8_t> code, float worth, std::uint64_t* bits) const noexcept;

    Partition name_;
    std::vector<Slot> slots_;
    std::vector<float> mean_;              // empty: small, without sketches
    std::vector<std::uint64_t> sketches_;  // by position
    std::size_t next_mean_{0};             // the size at which the mean is taken again
};

}  // namespace gatehouse::vector

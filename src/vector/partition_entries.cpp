#include "partition_entries.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::vector {
namespace {

/// From so many entries on sketches are worth their memory.
constexpr std::size_t large = 1024;
/// The mean is taken anew whenever a partition has grown so many times, and no more above `settled`: a pass
/// over more entries would be felt, and moves the mean by little.
constexpr std::size_t growth = 4;
constexpr std::size_t settled = 16'384;
constexpr std::size_t never_again = static_cast<std::size_t>(-1);

constexpr std::size_t words_of(std::size_t dimensions) noexcept {
    return (dimensions + 63) / 64;
}

/// The positions with the smallest distances, gathered in one pass.
class NearestPositions {
public:
    explicit NearestPositions(std::size_t most) : most_(most) { found_.reserve(4 * most); }

    void offer(std::uint16_t distance, std::uint32_t position) {
        if (distance > bound_) {
            return;
        }
        found_.emplace_back(distance, position);
        if (found_.size() == 4 * most_) {
            shrink();
        }
    }
    std::span<const std::pair<std::uint16_t, std::uint32_t>> finish() {
        if (found_.size() > most_) {
            shrink();
        }
        return found_;
    }

private:
    void shrink() {
        const auto last = found_.begin() + static_cast<std::ptrdiff_t>(most_) - 1;
        std::nth_element(found_.begin(), last, found_.end());
        bound_ = last->first;
        found_.resize(most_);
    }

    std::size_t most_;
    std::uint16_t bound_{0xFFFF};
    std::vector<std::pair<std::uint16_t, std::uint32_t>> found_;
};

}  // namespace

std::size_t PartitionEntries::bytes() const noexcept {
    return sizeof(*this) + slots_.capacity() * sizeof(Slot) + mean_.capacity() * sizeof(float) +
           sketches_.capacity() * sizeof(std::uint64_t);
}

void PartitionEntries::add(CodePool& pool, Slot slot) {
    Entry& entry = pool.entry(slot);
    entry.partition = this;
    entry.position = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back(slot);
    if (slots_.size() >= large && slots_.size() >= next_mean_) {
        sketch_all(pool);
        next_mean_ = slots_.size() < settled ? growth * slots_.size() : never_again;
    } else if (sketched()) {
        const auto code = std::as_const(pool).code(slot);
        sketches_.resize(sketches_.size() + words_of(code.size()));
        sketch(code, entry.worth, sketches_.data() + sketches_.size() - words_of(code.size()));
    }
}

void PartitionEntries::remove(CodePool& pool, Slot slot) {
    const std::size_t position = pool.entry(slot).position;
    const Slot last = slots_.back();
    slots_[position] = last;
    pool.entry(last).position = static_cast<std::uint32_t>(position);
    slots_.pop_back();
    if (!sketched()) {
        return;
    }
    const std::size_t words = words_of(mean_.size());
    std::copy_n(sketches_.data() + slots_.size() * words, words, sketches_.data() + position * words);
    sketches_.resize(slots_.size() * words);
    if (slots_.size() < large / 2) {
        mean_ = {};
        sketches_ = {};
        next_mean_ = 0;
    }
}

void PartitionEntries::sketch_all(const CodePool& pool) {
    std::vector<double> sums(pool.code(slots_.front()).size(), 0.0);
    for (const Slot slot : slots_) {
        const auto code = pool.code(slot);
        const double worth = pool.entry(slot).worth;
        for (std::size_t i = 0; i < code.size(); ++i) {
            sums[i] += worth * code[i];
        }
    }
    mean_.resize(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
        mean_[i] = static_cast<float>(sums[i] / static_cast<double>(slots_.size()));
    }
    const std::size_t words = words_of(mean_.size());
    sketches_.assign(slots_.size() * words, 0);
    for (std::size_t position = 0; position < slots_.size(); ++position) {
        const Slot slot = slots_[position];
        sketch(pool.code(slot), pool.entry(slot).worth, sketches_.data() + position * words);
    }
}

void PartitionEntries::sketch(std::span<const std::int8_t> code, float worth,
                              std::uint64_t* bits) const noexcept {
    std::fill_n(bits, words_of(code.size()), std::uint64_t{0});
    for (std::size_t i = 0; i < code.size(); ++i) {
        const bool above = worth * static_cast<float>(code[i]) > mean_[i];
        bits[i / 64] |= std::uint64_t{above} << (i % 64);
    }
}

std::vector<Slot> PartitionEntries::candidates(const Kernels& kernels, std::span<const float> wanted,
                                               std::size_t most) const {
    if (!sketched() || slots_.size() <= most) {
        return slots_;
    }
    const std::size_t words = words_of(mean_.size());
    std::vector<std::uint64_t> bits(words, 0);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        bits[i / 64] |= std::uint64_t{wanted[i] > mean_[i]} << (i % 64);
    }
    constexpr std::size_t stretch = 1024;
    std::uint16_t distances[stretch];
    NearestPositions nearest(most);
    for (std::size_t at = 0; at < slots_.size(); at += stretch) {
        const std::size_t count = std::min(stretch, slots_.size() - at);
        kernels.hamming(sketches_.data() + at * words, count, words, bits.data(), distances);
        for (std::size_t i = 0; i < count; ++i) {
            nearest.offer(distances[i], static_cast<std::uint32_t>(at + i));
        }
    }
    std::vector<Slot> slots;
    for (const auto& [distance, position] : nearest.finish()) {
        slots.push_back(slots_[position]);
    }
    return slots;
}

}  // namespace gatehouse::vector

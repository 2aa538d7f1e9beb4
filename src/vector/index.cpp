#include "gatehouse/vector/index.hpp"

#include "dense.hpp"
#include "index_state.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace gatehouse::vector {
namespace {

constexpr std::int32_t code_range = 127;

/// One, divided by the length; nothing for a vector that has none, or is not of `dimensions` finite numbers.
std::optional<float> to_unit(std::span<const float> vector, std::size_t dimensions) noexcept {
    double square = 0;
    for (const float value : vector) {
        square += double{value} * value;
    }
    if (vector.size() != dimensions || !(square > 0) || !std::isfinite(square)) {
        return std::nullopt;
    }
    const double factor = 1 / std::sqrt(square);
    return std::isfinite(static_cast<float>(factor)) ? std::optional(static_cast<float>(factor))
                                                     : std::nullopt;
}

std::vector<float> scaled(std::span<const float> vector, float factor) {
    std::vector<float> made(vector.begin(), vector.end());
    for (float& value : made) {
        value *= factor;
    }
    return made;
}

}  // namespace

void Index::State::add(const Partition& partition, EntryId id, std::span<const std::int8_t> code,
                       float worth) {
    const Slot slot = pool.take();
    std::copy(code.begin(), code.end(), pool.code(slot).begin());
    pool.entry(slot) = {id, nullptr, 0, worth};
    auto& entries = partitions[partition];
    if (!entries) {
        entries = std::make_unique<PartitionEntries>(partition);
    }
    entries->add(pool, slot);
    slots.emplace(id, slot);
}

Index::Index(ModelIdentity model, IndexOptions options)
    : state_(std::make_unique<State>(std::move(model), options)) {}
Index::~Index() = default;
Index::Index(Index&&) noexcept = default;
Index& Index::operator=(Index&&) noexcept = default;

const ModelIdentity& Index::model() const noexcept {
    return state_->model;
}

std::size_t Index::size() const noexcept {
    return state_->slots.size();
}

std::size_t Index::bytes() const noexcept {
    // A node of a hash map: its value, a pointer, often the hash, and what the allocator adds.
    constexpr std::size_t node = 3 * sizeof(void*);
    std::size_t bytes = sizeof(State) + state_->pool.bytes() +
                        state_->slots.size() * (sizeof(std::pair<const EntryId, Slot>) + node) +
                        (state_->slots.bucket_count() + state_->partitions.bucket_count()) * sizeof(void*);
    for (const auto& [name, entries] : state_->partitions) {
        bytes += entries->bytes() + sizeof(name) + sizeof(entries) + 2 * node;
    }
    return bytes;
}

bool Index::contains(EntryId id) const noexcept {
    return state_->slots.contains(id);
}

Insertion Index::insert(const Partition& partition, EntryId id, std::span<const float> vector) {
    const auto factor = to_unit(vector, state_->model.dimensions);
    if (!factor) {
        return Insertion::unusable;
    }
    if (contains(id)) {
        return Insertion::known_id;
    }
    if (size() >= state_->options.max_entries) {
        return Insertion::full;
    }
    std::vector<std::int16_t> numbers(vector.size());
    const float worth = quantise(scaled(vector, *factor), code_range, numbers.data());
    const std::vector<std::int8_t> code(numbers.begin(), numbers.end());
    state_->add(partition, id, code, worth);
    return Insertion::added;
}

bool Index::erase(EntryId id) {
    const auto found = state_->slots.find(id);
    if (found == state_->slots.end()) {
        return false;
    }
    const Slot slot = found->second;
    PartitionEntries& entries = *state_->pool.entry(slot).partition;
    entries.remove(state_->pool, slot);
    state_->pool.give_back(slot);
    state_->slots.erase(found);
    if (entries.slots().empty()) {
        const Partition name = entries.name();
        state_->partitions.erase(name);
    }
    return true;
}

void Index::clear() {
    *this = Index(state_->model, state_->options);
}

std::vector<Match> Index::nearest(const Partition& partition, std::span<const float> wanted, std::size_t most,
                                  float least) const {
    std::vector<Match> matches;
    const auto found = state_->partitions.find(partition);
    const auto factor = to_unit(wanted, state_->model.dimensions);
    if (found == state_->partitions.end() || !factor || most == 0) {
        return matches;
    }
    const auto unit = scaled(wanted, *factor);
    std::vector<std::int16_t> numbers(unit.size());
    const float worth = quantise(unit, range_of(unit.size()), numbers.data());
    const auto candidates =
        found->second->candidates(state_->kernels, unit, std::max(state_->options.rerank, most));
    for (const Slot slot : candidates) {
        const Entry& entry = state_->pool.entry(slot);
        const auto code = std::as_const(state_->pool).code(slot);
        const std::int32_t sum = state_->kernels.dot_int8(numbers.data(), code.data(), code.size());
        const float similarity = static_cast<float>(sum) * worth * entry.worth;
        if (similarity >= least) {
            matches.push_back({entry.id, similarity});
        }
    }
    const auto better = [](const Match& a, const Match& b) {
        return a.similarity != b.similarity ? a.similarity > b.similarity : a.id < b.id;
    };
    const std::size_t kept = std::min(most, matches.size());
    std::partial_sort(matches.begin(), matches.begin() + static_cast<std::ptrdiff_t>(kept), matches.end(),
                      better);
    matches.resize(kept);
    return matches;
}

std::vector<EntryId> Index::ids() const {
    std::vector<EntryId> ids;
    ids.reserve(size());
    for (const auto& [id, slot] : state_->slots) {
        ids.push_back(id);
    }
    return ids;
}

}  // namespace gatehouse::vector

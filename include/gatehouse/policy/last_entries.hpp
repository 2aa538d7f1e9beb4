// The last ids that were put in: a set that is bounded by forgetting the oldest.
//
// No lock: whoever shares one guards it. Room: policy. May include: core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_set>

namespace gatehouse::policy {

class LastEntries {
public:
    /// Beyond `most` the oldest are forgotten.
    explicit LastEntries(std::size_t most) : most_(most) {}

    /// False: it is there already, and is no younger for it; or none may be.
    bool add(std::uint64_t entry);
    bool contains(std::uint64_t entry) const noexcept { return entries_.contains(entry); }
    std::size_t size() const noexcept { return entries_.size(); }

private:
    std::size_t most_;
    std::unordered_set<std::uint64_t> entries_;
    std::deque<std::uint64_t> order_;
};

}  // namespace gatehouse::policy

// The numbers of names in the ledger: those that were seen before, and those of sets of tags.
//
// On the writer's thread. Room: store, private.
#pragma once

#include "database.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace gatehouse::store {

/// Numbers of names that were seen before. Bounded by what they take: when it is full it starts anew.
class KnownNames {
public:
    std::optional<std::int64_t> find(const std::string& names) const;
    void add(const std::string& names, std::int64_t id);
    void clear() noexcept;

    static constexpr std::size_t most_bytes = 16 * 1024 * 1024;

private:
    std::unordered_map<std::string, std::int64_t> ids_;
    std::size_t bytes_{0};
};

/// Sets of tags are made up by clients, so each day has its fill of them: what requests say about themselves
/// must not fill the disk.
class TagSets {
public:
    using Tags = std::vector<std::pair<std::string, std::string>>;

    /// REQUIRES: the database outlives it.
    explicit TagSets(Database& database);

    bool usable() const noexcept { return insert_.ok() && find_.ok() && of_day_.ok(); }
    /// The number of a set, for a row of that day. None if the set is new to the day and the day has `most`
    /// sets, or as much text as so many sets of 512 bytes. False when the disk refuses it.
    bool find(const Tags& tags, std::int64_t day, std::size_t most, std::optional<std::int64_t>& id);
    /// What was written is undone, or numbers have been removed.
    void clear() noexcept;

private:
    /// The sets that rows of a day have.
    struct Day {
        std::unordered_set<std::int64_t> sets{};
        std::size_t bytes{0};
    };

    bool known_or_stored(const std::string& text, std::optional<std::int64_t>& id);
    bool store(const std::string& text, std::int64_t& id);
    /// Null when the disk refuses it.
    Day* of_day(std::int64_t day);

    Database& database_;
    Statement insert_;
    Statement find_;
    Statement of_day_;
    KnownNames known_;
    std::map<std::int64_t, Day> days_;
};

}  // namespace gatehouse::store

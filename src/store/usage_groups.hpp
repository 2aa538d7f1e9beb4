// Cells of the days' sums, sorted into the groups that a question asks for.
//
// Room: store, private.
#pragma once

#include "database.hpp"

#include "gatehouse/store/usage.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gatehouse::store {

/// The names behind the numbers of `dimension` and `tag_set`, each read once.
class Names {
public:
    explicit Names(Database& database);
    bool usable() const noexcept { return find_dimension_.ok() && find_tag_set_.ok(); }

    /// By UsageBy, from key to upstream_model. Empty names if there is no such number.
    using Dimension = std::array<std::string, 7>;
    const Dimension& dimension(std::int64_t id);
    /// The value that the tag has in a set; "" if it is not in it.
    const std::string& tag(std::int64_t tag_set, const std::string& name);

private:
    Statement find_dimension_;
    Statement find_tag_set_;
    std::unordered_map<std::int64_t, Dimension> dimensions_;
    std::unordered_map<std::int64_t, std::string> tags_;  // of the one tag that a question may ask for
};

class UsageGroups {
public:
    /// REQUIRES: both outlive it.
    UsageGroups(const UsageQuery& query, Names& names);

    /// One cell of all requests that are asked for. Days in order.
    void add(std::int64_t day, std::int64_t dimension, const UsageSums& sums);
    /// One cell of those with tags, which is among all: moves it to the group of its tag. Days in order.
    void move_tagged(std::int64_t day, std::int64_t dimension, std::int64_t tag_set, const UsageSums& sums);
    UsageReport report() &&;

private:
    UsageSums* group_of(std::int64_t day, std::int64_t dimension, const std::string& tag);
    std::vector<std::string> names_of(std::int64_t day, const Names::Dimension& names,
                                      const std::string& tag) const;

    /// Where the sums of one dimension and set of tags go; both null: nowhere.
    struct Move {
        UsageSums* from{nullptr};
        UsageSums* to{nullptr};
    };
    void begin_day(std::int64_t day);
    Move move_of(std::int64_t day, std::int64_t dimension, std::int64_t tag_set);

    const UsageQuery& query_;
    Names& names_;
    const std::string* tag_{nullptr};  // that is asked for; null: none
    bool by_day_;
    std::map<std::vector<std::string>, UsageSums> groups_;
    std::unordered_map<std::int64_t, UsageSums*> of_dimension_;    // on that day; null: too many
    std::map<std::pair<std::int64_t, std::int64_t>, Move> moves_;  // likewise, by dimension and set of tags
    std::optional<std::int64_t> day_;
    UsageSums total_;
    bool cut_{false};
};

}  // namespace gatehouse::store

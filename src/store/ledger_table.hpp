// The ledger in the database: rows with their names looked up, and the sums of their day.
//
// On the writer's thread. Room: store, private.
#pragma once

#include "database.hpp"
#include "ledger_clearing.hpp"
#include "ledger_names.hpp"

#include "gatehouse/core/clock.hpp"
#include "gatehouse/store/usage.hpp"
#include "gatehouse/telemetry/trail.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace gatehouse::store {

struct FinishedRequest {
    FinishedRequest(telemetry::Trail&& finished, WallTime when) noexcept
        : trail(std::move(finished)), at(when) {}
    telemetry::Trail trail;
    WallTime at;
};

class LedgerTable {
public:
    /// REQUIRES: the database outlives it. `tag_sets_of_day`: the rows of a day have so many sets of tags
    /// at most, and refused ones bring a tenth of them; beyond that rows have none.
    LedgerTable(Database& database, std::size_t tag_sets_of_day);

    bool usable() const noexcept;
    /// In one transaction, all or none.
    bool write(std::span<const FinishedRequest> requests);
    const std::string& last_failure() const noexcept { return last_failure_; }
    /// Rows so far whose tags are not kept.
    std::uint64_t without_tags() const noexcept { return without_tags_; }
    /// Removes what finished before, some of it, in one transaction; the sums of the last days stay. True if
    /// there may be more.
    bool clear_before(WallTime before, WallTime now);

private:
    using Cell = std::pair<std::int64_t, std::int64_t>;                    // day, dimension
    using TagCell = std::tuple<std::int64_t, std::int64_t, std::int64_t>;  // and set of tags

    bool add(const FinishedRequest& request);
    bool insert(const FinishedRequest& request, const UsageSums& sums, std::int64_t dimension,
                std::optional<std::int64_t> tag_set);
    bool insert_attempts(const telemetry::Trail& trail);
    bool add_sums();
    std::optional<std::int64_t> dimension_of(const telemetry::Trail& trail);
    void undo();

    Database& database_;
    Statement insert_request_;
    Statement insert_attempt_;
    Statement insert_dimension_;
    Statement find_dimension_;
    Statement add_day_;
    Statement add_tag_day_;
    LedgerClearing clearing_;
    KnownNames dimensions_;
    TagSets tag_sets_;
    std::size_t tag_sets_of_day_;
    std::string names_;  // reused
    std::map<Cell, UsageSums> days_;
    std::map<TagCell, UsageSums> tag_days_;
    std::uint64_t without_tags_{0};
    std::string last_failure_;
};

}  // namespace gatehouse::store

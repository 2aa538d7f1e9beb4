#include "usage_reader.hpp"

#include "usage_columns.hpp"
#include "usage_groups.hpp"

#include "gatehouse/core/money.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::store {
namespace {

/// All that is read in it was true at one moment.
class ReadTransaction {
public:
    explicit ReadTransaction(Database& database) : database_(database) { database_.execute("BEGIN"); }
    ReadTransaction(const ReadTransaction&) = delete;
    ReadTransaction& operator=(const ReadTransaction&) = delete;
    ~ReadTransaction() { database_.execute("COMMIT"); }

private:
    Database& database_;
};

Problem unreadable(const Database& database) {
    return Problem(ProblemKind::internal, "cannot read the ledger: " + database.last_words());
}

bool asks_for_a_tag(const UsageQuery& query) {
    return std::any_of(query.group_by.begin(), query.group_by.end(),
                       [](const UsageGrouping& one) { return one.by == UsageBy::tag; });
}

}  // namespace

Result<UsageReader> UsageReader::open(const std::string& path) {
    auto database = Database::open_for_reading(path);
    if (!database) {
        return std::move(database.problem());
    }
    return UsageReader(std::move(*database));
}

Result<UsageReport> UsageReader::usage(const UsageQuery& query) {
    const ReadTransaction transaction(database_);
    const std::string columns = usage_column_list();
    Statement cells(database_.handle(), "SELECT day, dimension, " + columns +
                                            " FROM usage_day WHERE day BETWEEN ?1 AND ?2 ORDER BY day");
    Statement tagged(database_.handle(), "SELECT day, dimension, tag_set, " + columns +
                                             " FROM usage_tag_day WHERE day BETWEEN ?1 AND ?2 ORDER BY day");
    Names names(database_);
    if (!cells.ok() || !tagged.ok() || !names.usable()) {
        return unreadable(database_);
    }
    UsageGroups groups(query, names);
    const std::int64_t from = query.from.time_since_epoch().count();
    const std::int64_t to = query.to.time_since_epoch().count();
    cells.bind(1, from).bind(2, to);
    while (cells.step()) {
        groups.add(cells.integer(0), cells.integer(1), usage_in(cells, 2));
    }
    if (cells.failed()) {
        return unreadable(database_);
    }
    if (asks_for_a_tag(query)) {
        tagged.bind(1, from).bind(2, to);
        while (tagged.step()) {
            groups.move_tagged(tagged.integer(0), tagged.integer(1), tagged.integer(2), usage_in(tagged, 3));
        }
        if (tagged.failed()) {
            return unreadable(database_);
        }
    }
    return std::move(groups).report();
}

Result<std::vector<Spent>> UsageReader::spent_since(std::chrono::sys_days first) {
    const ReadTransaction transaction(database_);
    // Each part is a sum of 64 bits: nine million days and callers of a dollar's worth of the smaller unit.
    Statement rows(database_.handle(),
                   "SELECT key, team, organisation, SUM(usd), SUM(pico) FROM"
                   " (SELECT key, team, organisation, cost_usd AS usd, cost_pico AS pico FROM usage_day"
                   "  JOIN dimension ON id = dimension WHERE day >= ?1 UNION ALL"
                   "  SELECT key, team, organisation, cost_usd, cost_pico FROM spent_before WHERE ?1 = 0)"
                   " GROUP BY key, team, organisation");
    if (!rows.ok()) {
        return unreadable(database_);
    }
    std::vector<Spent> spent;
    rows.bind(1, std::int64_t{first.time_since_epoch().count()});
    while (rows.step()) {
        spent.push_back(
            {rows.blob(0), rows.blob(1), rows.blob(2), sum_of({rows.integer(3), rows.integer(4)})});
    }
    if (rows.failed()) {
        return unreadable(database_);
    }
    return spent;
}

}  // namespace gatehouse::store

#include "usage_reader.hpp"

#include "usage_columns.hpp"
#include "usage_groups.hpp"

#include "gatehouse/core/money.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
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

/// What of the names is asked for: it narrows the cells, so that one caller's are found without the others'.
class Narrowed {
public:
    explicit Narrowed(const UsageQuery& query) {
        add("key", query.key);
        add("team", query.team);
        add("organisation", query.organisation);
        add("model", query.model);
        add("provider", query.provider);
    }
    /// The condition of cells in `usage_day`; days are ?1 and ?2.
    std::string of_days() const {
        const std::string days = "day BETWEEN ?1 AND ?2";
        return values_.empty() ? days
                               : days + " AND dimension IN (SELECT id FROM dimension WHERE " + names_ + ")";
    }
    std::string of_tag_days() const {
        return values_.empty()
                   ? of_days()
                   : "(day, dimension) IN (SELECT day, dimension FROM usage_day WHERE " + of_days() + ")";
    }
    void bind(Statement& statement, const UsageQuery& query) const {
        statement.bind(1, std::int64_t{query.from.time_since_epoch().count()});
        statement.bind(2, std::int64_t{query.to.time_since_epoch().count()});
        for (std::size_t i = 0; i < values_.size(); ++i) {
            statement.bind_text(first_ + static_cast<int>(i), values_[i]);
        }
    }

private:
    static constexpr int first_ = 3;

    void add(std::string_view name, const std::optional<std::string>& value) {
        if (value) {
            names_.append(names_.empty() ? "" : " AND ").append(name).append("=?");
            names_.append(std::to_string(first_ + static_cast<int>(values_.size())));
            values_.emplace_back(*value);
        }
    }

    std::string names_;
    std::vector<std::string_view> values_;
};

}  // namespace

Result<UsageReport> UsageReader::usage(const UsageQuery& query) {
    const ReadTransaction transaction(database_);
    const std::string columns = usage_column_list();
    const Narrowed narrowed(query);
    Statement cells(database_.handle(), "SELECT day, dimension, " + columns + " FROM usage_day WHERE " +
                                            narrowed.of_days() + " ORDER BY day");
    Statement tagged(database_.handle(), "SELECT day, dimension, tag_set, " + columns +
                                             " FROM usage_tag_day WHERE " + narrowed.of_tag_days() +
                                             " ORDER BY day");
    Names names(database_);
    if (!cells.ok() || !tagged.ok() || !names.usable()) {
        return unreadable(database_);
    }
    UsageGroups groups(query, names);
    narrowed.bind(cells, query);
    while (cells.step()) {
        groups.add(cells.integer(0), cells.integer(1), usage_in(cells, 2));
    }
    if (cells.failed()) {
        return unreadable(database_);
    }
    if (asks_for_a_tag(query)) {
        narrowed.bind(tagged, query);
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

#include "ledger_clearing.hpp"

#include "times.hpp"

#include <string>

namespace gatehouse::store {
namespace {

constexpr std::int64_t rows_together = 500;
constexpr std::int64_t cells_together = 2'000;
constexpr std::int64_t names_together = 2'000;

/// The oldest rows, as they were written; where a clock went backwards some stay longer.
std::string oldest(std::string_view what) {
    return std::string(what) +
           " IN (SELECT id FROM (SELECT id, finished_ms FROM request ORDER BY id LIMIT ?2)"
           " WHERE finished_ms < ?1)";
}

std::string next(std::string_view table) {
    return "SELECT MAX(id) FROM (SELECT id FROM " + std::string(table) +
           " WHERE id > ?1 ORDER BY id LIMIT ?2)";
}

}  // namespace

LedgerClearing::LedgerClearing(Database& database)
    : database_(database),
      clear_attempts_(database.handle(), oldest("DELETE FROM attempt WHERE request")),
      clear_rows_(database.handle(), oldest("DELETE FROM request WHERE id")),
      clear_tag_days_(
          database.handle(),
          "DELETE FROM usage_tag_day WHERE (day, dimension, tag_set) IN (SELECT day, dimension,"
          " tag_set FROM usage_tag_day WHERE day < ?1 ORDER BY day, dimension, tag_set LIMIT ?2)"),
      keep_spent_(database.handle(),
                  "INSERT INTO spent_before(key, team, organisation, cost_usd, cost_pico)"
                  " SELECT key, team, organisation, SUM(cost_usd) + SUM(cost_pico) / 1000000000000,"
                  " SUM(cost_pico) % 1000000000000 FROM (SELECT dimension, cost_usd, cost_pico FROM usage_day"
                  " WHERE day < ?1 ORDER BY day, dimension LIMIT ?2) JOIN dimension ON id = dimension"
                  " WHERE true GROUP BY key, team, organisation"
                  " ON CONFLICT(key, team, organisation) DO UPDATE SET cost_usd = cost_usd +"
                  " excluded.cost_usd + (cost_pico + excluded.cost_pico) / 1000000000000,"
                  " cost_pico = (cost_pico + excluded.cost_pico) % 1000000000000"),
      clear_days_(database.handle(),
                  "DELETE FROM usage_day WHERE (day, dimension) IN (SELECT day, dimension FROM usage_day"
                  " WHERE day < ?1 ORDER BY day, dimension LIMIT ?2)"),
      next_dimensions_(database.handle(), next("dimension")),
      clear_dimensions_(database.handle(),
                        "DELETE FROM dimension WHERE id > ?1 AND id <= ?2 AND NOT EXISTS"
                        " (SELECT 1 FROM usage_day WHERE usage_day.dimension = dimension.id)"),
      next_tag_sets_(database.handle(), next("tag_set")),
      clear_tag_sets_(database.handle(),
                      "DELETE FROM tag_set WHERE id > ?1 AND id <= ?2 AND NOT EXISTS"
                      " (SELECT 1 FROM usage_tag_day WHERE usage_tag_day.tag_set = tag_set.id)") {}

bool LedgerClearing::usable() const noexcept {
    return clear_attempts_.ok() && clear_rows_.ok() && clear_tag_days_.ok() && keep_spent_.ok() &&
           clear_days_.ok() && next_dimensions_.ok() && clear_dimensions_.ok() && next_tag_sets_.ok() &&
           clear_tag_sets_.ok();
}

LedgerClearing::Piece LedgerClearing::clear(WallTime before, std::int64_t first_kept) {
    auto names = names_;
    const bool began = database_.execute("BEGIN IMMEDIATE");
    const auto piece = began ? clear_piece(before, first_kept, names) : std::nullopt;
    if (!piece || !database_.execute("COMMIT")) {
        database_.execute("ROLLBACK");
        return {};
    }
    names_ = names;
    return *piece;
}

/// Whatever comes first: a piece is of one kind.
std::optional<LedgerClearing::Piece> LedgerClearing::clear_piece(WallTime before, std::int64_t first_kept,
                                                                 Names& names) {
    const auto rows = run({&clear_attempts_, &clear_rows_}, milliseconds_of(before), rows_together);
    if (rows != 0) {
        return rows ? std::optional(Piece{true}) : std::nullopt;
    }
    // Cells with tags are among those of all: they go first, so that no answer has more of the former.
    auto cells = run({&clear_tag_days_}, first_kept, cells_together);
    if (cells == 0) {
        cells = run({&keep_spent_, &clear_days_}, first_kept, cells_together);
    }
    if (cells != 0) {
        names = {Names::Of::dimensions, 0};
        return cells ? std::optional(Piece{true}) : std::nullopt;
    }
    return clear_names(names);
}

std::optional<LedgerClearing::Piece> LedgerClearing::clear_names(Names& names) {
    if (names.of == Names::Of::none) {
        return Piece{};
    }
    const bool dimensions = names.of == Names::Of::dimensions;
    auto& find = dimensions ? next_dimensions_ : next_tag_sets_;
    auto& remove = dimensions ? clear_dimensions_ : clear_tag_sets_;
    const bool found = find.bind(1, names.from).bind(2, names_together).step();
    const bool any = found && !find.is_null(0);
    const auto last = any ? find.integer(0) : 0;
    find.reset();
    if (!found) {
        return std::nullopt;
    }
    if (!any) {
        names = {dimensions ? Names::Of::tag_sets : Names::Of::none, 0};
        return Piece{dimensions};
    }
    const auto removed = run({&remove}, names.from, last);
    names.from = last;
    return removed ? std::optional(Piece{true, *removed != 0}) : std::nullopt;
}

/// Binds both, in their order. Of several statements the last one's count.
LedgerClearing::Count LedgerClearing::run(std::initializer_list<Statement*> statements, std::int64_t bound,
                                          std::int64_t other) {
    for (auto* const statement : statements) {
        if (!statement->bind(1, bound).bind(2, other).run()) {
            return std::nullopt;
        }
    }
    return sqlite3_changes(database_.handle());
}

}  // namespace gatehouse::store

// Removes from the ledger what is too old, in pieces that nobody waits long for.
//
// On the writer's thread. Room: store, private.
#pragma once

#include "database.hpp"

#include "gatehouse/core/clock.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>

namespace gatehouse::store {

class LedgerClearing {
public:
    /// REQUIRES: the database outlives it.
    explicit LedgerClearing(Database& database);

    bool usable() const noexcept;

    struct Piece {
        bool more{false};           // there may be more to remove
        bool names_removed{false};  // what was known of the numbers of names is void
    };
    /// Removes one piece, in one transaction: rows that finished before `before`, then the sums of days
    /// before `first_kept`, then names that no day has any more. What the days had cost is not forgotten.
    /// Removes nothing, and has no more, when the disk refuses it.
    Piece clear(WallTime before, std::int64_t first_kept);

private:
    /// Names are looked at only after days have gone, and then all of them, in the order of their numbers.
    struct Names {
        enum class Of { none, dimensions, tag_sets };
        Of of{Of::none};
        std::int64_t from{0};  // up to it they have been looked at
    };
    /// How many rows it was; absent: the disk refused it.
    using Count = std::optional<int>;

    std::optional<Piece> clear_piece(WallTime before, std::int64_t first_kept, Names& names);
    std::optional<Piece> clear_names(Names& names);
    Count run(std::initializer_list<Statement*> statements, std::int64_t bound, std::int64_t other);

    Database& database_;
    Statement clear_attempts_;
    Statement clear_rows_;
    Statement clear_tag_days_;
    Statement keep_spent_;
    Statement clear_days_;
    Statement next_dimensions_;
    Statement clear_dimensions_;
    Statement next_tag_sets_;
    Statement clear_tag_sets_;
    Names names_;
};

}  // namespace gatehouse::store

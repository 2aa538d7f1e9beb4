#include "ledger_table.hpp"

#include "times.hpp"
#include "usage_columns.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>

namespace gatehouse::store {
namespace {

using telemetry::RequestOutcome;
using telemetry::Trail;

/// Texts of clients are cut to this: a model name may be as long as a request.
constexpr std::size_t longest_name = 256;
constexpr std::size_t most_attempts = 64;
/// Budgets count from the sums of days: a month has 31, and begins a day earlier or later elsewhere.
constexpr std::int64_t days_kept_at_least = 32;

/// Cut between characters.
std::string_view name_in(std::string_view text) noexcept {
    if (text.size() <= longest_name) {
        return text;
    }
    std::size_t end = longest_name;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return text.substr(0, end);
}

std::int64_t day_of(WallTime time) {
    return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

std::int64_t microseconds_since(Instant start, Instant moment) {
    return std::max<std::int64_t>(
        0, std::chrono::duration_cast<std::chrono::microseconds>(moment - start).count());
}

/// Where nobody was called, nothing is owed.
std::optional<PicoUsd> cost_of(const Trail& trail) {
    return trail.cost || !trail.attempts.empty() ? trail.cost : PicoUsd(0);
}

std::string_view usage_word(const Trail& trail) noexcept {
    if (trail.usage_estimated) {
        return "estimated";
    }
    return trail.usage_known ? "reported" : "unknown";
}

UsageSums sums_of(const Trail& trail) {
    UsageSums sums;
    sums.requests = 1;
    sums.failed = trail.outcome == RequestOutcome::ok ? 0 : 1;
    sums.estimated = trail.usage_estimated ? 1 : 0;
    sums.attempts = static_cast<std::int64_t>(trail.attempts.size());
    sums.cached = trail.cache == "hit" || trail.cache == "coalesced" ? 1 : 0;
    const auto& parts = trail.token_parts;
    const auto media = parts.input_image.value() + parts.input_audio.value() + parts.input_video.value();
    sums.tokens = {
        trail.input_tokens.value() - media,
        trail.cached_input_tokens.value(),
        trail.cache_write_tokens.value() - parts.cache_write_1h.value(),
        parts.cache_write_1h.value(),
        parts.input_image.value(),
        parts.input_audio.value(),
        parts.input_video.value(),
        trail.output_tokens.value() - parts.output_audio.value() - parts.output_image.value(),
        trail.reasoning_tokens.value(),
        parts.output_audio.value(),
        parts.output_image.value(),
    };
    const auto cost = cost_of(trail);
    sums.unpriced = cost ? 0 : 1;
    sums.cost = cost.value_or(PicoUsd(0));
    sums.saved = trail.saved;
    return sums;
}

void bind_optional(Statement& statement, int place, const std::optional<PicoUsd>& amount) {
    if (amount) {
        statement.bind(place, amount->value());
    } else {
        statement.bind_null(place);
    }
}

void bind_problem(Statement& statement, int place, const std::optional<ProblemKind>& problem) {
    if (problem) {
        statement.bind_text(place, name_of(*problem));
    } else {
        statement.bind_null(place);
    }
}

/// So that no two rows of names look alike.
void append_name(std::string& names, std::string_view name) {
    const auto size = static_cast<std::uint32_t>(name.size());
    char bytes[sizeof size];
    std::memcpy(bytes, &size, sizeof size);
    names.append(bytes, sizeof size).append(name);
}

std::string insert_request_text() {
    std::string columns =
        "request_id, finished_ms, duration_us, first_content_us, dimension, tag_set, asked_model, stream,"
        " attempts, usage, cost_pico, saved_pico, outcome, status, problem, cache";
    for (const auto kind : token_kinds) {
        columns.append(", ").append(kind);
    }
    std::string places = "?1";
    for (std::size_t place = 2; place <= 16 + token_kinds.size(); ++place) {
        places.append(",?").append(std::to_string(place));
    }
    return "INSERT INTO request(" + columns + ") VALUES(" + places + ")";
}

}  // namespace

LedgerTable::LedgerTable(Database& database, std::size_t tag_sets_of_day)
    : database_(database),
      insert_request_(database.handle(), insert_request_text()),
      insert_attempt_(database.handle(),
                      "INSERT INTO attempt(request, place, provider, upstream_model, reason, status, problem,"
                      " took_ms, cost_pico) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"),
      insert_dimension_(database.handle(),
                        "INSERT OR IGNORE INTO dimension(key, team, organisation, endpoint, model, provider,"
                        " upstream_model, route) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
      find_dimension_(database.handle(),
                      "SELECT id FROM dimension WHERE key=?1 AND team=?2 AND organisation=?3 AND endpoint=?4"
                      " AND model=?5 AND provider=?6 AND upstream_model=?7 AND route=?8"),
      add_day_(database.handle(), usage_upsert("usage_day", "day, dimension")),
      add_tag_day_(database.handle(), usage_upsert("usage_tag_day", "day, dimension, tag_set")),
      clearing_(database),
      tag_sets_(database),
      tag_sets_of_day_(tag_sets_of_day) {}

bool LedgerTable::usable() const noexcept {
    return insert_request_.ok() && insert_attempt_.ok() && insert_dimension_.ok() && find_dimension_.ok() &&
           tag_sets_.usable() && add_day_.ok() && add_tag_day_.ok() && clearing_.usable();
}

bool LedgerTable::write(std::span<const FinishedRequest> requests) {
    days_.clear();
    tag_days_.clear();
    try {
        bool good = database_.execute("BEGIN IMMEDIATE");
        for (const auto& request : requests) {
            good = good && add(request);
        }
        if (good && add_sums() && database_.execute("COMMIT")) {
            return true;
        }
        last_failure_ = database_.last_words();
    } catch (const std::exception&) {
        last_failure_ = "out of memory";
    }
    undo();
    return false;
}

/// Names that were inserted are gone too.
void LedgerTable::undo() {
    database_.execute("ROLLBACK");
    dimensions_.clear();
    tag_sets_.clear();
}

bool LedgerTable::add(const FinishedRequest& request) {
    const auto& trail = request.trail;
    const auto dimension = dimension_of(trail);
    if (!dimension) {
        return false;
    }
    const auto day = day_of(request.at);
    std::optional<std::int64_t> tag_set;
    if (!trail.tags.empty()) {
        // Refusals cost nobody anything: they must not take the room of what does.
        const bool refused = trail.outcome == RequestOutcome::refused;
        const auto most = refused ? tag_sets_of_day_ / 10 : tag_sets_of_day_;
        if (!tag_sets_.find(trail.tags, day, most, tag_set)) {
            return false;
        }
        without_tags_ += tag_set ? 0 : 1;
    }
    const auto sums = sums_of(trail);
    days_[{day, *dimension}] += sums;
    if (tag_set) {
        tag_days_[{day, *dimension, *tag_set}] += sums;
    }
    return insert(request, sums, *dimension, tag_set);
}

bool LedgerTable::insert(const FinishedRequest& request, const UsageSums& sums, std::int64_t dimension,
                         std::optional<std::int64_t> tag_set) {
    const auto& trail = request.trail;
    auto& row = insert_request_;
    row.bind_text(1, trail.request_id).bind(2, milliseconds_of(request.at));
    row.bind(3, microseconds_since(trail.started, trail.finished));
    if (trail.first_content != Instant{}) {
        row.bind(4, microseconds_since(trail.started, trail.first_content));
    } else {
        row.bind_null(4);
    }
    row.bind(5, dimension);
    if (tag_set) {
        row.bind(6, *tag_set);
    } else {
        row.bind_null(6);
    }
    row.bind_text(7, name_in(trail.asked_model)).bind(8, trail.stream ? 1 : 0);
    row.bind(9, static_cast<std::int64_t>(trail.attempts.size())).bind_text(10, usage_word(trail));
    bind_optional(row, 11, cost_of(trail));
    row.bind(12, trail.saved.value()).bind_text(13, name_of(trail.outcome)).bind(14, trail.status);
    bind_problem(row, 15, trail.problem);
    if (trail.cache.empty()) {
        row.bind_null(16);
    } else {
        row.bind_text(16, trail.cache);
    }
    int place = 17;
    for (const auto count : sums.tokens) {
        row.bind(place++, count);
    }
    return row.run() && insert_attempts(trail);
}

/// One attempt that went well says nothing that its request does not.
bool LedgerTable::insert_attempts(const Trail& trail) {
    const bool plain = trail.attempts.size() == 1 && !trail.attempts.front().problem;
    if (trail.attempts.empty() || plain) {
        return true;
    }
    const std::int64_t request = sqlite3_last_insert_rowid(database_.handle());
    const auto count = std::min(trail.attempts.size(), most_attempts);
    bool good = true;
    for (std::size_t i = 0; i < count && good; ++i) {
        const auto& attempt = trail.attempts[i];
        auto& row = insert_attempt_;
        row.bind(1, request).bind(2, static_cast<std::int64_t>(i));
        row.bind_text(3, attempt.provider).bind_text(4, name_in(attempt.model)).bind_text(5, attempt.reason);
        row.bind(6, attempt.status).bind(8, attempt.took.count());
        bind_problem(row, 7, attempt.problem);
        bind_optional(row, 9, attempt.cost);
        good = row.run();
    }
    return good;
}

bool LedgerTable::add_sums() {
    bool good = true;
    for (const auto& [cell, sums] : days_) {
        add_day_.bind(1, cell.first).bind(2, cell.second);
        bind_usage(add_day_, 3, sums);
        good = good && add_day_.run();
    }
    for (const auto& [cell, sums] : tag_days_) {
        add_tag_day_.bind(1, std::get<0>(cell)).bind(2, std::get<1>(cell)).bind(3, std::get<2>(cell));
        bind_usage(add_tag_day_, 4, sums);
        good = good && add_tag_day_.run();
    }
    return good;
}

std::optional<std::int64_t> LedgerTable::dimension_of(const Trail& trail) {
    const std::array<std::string_view, 8> names{trail.caller,
                                                trail.team,
                                                trail.organisation,
                                                trail.endpoint,
                                                trail.model,
                                                trail.provider,
                                                name_in(trail.upstream_model),
                                                trail.route};
    names_.clear();
    for (const auto name : names) {
        append_name(names_, name);
    }
    auto known = dimensions_.find(names_);
    if (known) {
        return known;
    }
    for (auto* const statement : {&insert_dimension_, &find_dimension_}) {
        int place = 1;
        for (const auto name : names) {
            statement->bind_text(place++, name);
        }
    }
    if (insert_dimension_.run() && find_dimension_.step()) {
        known = find_dimension_.integer(0);
        dimensions_.add(names_, *known);
    }
    find_dimension_.reset();
    return known;
}

bool LedgerTable::clear_before(WallTime before, WallTime now) {
    const auto piece = clearing_.clear(before, std::min(day_of(before), day_of(now) - days_kept_at_least));
    if (piece.names_removed) {
        dimensions_.clear();
        tag_sets_.clear();
    }
    return piece.more;
}

}  // namespace gatehouse::store

#include "ledger_names.hpp"

#include <nlohmann/json.hpp>

namespace gatehouse::store {
namespace {

/// What an entry takes beside its text.
constexpr std::size_t beside_text = 96;
/// Rows come in the order of their days, but for those of a clock that was set.
constexpr std::size_t most_days_known = 40;
constexpr std::size_t mean_bytes = 512;  // of the sets of a day that has its fill

/// One text for one set of tags, in whatever order they came: a JSON object.
std::string text_of(const TagSets::Tags& tags) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [name, value] : tags) {
        object[name] = value;
    }
    return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::optional<std::int64_t> KnownNames::find(const std::string& names) const {
    const auto found = ids_.find(names);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

void KnownNames::add(const std::string& names, std::int64_t id) {
    const std::size_t bytes = names.size() + beside_text;
    if (bytes_ + bytes > most_bytes) {
        clear();
    }
    bytes_ += ids_.emplace(names, id).second ? bytes : 0;
}

void KnownNames::clear() noexcept {
    ids_.clear();
    bytes_ = 0;
}

TagSets::TagSets(Database& database)
    : database_(database),
      insert_(database.handle(), "INSERT INTO tag_set(tags) VALUES(?1)"),
      find_(database.handle(), "SELECT id FROM tag_set WHERE tags=?1"),
      of_day_(database.handle(),
              "SELECT id, length(CAST(tags AS BLOB)) FROM tag_set WHERE id IN"
              " (SELECT tag_set FROM usage_tag_day WHERE day=?1)") {}

void TagSets::clear() noexcept {
    known_.clear();
    days_.clear();
}

bool TagSets::find(const Tags& tags, std::int64_t day, std::size_t most, std::optional<std::int64_t>& id) {
    auto* const of_this_day = of_day(day);
    const std::string text = text_of(tags);
    id.reset();
    if (of_this_day == nullptr || !known_or_stored(text, id)) {
        return false;
    }
    if (id && of_this_day->sets.count(*id) != 0) {
        return true;
    }
    if (of_this_day->sets.size() >= most || of_this_day->bytes + text.size() > most * mean_bytes) {
        id.reset();
        return true;
    }
    if (!id && !store(text, id.emplace())) {
        return false;
    }
    of_this_day->sets.insert(*id);
    of_this_day->bytes += text.size();
    return true;
}

bool TagSets::known_or_stored(const std::string& text, std::optional<std::int64_t>& id) {
    id = known_.find(text);
    if (id) {
        return true;
    }
    find_.bind_text(1, text);
    if (find_.step()) {
        id = find_.integer(0);
        known_.add(text, *id);
    }
    const bool good = !find_.failed();
    find_.reset();
    return good;
}

bool TagSets::store(const std::string& text, std::int64_t& id) {
    if (!insert_.bind_text(1, text).run()) {
        return false;
    }
    id = sqlite3_last_insert_rowid(database_.handle());
    known_.add(text, id);
    return true;
}

TagSets::Day* TagSets::of_day(std::int64_t day) {
    const auto known = days_.find(day);
    if (known != days_.end()) {
        return &known->second;
    }
    Day read;
    of_day_.bind(1, day);
    while (of_day_.step()) {
        read.sets.insert(of_day_.integer(0));
        read.bytes += static_cast<std::size_t>(of_day_.integer(1));
    }
    const bool good = !of_day_.failed();
    of_day_.reset();
    if (!good) {
        return nullptr;
    }
    if (days_.size() >= most_days_known) {
        days_.clear();
    }
    return &days_.emplace(day, std::move(read)).first->second;
}

}  // namespace gatehouse::store

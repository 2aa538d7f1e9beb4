#include "stored_keys.hpp"

#include "gatehouse/core/ids.hpp"
#include "gatehouse/core/text.hpp"
#include "gatehouse/store/store.hpp"
#include "gatehouse/telemetry/log.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::app {
namespace {

using telemetry::LogLevel;

constexpr std::string_view id_prefix = "key_";

Problem conflict(std::string message) {
    return Problem(ProblemKind::conflict, std::move(message));
}

std::string in_quotes(std::string_view name) {
    return "`" + without_controls(name) + "`";
}

bool has_expired(const std::optional<WallTime>& expires, WallTime now) {
    return expires && *expires <= now;
}

void log_call(const store::AuditNote& call) {
    telemetry::log(LogLevel::info, "admin_call",
                   {{"admin", call.admin},
                    {"method", call.method},
                    {"path", call.path},
                    {"about", call.object},
                    {"status", static_cast<std::int64_t>(call.status)},
                    {"details", call.details}});
}

void log_overruled(const store::StoredKey& key) {
    telemetry::log(LogLevel::warning, "stored_key_overruled",
                   {{"id", key.id},
                    {"name", key.name},
                    {"reason", "the configuration file has a key of this name, or the same key"}});
}

}  // namespace

std::shared_ptr<const policy::KeyRing> after(const KeyChange& change, const policy::KeyRing& ring,
                                             const pipeline::Settings& settings, Instant now) {
    std::shared_ptr<const policy::KeyRing> changed;
    if (change.gone) {
        changed = ring.without(*change.gone);
    }
    if (change.come) {
        const auto& before = changed ? *changed : ring;
        changed = before.with(change.come->hash, settings.caller_of(*change.come, now));
    }
    return changed;
}

void StoredKeys::open(store::KeyStore* store, const std::string& directory, std::string why) {
    auto kept = store != nullptr ? store->recall() : store::read_keys(directory);
    complete_ = static_cast<bool>(kept);
    if (kept) {
        store_ = store;
        why_no_store_ = std::move(why);
        bring_back(std::move(*kept));
        judge();
        return;
    }
    judge();
    // Without knowing what is there already nothing can be added either.
    why_no_store_ = kept.problem().message();
    telemetry::log(LogLevel::error, "stored_keys_unreadable",
                   {{"data_dir", directory}, {"reason", why_no_store_}});
}

void StoredKeys::judge() noexcept {
    sound_ = complete_ && store_ != nullptr &&
             std::all_of(entries_.begin(), entries_.end(),
                         [](const Entry& entry) { return entry.settings.has_value(); });
}

void StoredKeys::bring_back(std::vector<store::StoredKey> keys) {
    entries_.reserve(keys.size());
    for (auto& key : keys) {
        auto settings = config::KeyDocument::restored(key.settings);
        if (!settings) {
            // To guess what it may do would be worse than to do without it.
            telemetry::log(LogLevel::error, "stored_key_unreadable",
                           {{"id", key.id}, {"name", key.name}, {"reason", settings.problem().message()}});
        }
        entries_.push_back(
            Entry{std::move(key), settings ? std::optional(std::move(*settings)) : std::nullopt});
        if (is_overruled(entries_.back())) {
            log_overruled(entries_.back().stored);
        }
    }
}

void StoredKeys::configure(const std::vector<pipeline::KeyOptions>& of_file, config::KeyNames names,
                           const std::string& masked) {
    const Taken before = std::exchange(taken_by_file_, {});
    names_ = std::move(names);
    of_file_.clear();
    auto settings = settings_of_file_keys(masked);
    settings.resize(of_file.size());
    for (std::size_t i = 0; i < of_file.size(); ++i) {
        const auto& key = of_file[i];
        of_file_.push_back(FileKey{key.name, key.hash, key.expires, std::move(settings[i])});
        taken_by_file_.names.insert(key.name);
        taken_by_file_.hashes.insert(key.hash);
    }
    for (const auto& entry : entries_) {
        if (is_overruled(entry) && !is_in(before, entry.stored)) {
            log_overruled(entry.stored);
        }
    }
}

std::shared_ptr<const policy::KeyRing> StoredKeys::with_keys_of(const pipeline::Settings& settings) const {
    auto ring = std::make_shared<policy::KeyRing>();
    ring->add_all(settings.keys());
    for (const auto& entry : entries_) {
        if (entry.revoked || is_overruled(entry)) {
            continue;
        }
        if (!entry.settings) {
            ring->add_unreadable(entry.stored.hash);
        } else {
            ring->add(entry.stored.hash, settings.caller_of(options_of(entry), lane_.clock().now()));
        }
    }
    if (!complete_) {
        ring->incomplete();
    }
    return ring;
}

pipeline::KeyOptions StoredKeys::options_of(const Entry& entry) {
    auto key = entry.settings->options();
    key.hash = entry.stored.hash;
    return key;
}

bool StoredKeys::is_in(const Taken& taken, const store::StoredKey& key) {
    return taken.names.contains(key.name) || taken.hashes.contains(key.hash);
}

KeyState StoredKeys::state_of(const Entry& entry) const {
    if (entry.revoked) {
        return KeyState::revoked;
    }
    if (is_overruled(entry)) {
        return KeyState::overruled;
    }
    if (!entry.settings) {
        return KeyState::unreadable;
    }
    const bool expired = has_expired(entry.settings->options().expires, lane_.clock().wall());
    return expired ? KeyState::expired : KeyState::active;
}

KeyState StoredKeys::state_of(const FileKey& key) const {
    return has_expired(key.expires, lane_.clock().wall()) ? KeyState::expired : KeyState::active;
}

std::optional<std::size_t> StoredKeys::place_of(std::string_view id_or_name) const {
    auto found = std::find_if(entries_.begin(), entries_.end(),
                              [&](const Entry& entry) { return entry.stored.id == id_or_name; });
    if (found == entries_.end() && find_in_file(id_or_name) == nullptr) {
        found = std::find_if(entries_.begin(), entries_.end(),
                             [&](const Entry& entry) { return entry.stored.name == id_or_name; });
    }
    return found == entries_.end() ? std::nullopt
                                   : std::optional(static_cast<std::size_t>(found - entries_.begin()));
}

const FileKey* StoredKeys::find_in_file(std::string_view name) const {
    const auto found =
        std::find_if(of_file_.begin(), of_file_.end(), [&](const FileKey& key) { return key.name == name; });
    return found == of_file_.end() ? nullptr : &*found;
}

Result<std::size_t> StoredKeys::place_to_change(std::string_view which) const {
    const auto place = place_of(which);
    if (place) {
        return *place;
    }
    if (find_in_file(which) != nullptr) {
        return conflict("The key " + in_quotes(which) + " is in the configuration file: change it there.");
    }
    return Problem(ProblemKind::not_found, "There is no such key.");
}

Result<StoredKeys::Entry> StoredKeys::changeable(std::string_view which) const {
    const auto place = place_to_change(which);
    if (!place) {
        return place.problem();
    }
    const Entry& entry = entries_[*place];
    if (entry.revoked) {
        return conflict("The key has been revoked.");
    }
    if (!entry.settings) {
        return conflict("The settings of the key cannot be read: it can only be revoked.");
    }
    return entry;
}

Problem StoredKeys::unwritten() const {
    return Problem(ProblemKind::storage_unavailable, "Keys cannot be changed: " + why_no_store_ + ".");
}

Result<config::KeyDocument> StoredKeys::new_settings(std::string_view text) const {
    auto settings = config::KeyDocument::read(text, names_);
    if (!settings) {
        return settings;
    }
    const auto& name = settings->name();
    if (name.starts_with(id_prefix)) {
        return Problem(ProblemKind::invalid_value, "A name that begins with `key_` would be taken for an id.")
            .with_param("name");
    }
    if (find_in_file(name) != nullptr) {
        return conflict("There is a key named " + in_quotes(name) + " in the configuration file.");
    }
    if (place_of(name)) {
        return conflict("There is a key named " + in_quotes(name) + " already.");
    }
    if (entries_.size() >= most_keys) {
        return conflict("There are " + std::to_string(most_keys) + " keys already, and no more can be made.");
    }
    return settings;
}

Task<Status> StoredKeys::write(store::StoredKey key, store::AuditNote call) {
    if (store_ == nullptr) {
        co_return unwritten();
    }
    auto written = co_await store_->put(lane_, std::move(key), call);
    if (written) {
        log_call(call);
    }
    co_return written;
}

void StoredKeys::replace(Entry entry) {
    auto& place = entries_[*place_of(entry.stored.id)];
    // One that did not count may have been the same key as one of the file, which goes on.
    const bool counted = !is_overruled(place);
    const Digest before = std::exchange(place, std::move(entry)).stored.hash;
    if (!is_overruled(place)) {
        changed_({counted ? std::optional(before) : std::nullopt, options_of(place)});
    } else if (counted) {
        changed_({before, {}});
    }
}

Task<Result<std::string>> StoredKeys::create(store::AuditNote call, std::string settings) {
    const auto turn = co_await turns_.take();
    auto read = new_settings(settings);
    if (!read) {
        co_return std::move(read.problem());
    }
    const Secret secret(make_api_key());
    const WallTime now = lane_.clock().wall();
    Entry entry{
        {make_id(id_prefix), read->name(), sha256(secret.reveal()), read->text(), now, now, call.admin},
        std::move(*read)};
    call.object = entry.stored.id;
    call.details = R"({"settings":)" + entry.stored.settings + "}";
    auto written = co_await write(entry.stored, std::move(call));
    if (!written) {
        co_return std::move(written.problem());
    }
    entries_.push_back(std::move(entry));
    const auto& made = entries_.back();
    if (!is_overruled(made)) {  // by a reload in between
        changed_({{}, options_of(made), made.stored.name});
    }
    co_return shown_with_secret(made.stored, state_of(made), secret.reveal());
}

Task<Result<std::string>> StoredKeys::change(store::AuditNote call, std::string which, std::string patch) {
    const auto turn = co_await turns_.take();
    auto found = changeable(which);
    if (!found) {
        co_return std::move(found.problem());
    }
    Entry entry = std::move(*found);
    auto settings = entry.settings->patched(patch, names_);
    if (!settings) {
        co_return std::move(settings.problem());
    }
    call.object = entry.stored.id;
    call.details = entry.settings->changes_to(*settings);
    entry.settings = std::move(*settings);
    entry.stored.settings = entry.settings->text();
    entry.stored.updated = lane_.clock().wall();
    entry.stored.updated_by = call.admin;
    auto written = co_await write(entry.stored, std::move(call));
    if (!written) {
        co_return std::move(written.problem());
    }
    auto shown = shown_stored_key(entry.stored, state_of(entry));
    replace(std::move(entry));
    co_return shown;
}

Task<Result<std::string>> StoredKeys::rotate(store::AuditNote call, std::string which) {
    const auto turn = co_await turns_.take();
    auto found = changeable(which);
    if (!found) {
        co_return std::move(found.problem());
    }
    Entry entry = std::move(*found);
    const Secret secret(make_api_key());
    entry.stored.hash = sha256(secret.reveal());
    entry.stored.updated = lane_.clock().wall();
    entry.stored.updated_by = call.admin;
    call.object = entry.stored.id;
    call.details = R"({"rotated":true})";
    auto written = co_await write(entry.stored, std::move(call));
    if (!written) {
        co_return std::move(written.problem());
    }
    auto shown = shown_with_secret(entry.stored, state_of(entry), secret.reveal());
    replace(std::move(entry));
    co_return shown;
}

Task<Result<std::string>> StoredKeys::revoke(store::AuditNote call, std::string which) {
    const auto turn = co_await turns_.take();
    const auto place = place_to_change(which);
    if (!place) {
        co_return place.problem();
    }
    Entry& entry = entries_[*place];
    const std::string id = entry.stored.id;
    call.object = id;
    call.details = R"({"name":)" + wire::json_string(entry.stored.name) + "}";
    // Before the disk says yes: whoever lost a key does not want to wait for that.
    entry.revoked = true;
    if (!is_overruled(entry)) {  // else it may be the file's too
        changed_({entry.stored.hash, {}, entry.stored.name});
    }
    Status written = unwritten();
    if (store_ != nullptr) {
        written = co_await store_->erase(lane_, id, call);
    }
    if (!written) {
        co_return Problem(ProblemKind::storage_unavailable,
                          "The key is refused from now on. But the disk did not take it, so that a restart "
                          "would bring it back: " +
                              written.problem().message());
    }
    log_call(call);
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(*place));
    judge();
    co_return R"({"object":"key","id":)" + wire::json_string(id) + R"(,"deleted":true})";
}

Result<std::string> StoredKeys::show(std::string_view which) const {
    if (const auto place = place_of(which)) {
        const Entry& entry = entries_[*place];
        return shown_stored_key(entry.stored, state_of(entry));
    }
    if (const FileKey* key = find_in_file(which)) {
        return shown_file_key(*key, state_of(*key));
    }
    return Problem(ProblemKind::not_found, "There is no such key.");
}

Result<std::string> StoredKeys::list(const server::Page& page) const {
    bool begun = page.after.empty();
    bool has_more = false;
    std::vector<std::string> items;
    const auto take = [&](std::string_view id, const auto& shown) {
        if (!begun) {
            begun = id == page.after;
        } else if (items.size() < page.limit) {
            items.push_back(shown());
        } else {
            has_more = true;
        }
    };
    for (const auto& key : of_file_) {
        take(key.name, [&] { return shown_file_key(key, state_of(key)); });
    }
    for (const auto& entry : entries_) {
        take(entry.stored.id, [&] { return shown_stored_key(entry.stored, state_of(entry)); });
    }
    if (!begun) {
        return Problem(ProblemKind::invalid_value, "There is no such key.").with_param("after");
    }
    return shown_list(items, has_more);
}

void StoredKeys::note(store::AuditNote call) {
    log_call(call);
    if (store_ != nullptr) {
        store_->note(std::move(call));
    }
}

Task<Result<std::string>> StoredKeys::audit(server::Page page) {
    const auto before = page.after.empty() ? std::optional<std::uint64_t>(0) : parse_unsigned(page.after);
    if (!before || *before > std::uint64_t{1} << 62U) {
        co_return Problem(ProblemKind::invalid_value, "`after` is the id of an entry.").with_param("after");
    }
    if (store_ == nullptr) {
        co_return Problem(ProblemKind::storage_unavailable,
                          "The audit log is in the process's log only: " + why_no_store_ + ".");
    }
    const auto number = static_cast<std::int64_t>(*before);
    const std::size_t one_more = page.limit + 1;  // to know whether there are
    auto entries = co_await store_->audit(lane_, number, one_more);
    if (!entries) {
        co_return std::move(entries.problem());
    }
    const bool has_more = entries->size() > page.limit;
    if (has_more) {
        entries->pop_back();
    }
    co_return shown_audit(*entries, has_more);
}

}  // namespace gatehouse::app

// The keys that admins make at run time, beside those of the configuration file: all in memory, each change
// on the disk before it counts.
//
// On the management lane. Room: app.
#pragma once

#include "key_report.hpp"
#include "turns.hpp"

#include "gatehouse/config/key_document.hpp"
#include "gatehouse/config/load.hpp"
#include "gatehouse/net/lane.hpp"
#include "gatehouse/pipeline/options.hpp"
#include "gatehouse/pipeline/settings.hpp"
#include "gatehouse/policy/key_check.hpp"
#include "gatehouse/server/key_desk.hpp"
#include "gatehouse/store/key_store.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::app {

/// What is different about the keys in force: one of them at least.
struct KeyChange {
    std::optional<Digest> gone{};
    std::optional<pipeline::KeyOptions> come{};
    /// The name of one that was made or revoked: what was kept for a key of this name is nobody's any more.
    std::optional<std::string> anew{};
};

std::shared_ptr<const policy::KeyRing> after(const KeyChange& change, const policy::KeyRing& ring,
                                             const pipeline::Settings& settings, Instant now);

class StoredKeys : public server::KeyDesk {
public:
    static constexpr std::size_t most_keys = 100'000;

    /// `changed` is called with each change of what is in force, save by open() and configure().
    StoredKeys(net::Lane& lane, std::function<void(const KeyChange&)> changed)
        : lane_(lane), changed_(std::move(changed)) {}

    /// Brings back what lies on the disk; before anybody is served. `store` is where changes go. Null:
    /// nothing can be changed, because of `why`, and what lies in `directory` counts if it can be read. Does
    /// not call `changed`.
    void open(store::KeyStore* store, const std::string& directory, std::string why);
    /// What the file says from now on; `masked` is the configuration as /admin/config shows it.
    void configure(const std::vector<pipeline::KeyOptions>& of_file, config::KeyNames names,
                   const std::string& masked);
    /// All that are on the disk could be read, and can be changed. Any thread may ask.
    bool are_sound() const noexcept { return sound_; }
    /// All that count beside those of the settings, with these, as callers under the settings.
    std::shared_ptr<const policy::KeyRing> with_keys_of(const pipeline::Settings& settings) const;

    Task<Result<std::string>> create(store::AuditNote call, std::string settings) override;
    Task<Result<std::string>> change(store::AuditNote call, std::string which, std::string patch) override;
    Task<Result<std::string>> rotate(store::AuditNote call, std::string which) override;
    Task<Result<std::string>> revoke(store::AuditNote call, std::string which) override;
    Result<std::string> show(std::string_view which) const override;
    Result<std::string> list(const server::Page& page) const override;
    void note(store::AuditNote call) override;
    Task<Result<std::string>> audit(server::Page page) override;

private:
    struct Entry {
        store::StoredKey stored;
        std::optional<config::KeyDocument> settings;  // absent: they cannot be read
        bool revoked{false};                          // and the disk did not take it
    };
    /// What the file's keys and the stored ones may not share.
    struct Taken {
        std::set<std::string, std::less<>> names;
        std::set<Digest> hashes;
    };

    void bring_back(std::vector<store::StoredKey> keys);
    std::optional<std::size_t> place_of(std::string_view id_or_name) const;
    const FileKey* find_in_file(std::string_view name) const;
    /// The one to be revoked. Problems: not_found, conflict.
    Result<std::size_t> place_to_change(std::string_view which) const;
    /// A copy of the one to be changed. Problems: not_found, conflict.
    Result<Entry> changeable(std::string_view which) const;
    Result<config::KeyDocument> new_settings(std::string_view text) const;
    /// Once the disk has it.
    void replace(Entry entry);
    Task<Status> write(store::StoredKey key, store::AuditNote call);
    void judge() noexcept;
    /// REQUIRES: readable.
    static pipeline::KeyOptions options_of(const Entry& entry);
    bool is_overruled(const Entry& entry) const { return is_in(taken_by_file_, entry.stored); }
    static bool is_in(const Taken& taken, const store::StoredKey& key);
    KeyState state_of(const Entry& entry) const;
    KeyState state_of(const FileKey& key) const;
    /// Not durable: why.
    Problem unwritten() const;

    net::Lane& lane_;
    std::function<void(const KeyChange&)> changed_;
    store::KeyStore* store_{nullptr};
    std::string why_no_store_{"the store has not been opened"};
    bool complete_{true};  // the disk could be read
    std::atomic<bool> sound_{true};
    Turns turns_;                 // of those that change a key
    std::vector<Entry> entries_;  // in the order of their creation; changed by who has the turn
    std::vector<FileKey> of_file_;
    Taken taken_by_file_;
    config::KeyNames names_;
};

}  // namespace gatehouse::app

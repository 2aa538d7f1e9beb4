// Keys and the audit log as the admin doors show them: JSON texts, without a secret or a hash.
// Room: app.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/store/key_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::app {

/// Of all states that fit a key the first.
enum class KeyState : std::uint8_t {
    revoked,     // refused, but the disk does not know yet: a restart would bring it back
    overruled,   // the configuration file has a key of that name, or the same key, and that one counts
    unreadable,  // what lies on the disk cannot be understood: who presents it gets 503
    expired,
    active,
};

/// One that the configuration file says.
struct FileKey {
    std::string name;
    Digest hash{};
    std::optional<WallTime> expires{};
    std::string settings{};  // a JSON object
};

/// Of the masked configuration (a JSON text), the settings of the keys in it, in its order.
std::vector<std::string> settings_of_file_keys(const std::string& masked);

/// Both: a JSON object with the key's settings among its members.
std::string shown_file_key(const FileKey& key, KeyState state);
std::string shown_stored_key(const store::StoredKey& key, KeyState state);
/// The same with the key itself, for the one answer that shows it.
std::string shown_with_secret(const store::StoredKey& key, KeyState state, std::string_view secret);
/// `items` are JSON objects.
std::string shown_list(const std::vector<std::string>& items, bool has_more);
std::string shown_audit(const std::vector<store::AuditEntry>& entries, bool has_more);

}  // namespace gatehouse::app

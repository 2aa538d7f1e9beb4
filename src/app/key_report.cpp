#include "key_report.hpp"

#include "timestamp.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace gatehouse::app {
namespace {

using Json = nlohmann::ordered_json;

std::string_view word_of(KeyState state) noexcept {
    switch (state) {
        case KeyState::revoked:
            return "revoked";
        case KeyState::overruled:
            return "overruled";
        case KeyState::unreadable:
            return "unreadable";
        case KeyState::expired:
            return "expired";
        case KeyState::active:
            break;
    }
    return "active";
}

std::string text_of(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json parsed(const std::string& text) {
    return text.empty() ? Json() : Json::parse(text, nullptr, false);
}

/// `settings` hold the name.
void add_settings(Json& key, const std::string& settings) {
    const Json members = parsed(settings);
    for (const auto& [name, value] : members.items()) {
        key[name] = value;
    }
}

Json stored_json(const store::StoredKey& key, KeyState state) {
    Json shown{{"object", "key"},
               {"id", key.id},
               {"name", key.name},
               {"state", word_of(state)},
               {"source", "admin"},
               {"created_at", timestamp(key.created)},
               {"updated_at", timestamp(key.updated)},
               {"updated_by", key.updated_by}};
    if (state != KeyState::unreadable) {
        add_settings(shown, key.settings);
    }
    return shown;
}

}  // namespace

std::vector<std::string> settings_of_file_keys(const std::string& masked) {
    std::vector<std::string> settings;
    Json configuration = parsed(masked);
    for (Json& key : configuration["keys"]) {
        key.erase("value");
        key.erase("hash");
        settings.push_back(text_of(key));
    }
    return settings;
}

std::string shown_file_key(const FileKey& key, KeyState state) {
    // Its name is its id: the file gives it no other.
    Json shown{{"object", "key"},
               {"id", key.name},
               {"name", key.name},
               {"state", word_of(state)},
               {"source", "configuration"}};
    add_settings(shown, key.settings);
    return text_of(shown);
}

std::string shown_stored_key(const store::StoredKey& key, KeyState state) {
    return text_of(stored_json(key, state));
}

std::string shown_with_secret(const store::StoredKey& key, KeyState state, std::string_view secret) {
    Json shown = stored_json(key, state);
    shown["key"] = secret;
    return text_of(shown);
}

std::string shown_list(const std::vector<std::string>& items, bool has_more) {
    std::string text = R"({"object":"list","data":[)";
    for (const auto& item : items) {
        text += item;
        text += ',';
    }
    if (!items.empty()) {
        text.pop_back();
    }
    text += has_more ? R"(],"has_more":true})" : R"(],"has_more":false})";
    return text;
}

std::string shown_audit(const std::vector<store::AuditEntry>& entries, bool has_more) {
    std::vector<std::string> items;
    for (const auto& [number, note] : entries) {
        const Json shown{{"object", "audit.entry"},
                         {"id", std::to_string(number)},
                         {"at", timestamp(note.at)},
                         {"admin", note.admin},
                         {"method", note.method},
                         {"path", note.path},
                         {"about", note.object.empty() ? Json() : Json(note.object)},
                         {"status", note.status},
                         {"details", parsed(note.details)}};
        items.push_back(text_of(shown));
    }
    return shown_list(items, has_more);
}

}  // namespace gatehouse::app

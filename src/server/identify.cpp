#include "identify.hpp"

#include "doors.hpp"
#include "routes.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/query.hpp"

#include <string>
#include <string_view>

namespace gatehouse::server {
namespace {

constexpr std::string_view bearer = "bearer";

void add_authorization(std::string_view value, policy::PresentedKeys& keys) {
    const auto blank = value.find(' ');
    if (blank == std::string_view::npos || !equals_ignoring_case(value.substr(0, blank), bearer)) {
        keys.malformed = true;
        return;
    }
    const auto key = trim(value.substr(blank));
    if (!key.empty()) {
        keys.values.push_back(key);
    }
}

/// `query_key`: where a key of the query is kept; the views of the result may point into it.
policy::PresentedKeys presented(const wire::RequestHead& head, std::string& query_key) {
    policy::PresentedKeys keys;
    if (!head.query.empty() && vendor_of(head) == chat::Vendor::gemini) {
        query_key = wire::query_parameter(head.query, "key").value_or("");
        if (!query_key.empty()) {
            keys.values.push_back(query_key);
        }
    }
    const auto& fields = head.fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto field = fields[i];
        if (equals_ignoring_case(field.name, "authorization")) {
            add_authorization(field.value, keys);
        } else if (!field.value.empty() && (equals_ignoring_case(field.name, "x-api-key") ||
                                            equals_ignoring_case(field.name, "x-goog-api-key"))) {
            keys.values.push_back(field.value);
        }
    }
    return keys;
}

}  // namespace

Result<std::shared_ptr<const policy::Caller>> identify(const wire::RequestHead& head, const Live& live,
                                                       WallTime now) {
    std::string query_key;
    return live.callers().identify(presented(head, query_key), live.settings->auth_required(), now);
}

Result<std::shared_ptr<const policy::Caller>> identify_admin(const wire::RequestHead& head, const Live& live,
                                                             WallTime now) {
    const auto& settings = *live.settings;
    std::string query_key;
    const auto keys = presented(head, query_key);
    if (!live.callers().has_admin()) {
        if (!live.callers().is_complete()) {
            // One of those that cannot be read may be an admin's: without a key nobody is one then.
            return Problem(
                ProblemKind::storage_unavailable,
                "The keys that were made at run time cannot be read at the moment, and no other has "
                "`admin: true`.");
        }
        if (!settings.auth_required() && is_loopback(live.options->admin_listen)) {
            return live.callers().identify(keys, false, now);
        }
        return Problem(ProblemKind::permission_denied, "No key with `admin: true` is configured.");
    }
    auto caller = live.callers().identify(keys, true, now);
    if (caller && !(*caller)->admin) {
        return Problem(ProblemKind::permission_denied, "This API key may not administrate.");
    }
    return caller;
}

}  // namespace gatehouse::server

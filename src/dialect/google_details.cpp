#include "google_details.hpp"

#include <string_view>

namespace gatehouse::dialect {
namespace {

using wire::JsonType;

void read_text(wire::JsonReader& json, std::string& into) {
    if (json.peek() == JsonType::string) {
        into = json.string();
    } else {
        json.skip();
    }
}

void read_violations(wire::JsonReader& json, GoogleDetails& details) {
    if (json.peek() != JsonType::array) {
        json.skip();
        return;
    }
    json.begin_array();
    while (json.next_element()) {
        if (json.peek() != JsonType::object) {
            json.skip();
            continue;
        }
        json.begin_object();
        while (json.next_member()) {
            if (json.key() != "quotaId") {
                json.skip();
                continue;
            }
            std::string id;
            read_text(json, id);
            details.per_day = details.per_day || id.find("PerDay") != std::string::npos;
        }
    }
}

/// The three kinds have different members, so that their `@type` need not be looked at.
void read_detail(wire::JsonReader& json, GoogleDetails& details) {
    json.begin_object();
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "reason" && details.reason.empty()) {
            read_text(json, details.reason);
        } else if (key == "retryDelay") {
            read_text(json, details.retry_delay);
        } else if (key == "violations") {
            read_violations(json, details);
        } else {
            json.skip();
        }
    }
}

}  // namespace

void read_google_details(wire::JsonReader& json, GoogleDetails& details) {
    if (json.peek() != JsonType::array) {
        json.skip();
        return;
    }
    json.begin_array();
    while (json.next_element()) {
        if (json.peek() == JsonType::object) {
            read_detail(json, details);
        } else {
            json.skip();
        }
    }
}

}  // namespace gatehouse::dialect

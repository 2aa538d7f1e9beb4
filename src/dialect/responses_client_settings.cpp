#include "kept_json.hpp"
#include "reply_words.hpp"
#include "responses_client_reply.hpp"

#include <array>

namespace gatehouse::dialect {
namespace {

struct Setting {
    std::string_view name;
    std::string_view otherwise;  // JSON
};

constexpr std::array settings{
    Setting{"instructions", "null"},
    Setting{"tools", "[]"},
    Setting{"tool_choice", "\"auto\""},
    Setting{"parallel_tool_calls", "true"},
    Setting{"temperature", "null"},
    Setting{"top_p", "null"},
    Setting{"max_output_tokens", "null"},
    Setting{"max_tool_calls", "null"},
    Setting{"metadata", "{}"},
    Setting{"previous_response_id", "null"},
    Setting{"reasoning", R"({"effort":null,"summary":null})"},
    Setting{"text", R"({"format":{"type":"text"}})"},
    Setting{"truncation", "\"disabled\""},
    Setting{"store", "true"},
    Setting{"service_tier", "null"},
    Setting{"user", "null"},
};

}  // namespace

ResponseSettings::ResponseSettings(std::string_view request, std::string_view previous_response) {
    if (!previous_response.empty()) {
        said_.emplace("previous_response_id", wire::json_string(previous_response));
    }
    auto json = kept_reader(request);
    if (json.peek() != wire::JsonType::object) {
        return;
    }
    json.begin_object();
    while (json.next_member()) {
        const std::string key(json.key());
        const auto value = text_at(request, json.skip());
        if (key == "include") {
            wants_encrypted_ = value.find("\"reasoning.encrypted_content\"") != std::string_view::npos;
        } else if (key != "input" && value != "null") {
            said_.insert_or_assign(key, compact_json(value));
        }
    }
}

void ResponseSettings::write(JsonOut& json) const {
    for (const auto& setting : settings) {
        const auto found = said_.find(setting.name);
        json.key(setting.name).raw(found == said_.end() ? setting.otherwise : found->second);
    }
}

}  // namespace gatehouse::dialect

#include "reply_words.hpp"

#include "openai_words.hpp"

#include <optional>
#include <utility>

namespace gatehouse::dialect {

std::string_view Texts::read(wire::JsonReader& json) {
    if (json.peek() != wire::JsonType::string) {
        json.skip();
        return {};
    }
    if (const auto plain = json.plain_string()) {
        return *plain;
    }
    return keep(json.string());
}

std::string_view Texts::keep(std::string text) {
    if (used_ == kept_.size()) {
        kept_.emplace_back();
    }
    auto& slot = kept_[used_++];
    slot = std::move(text);
    return slot;
}

bool begin_object(wire::JsonReader& json) {
    if (json.peek() != wire::JsonType::object) {
        json.skip();
        return false;
    }
    return json.begin_object();
}

bool begin_array(wire::JsonReader& json) {
    if (json.peek() != wire::JsonType::array) {
        json.skip();
        return false;
    }
    return json.begin_array();
}

std::string_view read_json(wire::JsonReader& json, std::string_view data) {
    const auto range = json.skip();
    return data.substr(range.begin, range.size());
}

std::string compact_json(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    bool inside = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (inside && c == '\\') {
            out += json.substr(i, 2);
            ++i;
            continue;
        }
        inside = c == '"' ? !inside : inside;
        if (inside || (c != ' ' && c != '\t' && c != '\n' && c != '\r')) {
            out.push_back(c);
        }
    }
    return out;
}

bool is_json_object(std::string_view json) {
    wire::JsonReader reader(json, reply_limits);
    const bool object = reader.peek() == wire::JsonType::object;
    reader.skip();
    return reader.finish() && object;
}

std::string free_text_of(std::string arguments) {
    wire::JsonReader json(arguments, reply_limits);
    std::optional<std::string> text;
    if (json.peek() == wire::JsonType::object && json.begin_object()) {
        while (json.next_member()) {
            if (json.key() == "input" && json.peek() == wire::JsonType::string) {
                text = json.string();
            } else {
                json.skip();
            }
        }
    }
    return json.finish() && text ? *std::move(text) : std::move(arguments);
}

}  // namespace gatehouse::dialect

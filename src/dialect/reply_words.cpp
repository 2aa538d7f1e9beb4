#include "reply_words.hpp"

#include "openai_words.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
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

/// Eight bytes at a time: every answer is counted, few are cited.
std::size_t characters_in(std::string_view text) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    std::size_t inside = 0;  // bytes that continue a character: 10xxxxxx
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, text.data() + at, 8);
        inside += (((bytes >> 7U) & (~bytes >> 6U) & ones) * ones) >> 56U;
    }
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
    const auto rest = text.substr(at);
    inside += static_cast<std::size_t>(std::count_if(rest.begin(), rest.end(), continues));
    return text.size() - inside;
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

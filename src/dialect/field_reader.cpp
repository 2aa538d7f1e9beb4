#include "field_reader.hpp"

#include "openai_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace gatehouse::dialect {

using wire::JsonType;

namespace {

enum class Unit : std::uint8_t { none, other, high_surrogate, low_surrogate };

constexpr std::size_t escape_size = 6;  // backslash, u, four digits

/// What the escape at `at` stands for; none if there is no complete `\uXXXX`.
Unit unit_at(std::string_view text, std::size_t at) noexcept {
    const std::string_view escape = text.substr(std::min(at, text.size()), escape_size);
    if (escape.size() != escape_size || !escape.starts_with("\\u")) {
        return Unit::none;
    }
    unsigned code = 0;
    const char* const end = escape.data() + escape.size();
    if (std::from_chars(escape.data() + 2, end, code, 16).ptr != end) {
        return Unit::none;
    }
    if (code < 0xD800 || code > 0xDFFF) {
        return Unit::other;
    }
    return code < 0xDC00 ? Unit::high_surrogate : Unit::low_surrogate;
}

}  // namespace

std::string with_whole_surrogates(std::string_view json) {
    std::string out(json);
    for (std::size_t at = out.find('\\'); at != std::string::npos; at = out.find('\\', at)) {
        switch (unit_at(out, at)) {
            case Unit::none:
                at += 2;  // `\\`, `\n` …: what follows the backslash begins nothing
                break;
            case Unit::other:
                at += escape_size;
                break;
            case Unit::high_surrogate:
                if (unit_at(out, at + escape_size) == Unit::low_surrogate) {
                    at += 2 * escape_size;
                    break;
                }
                [[fallthrough]];
            case Unit::low_surrogate:
                out.replace(at, escape_size, "\\ufffd");
                at += escape_size;
                break;
        }
    }
    return out;
}

std::string Place::text() const {
    if (above_ == nullptr) {
        return {};
    }
    std::string path = above_->text();
    if (element_) {
        path += fmt::format("[{}]", index_);
    } else {
        path += path.empty() ? "" : ".";
        path += name_;
    }
    return path;
}

Status FieldReader::status() {
    if (!json_.finish()) {
        return json_.problem();
    }
    return fault_ ? Status(std::move(*fault_)) : done();
}

void FieldReader::fault(ProblemKind kind, const Place& at, std::string message) {
    if (!fault_) {
        fault_ = Problem(kind, std::move(message)).with_param(at.text());
    }
}

void FieldReader::wrong_type(const Place& at, std::string_view expected) {
    if (!fault_) {
        fault(ProblemKind::invalid_type, at,
              fmt::format("Invalid type for '{}': expected {}, but got {} instead.", at.text(), expected,
                          with_article(json_.peek())));
    }
    json_.skip();
}

void FieldReader::invalid(const Place& at, std::string_view expected) {
    if (!fault_) {
        fault(ProblemKind::invalid_value, at,
              fmt::format("Invalid value for '{}': expected {}.", at.text(), expected));
    }
}

void FieldReader::missing(const Place& at) {
    if (!fault_) {
        fault(ProblemKind::missing_parameter, at,
              fmt::format("Missing required parameter: '{}'.", at.text()));
    }
}

void FieldReader::unsupported(const Place& at, std::string_view why) {
    if (!fault_) {
        fault(ProblemKind::unsupported_parameter, at, fmt::format("Unsupported `{}`: {}.", at.text(), why));
    }
}

std::optional<std::string> FieldReader::member_ahead(std::string_view member) const {
    wire::JsonReader ahead = json_;
    if (ahead.peek() != JsonType::object || !ahead.begin_object()) {
        return std::nullopt;
    }
    while (ahead.next_member()) {
        if (ahead.key() == member) {
            return ahead.peek() == JsonType::string ? std::optional(ahead.string()) : std::nullopt;
        }
        ahead.skip();
    }
    return std::nullopt;
}

bool FieldReader::expect(JsonType type, const Place& at, std::string_view expected) {
    if (json_.peek() == type) {
        return true;
    }
    wrong_type(at, expected);
    return false;
}

bool FieldReader::presence() {
    return read_presence(json_);
}

bool FieldReader::null() {
    if (json_.peek() != JsonType::null) {
        return false;
    }
    json_.null();
    return true;
}

bool FieldReader::object(const Place& at) {
    return expect(JsonType::object, at, "an object") && json_.begin_object();
}

bool FieldReader::array(const Place& at) {
    return expect(JsonType::array, at, "an array") && json_.begin_array();
}

std::string FieldReader::string(const Place& at) {
    return expect(JsonType::string, at, "a string") ? json_.string() : std::string();
}

std::optional<std::string> FieldReader::optional_string(const Place& at) {
    if (null()) {
        return std::nullopt;
    }
    return string(at);
}

std::string FieldReader::any_string() {
    if (json_.peek() == JsonType::string) {
        return json_.string();
    }
    json_.skip();
    return {};
}

std::optional<double> FieldReader::any_number() {
    if (json_.peek() == JsonType::number) {
        return json_.number();
    }
    json_.skip();
    return std::nullopt;
}

std::optional<std::int64_t> FieldReader::integer(const Place& at, std::int64_t low, std::int64_t high) {
    if (null() || !expect(JsonType::number, at, "an integer")) {
        return std::nullopt;
    }
    const auto value = json_.integer();
    if (!value || *value < low || *value > high) {
        const bool open = high == std::numeric_limits<std::int64_t>::max();
        invalid(at, open ? fmt::format("an integer of at least {}", low)
                         : fmt::format("an integer from {} to {}", low, high));
        return std::nullopt;
    }
    return value;
}

std::optional<double> FieldReader::number(const Place& at, double low, double high) {
    if (null() || !expect(JsonType::number, at, "a number")) {
        return std::nullopt;
    }
    const double value = json_.number();
    if (value < low || value > high) {
        invalid(at, fmt::format("a number from {} to {}", low, high));
        return std::nullopt;
    }
    return value;
}

std::optional<bool> FieldReader::boolean(const Place& at) {
    if (null() || !expect(JsonType::boolean, at, "a boolean")) {
        return std::nullopt;
    }
    return json_.boolean();
}

std::optional<std::size_t> FieldReader::word(const Place& at, std::span<const std::string_view> words) {
    if (!expect(JsonType::string, at, "a string")) {
        return std::nullopt;
    }
    const std::string said = json_.string();
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == said) {
            return i;
        }
    }
    invalid(at, fmt::format("one of '{}'", fmt::join(words, "', '")));
    return std::nullopt;
}

std::string FieldReader::json() {
    const auto range = json_.skip();
    return with_whole_surrogates(body_.substr(range.begin, range.size()));
}

std::string FieldReader::optional_object_json(const Place& at) {
    return !null() && expect(JsonType::object, at, "an object") ? json() : std::string();
}

}  // namespace gatehouse::dialect

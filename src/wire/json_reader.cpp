#include "gatehouse/wire/json_reader.hpp"

#include "json_scan.hpp"

#include "gatehouse/wire/encodings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace gatehouse::wire {

std::string_view name_of(JsonType type) noexcept {
    switch (type) {
        case JsonType::object:
            return "object";
        case JsonType::array:
            return "array";
        case JsonType::string:
            return "string";
        case JsonType::number:
            return "number";
        case JsonType::boolean:
            return "boolean";
        case JsonType::null:
            return "null";
        case JsonType::invalid:
            break;
    }
    return "invalid";
}

namespace {

constexpr std::array<JsonType, 256> types = [] {
    std::array<JsonType, 256> table{};
    table.fill(JsonType::invalid);
    table['{'] = JsonType::object;
    table['['] = JsonType::array;
    table['"'] = JsonType::string;
    table['t'] = table['f'] = JsonType::boolean;
    table['n'] = JsonType::null;
    for (const char c : std::string_view("-0123456789")) {
        table[static_cast<unsigned char>(c)] = JsonType::number;
    }
    return table;
}();

/// What a number is that no double can hold: too small is zero, too large is infinite. The place of its first
/// digit that is not zero, moved by the exponent, tells which; both are far from zero here.
double out_of_range(std::string_view written) noexcept {
    constexpr std::int64_t far = std::int64_t{1} << 48;
    const bool negative = written.front() == '-';
    const std::size_t exponent_at = std::min(written.find_first_of("eE"), written.size());
    const std::string_view digits = written.substr(0, exponent_at);
    const std::size_t point = std::min(digits.find('.'), digits.size());
    const std::size_t first = digits.find_first_of("123456789");
    std::string_view power = written.substr(std::min(exponent_at + 1, written.size()));
    power.remove_prefix(power.starts_with('+') ? 1 : 0);
    std::int64_t exponent = 0;
    if (std::from_chars(power.data(), power.data() + power.size(), exponent).ec ==
        std::errc::result_out_of_range) {
        exponent = power.starts_with('-') ? -far : far;
    }
    const auto place = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
    const double magnitude =
        std::clamp(exponent, -far, far) + place < 0 ? 0.0 : std::numeric_limits<double>::infinity();
    return negative ? -magnitude : magnitude;
}

}  // namespace

JsonReader::JsonReader(std::string_view text, JsonLimits limits)
    : begin_(text.data()),
      end_(text.data() + text.size()),
      at_(begin_),
      deepest_(std::min(limits.depth, deepest_json)) {
    if (!valid_utf8(text)) {
        fail(at_, "invalid UTF-8");
    }
}

bool JsonReader::fail(const char* at, const char* why) noexcept {
    if (error_ == nullptr) {
        error_ = why;
        error_at_ = static_cast<std::size_t>(at - begin_);
        at_ = end_;  // nothing more is read
        key_ = {};
    }
    return false;
}

bool JsonReader::accept(const Token& token) noexcept {
    if (token.problem != nullptr) {
        return fail(token.end, token.problem);
    }
    at_ = token.end;
    return true;
}

JsonType JsonReader::peek() noexcept {
    at_ = skip_blanks(at_, end_);
    return at_ == end_ ? JsonType::invalid : types[static_cast<unsigned char>(*at_)];
}

bool JsonReader::expect(JsonType type) noexcept {
    if (peek() == type) {
        return true;  // after an error nothing is left to read, so this is ok()
    }
    return fail(at_, at_ == end_ ? "unexpected end" : "unexpected value");
}

bool JsonReader::open(JsonType type) noexcept {
    if (!expect(type)) {
        return false;
    }
    if (depth_ >= deepest_) {
        return fail(at_, "nested too deep");
    }
    ++at_;
    ++depth_;
    first_ = true;
    return true;
}

bool JsonReader::begin_object() {
    return open(JsonType::object);
}
bool JsonReader::begin_array() {
    return open(JsonType::array);
}

bool JsonReader::step(char close) noexcept {
    at_ = skip_blanks(at_, end_);
    if (at_ == end_ || depth_ == 0) {
        return fail(at_, "unexpected end");
    }
    if (*at_ == close) {
        ++at_;
        --depth_;
        first_ = false;
        return false;
    }
    if (!first_) {
        if (*at_ != ',') {
            return fail(at_, "expected a comma or a closing bracket");
        }
        at_ = skip_blanks(at_ + 1, end_);
    }
    first_ = false;
    return true;
}

bool JsonReader::next_member() {
    key_ = {};
    if (!step('}')) {
        return false;
    }
    const Key key = scan_key(at_, end_);
    if (key.problem != nullptr) {
        return fail(key.end, key.problem);
    }
    at_ = key.end;
    if (key.plain) {
        key_ = key.inside;
    } else {
        key_unescaped_ = unescape_json(key.inside);
        key_ = key_unescaped_;
    }
    return true;
}

bool JsonReader::next_element() {
    if (!step(']')) {
        return false;
    }
    if (at_ != end_ && *at_ == ']') {
        return fail(at_, "a value is missing behind a comma");
    }
    return true;
}

std::string JsonReader::string() {
    if (!expect(JsonType::string)) {
        return {};
    }
    const char* const begin = at_ + 1;
    const Token token = scan_string(begin, end_);
    if (!accept(token)) {
        return {};
    }
    const std::string_view inside(begin, static_cast<std::size_t>(token.end - 1 - begin));
    return token.plain ? std::string(inside) : unescape_json(inside);
}

std::optional<std::string_view> JsonReader::plain_string() {
    if (peek() != JsonType::string) {
        return std::nullopt;
    }
    const char* const begin = at_ + 1;
    const std::string_view rest(begin, static_cast<std::size_t>(end_ - begin));
    const std::size_t size = find_string_stop(rest, 0);
    if (size == rest.size() || rest[size] != '"') {
        return std::nullopt;
    }
    at_ = begin + size + 1;
    return rest.substr(0, size);
}

std::optional<std::int64_t> JsonReader::integer() {
    if (!expect(JsonType::number)) {
        return std::nullopt;
    }
    const char* const begin = at_;
    const Token token = scan_number(begin, end_);
    if (!accept(token) || !token.plain) {
        return std::nullopt;
    }
    std::int64_t value = 0;
    const auto read = std::from_chars(begin, token.end, value);
    return read.ec == std::errc() ? std::optional(value) : std::nullopt;
}

double JsonReader::number() {
    if (!expect(JsonType::number)) {
        return 0;
    }
    const char* const begin = at_;
    const Token token = scan_number(begin, end_);
    if (!accept(token)) {
        return 0;
    }
    double value = 0;
    const auto read = std::from_chars(begin, token.end, value);
    return read.ec == std::errc() ? value
                                  : out_of_range({begin, static_cast<std::size_t>(token.end - begin)});
}

bool JsonReader::boolean() {
    if (!expect(JsonType::boolean)) {
        return false;
    }
    const bool value = *at_ == 't';
    return accept(scan_scalar(at_, end_)) && value;
}

void JsonReader::null() {
    if (expect(JsonType::null)) {
        accept(scan_scalar(at_, end_));
    }
}

ByteRange JsonReader::skip() {
    const JsonType type = peek();
    const std::size_t begin = static_cast<std::size_t>(at_ - begin_);
    if (type == JsonType::object || type == JsonType::array) {
        skip_container();
    } else if (at_ == end_) {
        fail(at_, "unexpected end");
    } else {
        accept(scan_scalar(at_, end_));
    }
    return ok() ? ByteRange{begin, static_cast<std::size_t>(at_ - begin_)} : ByteRange{};
}

std::size_t JsonReader::offset() noexcept {
    at_ = skip_blanks(at_, end_);
    return static_cast<std::size_t>(at_ - begin_);
}

bool JsonReader::finish() {
    if (ok()) {
        at_ = skip_blanks(at_, end_);
        if (depth_ != 0) {
            fail(at_, "unexpected end");
        } else if (at_ != end_) {
            fail(at_, "text behind the value");
        } else if (skip_blanks(begin_, end_) == end_) {
            fail(at_, "there is no value");
        }
    }
    return ok();
}

Problem JsonReader::problem() const {
    return Problem(ProblemKind::invalid_json, fmt::format("The body is not valid JSON: {} at byte {}.",
                                                          error_ == nullptr ? "error" : error_, error_at_));
}

}  // namespace gatehouse::wire

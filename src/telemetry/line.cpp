#include "line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <ctime>
#include <utility>

namespace gatehouse::telemetry {
namespace {

constexpr std::size_t longest_word = 64;    // field names, events, level names
constexpr std::size_t longest_number = 20;  // -9223372036854775808
constexpr std::size_t longest_time = 32;

char* write_text(char* to, std::string_view text) noexcept {
    std::memcpy(to, text.data(), text.size());
    return to + text.size();
}

char* write_number(char* to, std::int64_t value) noexcept {
    if (value >= 0 && value < 10) {  // most of them: counts of tokens and attempts
        *to = static_cast<char>('0' + value);
        return to + 1;
    }
    return std::to_chars(to, to + longest_number, value).ptr;
}

/// The last three digits, with leading zeros.
char* write_three(char* to, std::int64_t value) noexcept {
    const auto digits = static_cast<std::uint32_t>(value) % 1'000;
    *to++ = static_cast<char>('0' + digits / 100);
    *to++ = static_cast<char>('0' + digits / 10 % 10);
    *to++ = static_cast<char>('0' + digits % 10);
    return to;
}

/// RFC 3339 in UTC with milliseconds. The part up to the second is made once per second and thread.
char* write_time(char* to, WallTime when) noexcept {
    struct Second {
        std::time_t value{-1};
        std::array<char, 20> text{};  // 2026-11-25T04:20:00
        std::size_t size{0};
    };
    thread_local Second second;
    const auto since = when.time_since_epoch();
    const auto whole = std::chrono::floor<std::chrono::seconds>(since);
    const auto seconds = static_cast<std::time_t>(whole.count());
    if (seconds != second.value) {
        std::tm parts{};
        gmtime_r(&seconds, &parts);
        second.size = std::strftime(second.text.data(), second.text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
        second.value = seconds;
    }
    to = write_text(to, {second.text.data(), second.size});
    *to++ = '.';
    to = write_three(to, std::chrono::duration_cast<std::chrono::milliseconds>(since - whole).count());
    *to++ = 'Z';
    return to;
}

bool needs_quotes(std::string_view value) noexcept {
    return value.empty() || std::any_of(value.begin(), value.end(), [](char c) {
               return c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '=' || c == ',';
           });
}

}  // namespace

std::string_view name_of(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "error";
}

void LineBuffer::grow(std::size_t size) {
    const std::size_t capacity = std::max(used_ + size, capacity_ * 2);
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    if (used_ > 0) {
        std::memcpy(bytes.get(), bytes_.get(), used_);
    }
    bytes_ = std::move(bytes);
    capacity_ = capacity;
}

Line::Line(LineBuffer& out, LogFormat format, LogLevel level, WallTime when, std::string_view event)
    : out_(out), json_(format == LogFormat::json) {
    char* to = out_.room(4 * longest_word + longest_time);
    if (json_) {
        to = write_text(to, "{\"time\":\"");
        to = write_time(to, when);
        to = write_text(to, "\",\"level\":\"");
        to = write_text(to, name_of(level));
        to = write_text(to, "\",\"event\":\"");
        to = write_text(to, event);
        *to++ = '"';
    } else {
        constexpr std::string_view blanks = "        ";  // one more than the longest level name
        to = write_time(to, when);
        *to++ = ' ';
        to = write_text(to, name_of(level));
        to = write_text(to, blanks.substr(name_of(level).size()));
        to = write_text(to, event);
    }
    out_.wrote(to);
}

char* Line::begin_otherwise(char* to, std::string_view name) {
    if (json_) {  // the first of its record: no comma
        *to++ = '"';
        to = write_text(to, name);
        *to++ = '"';
        *to++ = ':';
    } else if (!in_list_) {
        *to++ = ' ';
        to = write_text(to, name);
        *to++ = '=';
    } else if (!first_) {
        *to++ = '/';
    }
    first_ = false;
    return to;
}

void Line::put_text(char* to, std::string_view value) {
    const bool quotes = json_ || needs_quotes(value);
    if (quotes) {
        *to++ = '"';
    }
    to = write_json_text(to, value, max_field);
    if (quotes) {
        *to++ = '"';
    }
    out_.wrote(to);
}

void Line::put_word(char* to, std::string_view value) {
    if (json_) {
        *to++ = '"';
    }
    to = write_text(to, value);
    if (json_) {
        *to++ = '"';
    }
    out_.wrote(to);
}

void Line::put_bare(char* to, std::string_view value) {
    out_.wrote(write_text(to, value));
}

void Line::put_number(char* to, std::int64_t value) {
    out_.wrote(write_number(to, value));
}

void Line::put_milliseconds(char* to, std::chrono::nanoseconds value) {
    const auto micros = std::max<std::int64_t>(value.count() / 1'000, 0);
    to = write_number(to, micros / 1'000);
    *to++ = '.';
    out_.wrote(write_three(to, micros % 1'000));
}

void Line::put(char c) {
    char* const to = out_.room(1);
    *to = c;
    out_.wrote(to + 1);
}

void Line::begin_list(Name name) {
    out_.wrote(begin(name, 0));
    in_list_ = true;
    first_ = true;
    if (json_) {
        put('[');
    }
}

void Line::begin_record() {
    if (!first_) {
        put(',');
    }
    first_ = true;
    if (json_) {
        put('{');
    }
}

void Line::end_record() {
    first_ = false;
    if (json_) {
        put('}');
    }
}

void Line::end_list() {
    first_ = false;
    in_list_ = false;
    if (json_) {
        put(']');
    }
}

void Line::end() {
    if (json_) {
        put('}');
    }
    put('\n');
}

}  // namespace gatehouse::telemetry

// One log line in the making: time, level, event, then fields, as a JSON object or as text for a terminal.
//
// Written by hand, with one check for room per field, into a buffer that its owner reuses: the access line is
// on the path of every request, and its budget is a few thousand instructions. Room: telemetry, private.
#pragma once

#include "escape.hpp"

#include "gatehouse/core/clock.hpp"
#include "gatehouse/telemetry/options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace gatehouse::telemetry {

std::string_view name_of(LogLevel level) noexcept;

/// Longest text of one field, in bytes; the rest is cut. A model name may be as long as a request body.
inline constexpr std::size_t max_field = 512;

/// Bytes that grow at the end. Unlike std::string it lends out raw room, and does not fill it first.
class LineBuffer {
public:
    std::string_view view() const noexcept { return {bytes_.get(), used_}; }
    void clear() noexcept { used_ = 0; }
    /// A place for `size` more bytes; what was written there is kept by `wrote`.
    char* room(std::size_t size) {
        if (capacity_ - used_ < size) {
            grow(size);
        }
        return bytes_.get() + used_;
    }
    void wrote(const char* end) noexcept { used_ = static_cast<std::size_t>(end - bytes_.get()); }

private:
    void grow(std::size_t size);

    std::unique_ptr<char[]> bytes_;
    std::size_t capacity_{0};
    std::size_t used_{0};
};

class Line {
public:
    /// Appends to `out`. Field names and `event` are ours: plain ASCII words of less than 64 bytes, not
    /// escaped.
    Line(LineBuffer& out, LogFormat format, LogLevel level, WallTime when, std::string_view event);

    /// The name of a field. A literal's size is known to the compiler, which copies it in a few moves where
    /// begin() is inlined.
    class Name {
    public:
        template <std::size_t Size>
        constexpr Name(const char (&literal)[Size]) noexcept : text_(literal, Size - 1) {}
        constexpr explicit Name(std::string_view text) noexcept : text_(text) {}
        constexpr std::string_view text() const noexcept { return text_; }

    private:
        std::string_view text_;
    };

    void text(Name name, std::string_view value) { put_text(begin(name, text_room(value)), value); }
    /// Leaves the field out when there is nothing to say.
    void text_if_any(Name name, std::string_view value) {
        if (!value.empty()) {
            text(name, value);
        }
    }
    /// A value of ours that needs no escaping.
    void word(Name name, std::string_view value) { put_word(begin(name, value.size() + 2), value); }
    void number(Name name, std::int64_t value) { put_number(begin(name, longest_number), value); }
    /// A number that is written already, or `null`.
    void written(Name name, std::string_view number) { put_bare(begin(name, number.size() + 2), number); }
    void flag(Name name, bool value) { put_bare(begin(name, longest_number), value ? "true" : "false"); }
    /// Milliseconds with three decimals.
    void milliseconds(Name name, std::chrono::nanoseconds value) {
        put_milliseconds(begin(name, longest_number), value);
    }

    /// Parts of a list of records; in text the records are joined by commas, their values by slashes.
    void begin_list(Name name);
    void begin_record();
    void end_record();
    void end_list();

    /// Closes the line with a line feed.
    void end();

private:
    static constexpr std::size_t longest_name = 64;
    static constexpr std::size_t longest_number = 32;

    static constexpr std::size_t text_room(std::string_view value) noexcept {
        return json_text_room(value.size(), max_field) + 2;
    }

    /// Writes the name and returns the place of the value, with `room` bytes there.
    [[gnu::always_inline]] char* begin(Name name, std::size_t room) {
        char* to = out_.room(room + longest_name);
        if (!json_ || first_) {
            return begin_otherwise(to, name.text());
        }
        *to++ = ',';
        *to++ = '"';
        std::memcpy(to, name.text().data(), name.text().size());
        to += name.text().size();
        *to++ = '"';
        *to++ = ':';
        return to;
    }
    /// In text, and for the first value of a record.
    char* begin_otherwise(char* to, std::string_view name);
    void put_text(char* to, std::string_view value);
    void put_word(char* to, std::string_view value);
    void put_bare(char* to, std::string_view value);
    void put_number(char* to, std::int64_t value);
    void put_milliseconds(char* to, std::chrono::nanoseconds value);
    void put(char c);

    LineBuffer& out_;
    bool json_;
    bool in_list_{false};
    bool first_{false};  // the next value is the first of its record, the next record the first of its list
};

}  // namespace gatehouse::telemetry

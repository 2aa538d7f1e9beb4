// A strict pull reader for JSON (RFC 8259): reads what must be known and validates all the rest on the way,
// in one pass, without building anything.
//
// Refused: anything the grammar refuses, invalid UTF-8, nesting beyond the limit, text behind the value. Not
// refused, since providers take them: integers of any length, lone surrogate escapes. Reports byte offsets,
// so that a value can be replaced in the original bytes. Why not a library: docs/decisions/0002. Room: wire.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/wire/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::wire {

struct Token;  // private to the room

enum class JsonType : std::uint8_t { object, array, string, number, boolean, null, invalid };

/// "object", "array" … for messages.
std::string_view name_of(JsonType type) noexcept;

/// Offsets into the text that was read: [begin, end).
struct ByteRange {
    std::size_t begin{0};
    std::size_t end{0};
    std::size_t size() const noexcept { return end - begin; }
};

/// The deepest nesting that can be asked for; JsonLimits above it count as this.
inline constexpr std::size_t deepest_json = 1024;

/// Walks one JSON text. After an error every call fails; look at `ok()` once at the end. Typical use:
///
///     JsonReader json(body, limits);
///     if (json.begin_object()) {
///         while (json.next_member()) {
///             if (json.key() == "model") { model = json.string(); } else { json.skip(); }
///         }
///     }
///     if (!json.finish()) { return json.problem(); }
class JsonReader {
public:
    /// `text` must outlive the reader. UTF-8 is validated here, at once, for the whole text.
    JsonReader(std::string_view text, JsonLimits limits);

    /// The type of the value that comes next, without consuming it.
    JsonType peek() noexcept;
    /// Consumes `{`. False (and an error) if the next value is no object.
    bool begin_object();
    /// Steps to the next member, whose value must then be read or skipped; false at `}` (consumed) or on
    /// error.
    bool next_member();
    /// The unescaped key of the current member; valid until the next call of next_member.
    std::string_view key() const noexcept { return key_; }
    bool begin_array();
    /// Steps to the next element, which must then be read or skipped; false at `]` (consumed) or on error.
    bool next_element();

    /// Reads a string, unescaped. Lone surrogates become U+FFFD. Empty on error.
    std::string string();
    /// Reads a string whose bytes need no unescaping as a view into the text; otherwise nothing is consumed.
    std::optional<std::string_view> plain_string();
    /// Reads an integer that fits 64 bits. A number that is none (fraction, exponent, too long) is consumed
    /// and gives nothing; that is no error of the reader.
    std::optional<std::int64_t> integer();
    /// Reads any number as a double.
    double number();
    bool boolean();
    void null();
    /// Validates and passes over the next value, whatever it is; returns where it stood.
    ByteRange skip();
    /// Where the next value starts (blanks skipped).
    std::size_t offset() noexcept;
    std::size_t depth() const noexcept { return depth_; }

    /// True when exactly one valid value was read and nothing but blanks follow.
    bool finish();
    bool ok() const noexcept { return error_ == nullptr; }
    /// invalid_json with the byte offset in its message. REQUIRES: !ok().
    Problem problem() const;
    std::size_t error_offset() const noexcept { return error_at_; }

private:
    bool fail(const char* at, const char* why) noexcept;  // always false
    bool accept(const Token& token) noexcept;
    bool open(JsonType type) noexcept;
    bool step(char close) noexcept;  // over the comma, or over `close`: then false
    bool expect(JsonType type) noexcept;
    void skip_container() noexcept;

    const char* begin_;
    const char* end_;
    const char* at_;
    std::size_t deepest_;
    std::size_t depth_{0};
    bool first_{false};  // the container was just opened: no comma yet
    const char* error_{nullptr};
    std::size_t error_at_{0};
    std::string_view key_;
    std::string key_unescaped_;
};

/// Unescapes the inside of a JSON string that has been validated.
std::string unescape_json(std::string_view inside);
/// Appends `text` as the inside of a JSON string; invalid UTF-8 becomes U+FFFD.
void append_json_escaped(std::string& out, std::string_view text);
/// `"text"`, escaped.
std::string json_string(std::string_view text);

}  // namespace gatehouse::wire

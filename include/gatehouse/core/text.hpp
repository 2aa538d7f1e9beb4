// Small questions about ASCII text that HTTP and configuration both ask.
// Room: core.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::inline core {

/// ASCII case-insensitive equality, as HTTP field names need (RFC 9110, 5.1).
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;
std::string to_lower(std::string_view text);
/// Without leading and trailing spaces and tabs.
std::string_view trim(std::string_view text) noexcept;
/// Decimal digits only, no sign, no overflow of 64 bits.
std::optional<std::uint64_t> parse_unsigned(std::string_view digits) noexcept;
/// A duration with its unit: `250ms`, `30s`, `10m`, `24h`, `30d`. Nothing for anything else, or above 10
/// years.
std::optional<std::int64_t> parse_duration_ms(std::string_view text) noexcept;
/// The same for sizes in bytes: `512B`, `16KiB`, `32MiB`, `1GiB`.
std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;
/// Replaces CR, LF and other control characters, so that the text cannot leave its header or log line.
std::string without_controls(std::string_view text);

}  // namespace gatehouse::inline core

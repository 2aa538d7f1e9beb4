// How long a provider says to wait before the next try.
//
// Room: dialect. May include: core, wire.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/wire/http_message.hpp"

#include <optional>
#include <string_view>

namespace gatehouse::dialect {

/// Which headers count.
enum class WaitFrom : std::uint8_t {
    retry_headers,       // `retry-after-ms`, `retry-after`
    rate_limit_headers,  // those, then the reset of the limit with nothing left: OpenAI's, Anthropic's
};

/// First found: `retry-after-ms`, `retry-after` (seconds, also fractional, or an IMF-fixdate), rate limit
/// resets. Broken, negative and absurd values (above a day) count as absent. Rounded up to milliseconds.
std::optional<Milliseconds> wait_hint(const wire::Fields& fields, WaitFrom from, WallTime now);

/// "Please try again in 1.2s", "in 20ms", "in 6m0s", Google's "Please retry in 48.9s": the last resort.
std::optional<Milliseconds> wait_in_message(std::string_view message);

/// A duration as Go prints it (`1h2m3.5s`, `120ms`, `6m0s`). Nothing for anything else.
std::optional<Milliseconds> parse_go_duration(std::string_view text) noexcept;

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7). The obsolete forms are not read.
std::optional<WallTime> parse_http_date(std::string_view text) noexcept;

/// `2026-11-22T10:00:17Z`, also with fractions of a second and an offset (RFC 3339, 5.6).
std::optional<WallTime> parse_rfc3339(std::string_view text) noexcept;

}  // namespace gatehouse::dialect

// Identifiers that we make and identifiers that we accept.
// Room: core.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::inline core {

/// `prefix` followed by 24 random characters of [0-9a-z]; fast (per-thread generator seeded by the system),
/// for request and reply ids, not for secrets.
std::string make_id(std::string_view prefix);

/// A fresh caller key, `gh-` and 43 characters of base64url: 256 random bits from the system.
std::string make_api_key();

/// A client's x-request-id is kept if it is 1 to 128 visible ASCII characters.
bool acceptable_request_id(std::string_view id) noexcept;

/// A W3C traceparent header (https://www.w3.org/TR/trace-context/) of version 00 with non-zero ids.
bool valid_traceparent(std::string_view text) noexcept;
/// Same trace id as `parent` with a fresh span id; a fresh trace when `parent` is not valid.
std::string continue_traceparent(std::string_view parent);

}  // namespace gatehouse::inline core

// base64, UTF-8 and gzip: small codecs between outside bytes and ours.
// Room: wire.
#pragma once

#include "gatehouse/core/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::wire {

std::string to_base64(std::string_view bytes);
/// Standard alphabet with padding (RFC 4648, 4); nothing for anything else.
std::optional<std::string> from_base64(std::string_view text);

bool valid_utf8(std::string_view bytes) noexcept;

/// Inflates one gzip stream (RFC 1952). Problems: invalid_value for bytes that are none or end early,
/// request_too_large as soon as the output passes `output_limit` bytes (no more memory than that is taken).
Result<std::string> gunzip(std::string_view bytes, std::size_t output_limit);

}  // namespace gatehouse::wire

// The target of a request line and the Host field: what they may look like, and the path that is routed.
// Room: wire, private. May include: core.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::wire {

/// Splits and decodes an origin-form, absolute-form or (`OPTIONS` only) asterisk-form target. False if it is
/// none, or if its decoded path holds a control character, a backslash, a dot segment or invalid UTF-8. The
/// authority of an absolute target is checked and dropped.
bool read_target(std::string_view method, std::string_view target, std::string& path, std::string& query);

/// `uri-host [":" port]` (RFC 9110, 7.2), not empty.
bool valid_host(std::string_view host) noexcept;

}  // namespace gatehouse::wire

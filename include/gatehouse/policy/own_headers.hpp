// The request headers that are the gateway's own. Whoever sends another one that begins so is refused, so a
// rule cannot ask for it. Room: policy. May include: nothing.
#pragma once

#include <array>
#include <string_view>

namespace gatehouse::policy {

inline constexpr std::string_view own_header_prefix = "x-gatehouse-";

/// In lower case.
inline constexpr std::array<std::string_view, 9> own_headers{
    {"x-gatehouse-timeout", "x-gatehouse-ttft-timeout", "x-gatehouse-cache", "x-gatehouse-cache-threshold",
     "x-gatehouse-cache-scope", "x-gatehouse-fallback", "x-gatehouse-params", "x-gatehouse-tags",
     "x-gatehouse-debug"}};

}  // namespace gatehouse::policy

// The query of a request target, parameter by parameter.
// Room: wire. May include: core.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::wire {

/// The value of the first parameter of that name in `a=b&c=d`, decoded as HTML forms encode it (URL Standard,
/// 5.1: `+` is a blank); a `%` without two digits stands for itself. Empty for `name` without `=`, nothing
/// if there is none.
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);

/// All of them, in their order; the same reading.
std::vector<std::pair<std::string, std::string>> query_parameters(std::string_view query);

}  // namespace gatehouse::wire

// The member `fallbacks` of a body, which is ours: other models that the client wants tried.
// Room: server, private.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/wire/limits.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::server {

struct BodyFallbacks {
    std::string body;  // without the member: providers do not know it
    std::vector<std::string> models;
};

/// Takes the top-level member out of a JSON object. Problems, with its path as `param`: invalid_type (no
/// array of strings), invalid_value (more than ten).
Result<BodyFallbacks> take_fallbacks(std::string_view body, wire::JsonLimits limits);

}  // namespace gatehouse::server

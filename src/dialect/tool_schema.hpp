// JSON schemas of tools' parameters as Anthropic and OpenAI take them, with small corrections.
//
// What needs no change keeps its author's bytes. Room: dialect, private. May include: core.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Has a type and properties, no `$schema`, and no choice at its top (the forms become one object, and are
/// told apart in its description). REQUIRES: no fault, an object, or empty.
std::string tool_schema(std::string_view schema);

}  // namespace gatehouse::dialect

// A small valid instance of a JSON schema: what the simulation answers where a schema is asked for.
//
// Knows type, enum, const, default, required, properties, items, prefixItems, minItems, anyOf, oneOf, allOf,
// local $ref, and the bounds of numbers and strings; not `pattern`, `not` and conditions. Room: upstream.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace gatehouse::upstream {

/// Deterministic. A schema that demands itself without end is cut off with null.
nlohmann::ordered_json instance_of(const nlohmann::ordered_json& schema);

}  // namespace gatehouse::upstream

// Schemas that an answer, or the arguments of a strict tool, can be held to by Anthropic: grammars know less
// than JSON Schema does.
//
// Room: dialect, private. May include: core.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

struct AnthropicGrammar {
    std::string schema;
    std::size_t optional{0};  // properties that may be left out
    std::size_t unions{0};
};

/// What grammars do not know is told in descriptions. No value: it cannot be said without changing what the
/// schema allows (open objects, recursion, tuples, negations …). REQUIRES: no fault (schema_fault.hpp).
std::optional<AnthropicGrammar> anthropic_grammar(std::string_view schema);

}  // namespace gatehouse::dialect

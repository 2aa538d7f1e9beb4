// JSON schemas as Anthropic takes them: of tools, with small corrections, and of grammars, which know less
// than JSON Schema does.
//
// Nothing is fetched: a reference must stay inside its schema. What needs no change keeps its author's bytes.
// Room: dialect, private. May include: core, wire.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Why nobody could take the schema, in words for its author: foreign references, more than 64 levels. Empty:
/// it is fine.
std::string fault_of_schema(std::string_view schema);

/// An `input_schema`: has a type and properties, no `$schema`, and no choice at its top (the forms become one
/// object, and are told apart in its description). REQUIRES: no fault, an object, or empty.
std::string anthropic_tool_schema(std::string_view schema);

/// A schema that an answer, or the arguments of a strict tool, can be held to.
struct AnthropicGrammar {
    std::string schema;
    std::size_t optional{0};  // properties that may be left out
    std::size_t unions{0};
};

/// What grammars do not know is told in descriptions. No value: it cannot be said without changing what the
/// schema allows (open objects, recursion, tuples, negations …). REQUIRES: no fault.
std::optional<AnthropicGrammar> anthropic_grammar(std::string_view schema);

}  // namespace gatehouse::dialect

// JSON schemas as Gemini takes them: the keywords it knows, in their author's order, the rest left out.
//
// Nothing is fetched: a reference must stay inside its schema. Room: dialect, private. May include: core,
// wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

enum class GeminiSchemaForm : std::uint8_t {
    json_schema,  // of `parametersJsonSchema` and `responseJsonSchema`
    open_api,     // of `parameters` and `responseSchema`: types in capitals, no references, no null
};

enum class GeminiSchemaUse : std::uint8_t { parameters, answer };

/// The schema as JSON; empty: it describes no parameters, and there is nothing to send. No value: it cannot
/// be said (a foreign reference, more than 64 levels, or it grows beyond all bounds when it is unfolded). An
/// answer's properties are told to come in the schema's order.
std::optional<std::string> gemini_schema(std::string_view schema, GeminiSchemaForm form, GeminiSchemaUse use);

}  // namespace gatehouse::dialect

// JSON schemas as Gemini takes them: the keywords it knows, in their author's order, the rest left out.
//
// Nothing is fetched: a reference must stay inside its schema. Room: dialect, private. May include: core,
// wire.
#pragma once

#include <cstddef>
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

/// How far the schemas of one request may grow, all together, by what references and `allOf` put in once
/// more. What the client wrote out itself does not count: its body is bounded.
struct GeminiSchemaBudget {
    std::size_t nodes{20'000};  // far more than any schema that a model could follow
    std::size_t bytes{1'000'000};

    /// False, and nothing is left: that was too much.
    bool spend(std::size_t more_nodes, std::size_t more_bytes) noexcept;
};

/// The schema as JSON; empty: it describes no parameters, and there is nothing to send. No value: it cannot
/// be said (a foreign reference, more than 64 levels, or it grows beyond all bounds when it is unfolded). An
/// answer's properties are told to come in the schema's order.
std::optional<std::string> gemini_schema(std::string_view schema, GeminiSchemaForm form, GeminiSchemaUse use,
                                         GeminiSchemaBudget& budget);

}  // namespace gatehouse::dialect

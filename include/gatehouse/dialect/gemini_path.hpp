// Gemini says in the path what others say in the body: the model, what is asked of it, and whether it
// streams.
//
// Pure. Room: dialect. May include: core, wire, chat.
#pragma once

#include "gatehouse/chat/endpoint.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// What a path says.
struct GeminiPath {
    std::string model;  // without `models/`; `tunedModels/…` is kept. Never empty
    std::string verb;   // `generateContent`; empty: the path names a model and asks nothing of it
};

/// Reads what stands behind `/v1beta/` of a path that was decoded already, without the query:
/// `models/gemini-x:generateContent`. Names of models may hold `/` and `:`, so that the verb begins behind
/// the last colon. Nothing for a path that does not begin with `models/` or `tunedModels/`.
std::optional<GeminiPath> read_gemini_path(std::string_view rest);

struct GeminiVerb {
    chat::Endpoint endpoint{chat::Endpoint::generate_content};
    bool stream{false};
};

/// Nothing for a verb that is not served.
std::optional<GeminiVerb> gemini_verb(std::string_view verb) noexcept;

/// The path below a provider's base URL: `/models/<name>:<verb>`. `model`: with or without `models/`.
std::string gemini_path(std::string_view model, std::string_view verb);

/// A model's name as bodies have it: `models/<name>` or `tunedModels/<name>`.
std::string gemini_model_resource(std::string_view model);

}  // namespace gatehouse::dialect

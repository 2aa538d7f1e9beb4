// What would become of a request: which rules were looked at and why, the model, its targets. The answer of
// `gatehouse explain` and `POST /admin/explain`.
//
// Decides with the same functions as the stages do and changes nothing. Calls nobody, but for the embedder
// where an answer would be looked for by its meaning. Room: server.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/pipeline/cache_stage.hpp"
#include "gatehouse/pipeline/request_facts.hpp"
#include "gatehouse/server/session.hpp"
#include "gatehouse/upstream/attempt.hpp"
#include "gatehouse/wire/http_message.hpp"

#include <cstdint>
#include <string>

namespace gatehouse::server {

struct ExplainQuestion {
    std::string path{"/v1/chat/completions"};
    std::string key;  // its name; empty: a caller that may use everything
    wire::Fields fields;
    std::string body;  // of the request, as its client would send it
};

/// Reads `{"endpoint": PATH, "key": NAME, "headers": {…}, "request": {…}}`, of which only `request` is
/// needed, or a bare request to /v1/chat/completions. Problems: invalid_json, invalid_type, invalid_value.
Result<ExplainQuestion> read_explain_question(std::string text);

/// Has the one who explains seen calls, and so knows how targets have been answering?
enum class TargetStates : std::uint8_t { unknown, live };

/// In what an answer is looked for, and how an embedder is asked, on this lane.
struct CacheView {
    const pipeline::CacheParts& parts;
    upstream::Callers& callers;
};

/// A JSON object. `cache` null: there are no answers to look through. A request that would be refused is
/// explained too, with the refusal in `problem`. Problems: not_found (no such endpoint), invalid_value (no
/// key of that name), and what is wrong with the request's body or headers.
Task<Result<std::string>> explain(const ExplainQuestion& question, const Live& live,
                                  const pipeline::FactSources& sources, TargetStates states,
                                  const CacheView* cache = nullptr);

}  // namespace gatehouse::server

// What would become of a request: which rules were looked at and why, the model, its targets. The answer of
// `gatehouse explain` and `POST /admin/explain`.
//
// Decides with the same functions as the stages do; calls nobody, changes nothing. Room: server.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/pipeline/request_facts.hpp"
#include "gatehouse/server/session.hpp"
#include "gatehouse/store/answer_cache.hpp"
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

/// A JSON object. `answers`: in which an answer is looked for; null: there are none to look through. A
/// request that would be refused is explained too, with the refusal in `problem`. Problems: not_found (no
/// such endpoint), invalid_value (no key of that name), and what is wrong with the request's body or headers.
Result<std::string> explain(const ExplainQuestion& question, const Live& live,
                            const pipeline::FactSources& sources, TargetStates states,
                            store::AnswerSource* answers = nullptr);

}  // namespace gatehouse::server

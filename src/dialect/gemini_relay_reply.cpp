#include "edits.hpp"
#include "gemini_parts.hpp"
#include "gemini_relay.hpp"
#include "openai_words.hpp"
#include "provider_error.hpp"

#include <utility>

namespace gatehouse::dialect {
namespace {

bool answers(chat::Endpoint endpoint, const RelayedChunk& chunk) noexcept {
    switch (endpoint) {
        case chat::Endpoint::count_content_tokens:
            return chunk.total_tokens;
        case chat::Endpoint::embed_content:
        case chat::Endpoint::batch_embed_contents:
            return chunk.embedding;
        default:
            return !chunk.candidates.empty() || chunk.feedback;
    }
}

}  // namespace

Result<WholeReply> read_gemini_whole(chat::Endpoint endpoint, std::string_view body,
                                     const RelayOptions& options, std::string& edited) {
    if (is_gemini_error_array(body)) {
        return problem_of_event(body);
    }
    GeminiUsage usage;
    RelayedChunk chunk;
    if (!scan_gemini_chunk(body, usage, chunk)) {
        return no_answer("a reply that is no JSON object");
    }
    if (chunk.error) {
        return problem_of_event(body);
    }
    if (!answers(endpoint, chunk)) {
        return no_answer("a reply that is no answer to this kind of request");
    }
    WholeReply reply;
    reply.usage = usage.usage();
    reply.bytes = body;
    reply.said = chunk.said;
    if (chunk.model.size() >= 2) {
        reply.model = wire::unescape_json(body.substr(chunk.model.begin + 1, chunk.model.size() - 2));
    }
    if (!chunk.block_reason.empty()) {
        reply.finish_reason = std::move(chunk.block_reason);
    } else if (!chunk.candidates.empty()) {
        reply.finish_reason = std::move(chunk.candidates.front().finish_reason);
    }
    if (!options.rename.empty() && chunk.model.size() != 0) {
        const auto name = wire::json_string(options.rename);
        Edits edits;
        edits.replace(chunk.model, name);
        edited.clear();
        edits.apply(body, edited);
        reply.bytes = edited;
    }
    return reply;
}

}  // namespace gatehouse::dialect

#include "embedding_speech.hpp"

#include "gatehouse/dialect/gemini_path.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::upstream {
namespace {

/// What one call to Gemini may hold; OpenAI takes all that a client may send.
constexpr std::size_t gemini_batch = 100;

bool is_geminis(chat::Endpoint endpoint) noexcept {
    return endpoint == chat::Endpoint::embed_content || endpoint == chat::Endpoint::batch_embed_contents;
}

}  // namespace

bool EmbeddingSpeech::knows(const chat::Request& request, const Provider& provider) noexcept {
    return (request.endpoint == chat::Endpoint::embeddings && provider.vendor() == chat::Vendor::gemini) ||
           (is_geminis(request.endpoint) && provider.vendor() == chat::Vendor::openai);
}

Result<std::unique_ptr<EmbeddingSpeech>> EmbeddingSpeech::make(const chat::Request& request,
                                                               const Target& target,
                                                               const tokens::TokenCounter* counter) {
    const std::string_view body = request.original.bytes;
    const bool to_openai = is_geminis(request.endpoint);
    auto wish = to_openai ? dialect::read_gemini_embeddings(request.endpoint, body)
                          : dialect::read_openai_embeddings(body, {});
    if (!wish) {
        return std::move(wish.problem());
    }
    std::unique_ptr<EmbeddingSpeech> speech(new EmbeddingSpeech(request, std::move(*wish)));
    if (to_openai) {
        speech->path_ = "/embeddings";
        speech->bodies_.push_back(dialect::write_openai_embeddings(speech->wish_, target.model));
        speech->dropped_ = dialect::lost_of_openai_embeddings(speech->wish_);
    } else {
        speech->path_ = dialect::gemini_path(target.model, "batchEmbedContents");
        speech->bodies_ = dialect::write_gemini_embeddings(speech->wish_, target.model);
        speech->dropped_ = dialect::lost_of_gemini_embeddings(speech->wish_);
    }
    if (counter != nullptr) {
        speech->estimate_usage(*counter, target.model);
    }
    if (request.strict_params && !speech->dropped_.empty()) {
        const auto& param = speech->dropped_.front();
        return Problem(ProblemKind::unsupported_parameter,
                       "The provider `" + target.provider->name() + "` cannot honour '" + param + "'.")
            .with_param(param);
    }
    return speech;
}

void EmbeddingSpeech::estimate_usage(const tokens::TokenCounter& counter, std::string_view model) {
    const auto family = tokens::family_of(model);
    tokens::Estimate sum;
    for (const auto& input : wish_.inputs) {
        sum += counter.estimate(family, input.text);
    }
    estimated_ = sum.count;
}

Result<dialect::WholeReply> EmbeddingSpeech::decode_reply(std::string_view body, std::string& written) {
    const bool from_openai = is_geminis(request_.endpoint);
    const auto left = wish_.inputs.size() - found_.vectors.size();
    const auto before = std::exchange(found_.usage, chat::Usage());
    auto read = from_openai ? dialect::read_openai_vectors(body, left, found_)
                            : dialect::read_gemini_vectors(body, std::min(left, gemini_batch), found_);
    if (!read) {
        return std::move(read.problem());
    }
    ++next_;
    dialect::WholeReply reply;
    reply.usage = found_.usage;
    found_.usage += before;
    if (more()) {
        return reply;
    }
    if (!from_openai && wish_.dimensions) {
        dialect::normalise(found_);
    }
    if (!found_.usage.known) {
        found_.usage.input = estimated_;
        found_.usage.known = true;  // to the client; `reply.usage` knows that nobody reported it
    }
    written = from_openai ? dialect::write_gemini_vectors(found_, request_.endpoint)
                          : dialect::write_openai_vectors(found_, request_.model, wish_.base64);
    reply.bytes = written;
    return reply;
}

}  // namespace gatehouse::upstream

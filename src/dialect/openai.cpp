#include "openai_parts.hpp"
#include "provider_error.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <utility>

namespace gatehouse::dialect {
namespace {

class OpenAi final : public Dialect {
public:
    Result<chat::Request> decode_request(chat::Endpoint endpoint, std::string body,
                                         wire::JsonLimits limits) const override {
        return read_openai_request(endpoint, std::move(body), limits);
    }

    BodyPieces encode_request(const chat::Request& request, const EncodeOptions& options) const override {
        return splice_openai_request(request, options);
    }

    std::string_view path(const chat::Request& request, std::string_view, std::string&) const override {
        switch (request.endpoint) {
            case chat::Endpoint::chat_completions:
                return "/chat/completions";
            case chat::Endpoint::completions:
                return "/completions";
            case chat::Endpoint::embeddings:
                return "/embeddings";
            case chat::Endpoint::responses:
                return "/responses";
            case chat::Endpoint::count_response_tokens:
                return "/responses/input_tokens";
            case chat::Endpoint::moderations:
                return "/moderations";
            case chat::Endpoint::images_generations:
                return "/images/generations";
            case chat::Endpoint::audio_speech:
                return "/audio/speech";
            case chat::Endpoint::audio_transcriptions:
                return "/audio/transcriptions";
            case chat::Endpoint::audio_translations:
                return "/audio/translations";
            default:
                return "/";  // another vendor's
        }
    }

    Result<WholeReply> decode_reply(chat::Endpoint endpoint, std::string_view body,
                                    const RelayOptions& options, std::string& edited) const override {
        return read_openai_reply(endpoint, body, options, edited);
    }

    std::unique_ptr<StreamDecoder> stream_decoder(chat::Endpoint endpoint,
                                                  const RelayOptions& options) const override {
        const bool chunks =
            endpoint == chat::Endpoint::chat_completions || endpoint == chat::Endpoint::completions;
        return chunks ? openai_chunk_stream(options) : openai_typed_stream(endpoint, options);
    }
};

}  // namespace

const Dialect& openai() {
    static const OpenAi dialect;
    return dialect;
}

Problem decode_error(const wire::ResponseHead& head, std::string_view body, WallTime now) {
    return problem_of_answer(head, body, now);
}

std::size_t BodyPieces::size() const noexcept {
    std::size_t sum = 0;
    for (const auto piece : pieces) {
        sum += piece.size();
    }
    return sum;
}

}  // namespace gatehouse::dialect

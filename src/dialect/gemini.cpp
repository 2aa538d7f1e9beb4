#include "gemini_parts.hpp"
#include "signature_carrier.hpp"
#include "splices.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/gemini_path.hpp"

#include <utility>

namespace gatehouse::dialect {
namespace {

std::string_view verb_of(const chat::Request& request) noexcept {
    switch (request.endpoint) {
        case chat::Endpoint::generate_content:
            return request.stream ? "streamGenerateContent?alt=sse" : "generateContent";
        case chat::Endpoint::count_content_tokens:
            return "countTokens";
        case chat::Endpoint::embed_content:
            return "embedContent";
        case chat::Endpoint::batch_embed_contents:
            return "batchEmbedContents";
        default:
            return {};  // another vendor's
    }
}

class Gemini final : public Dialect {
public:
    Result<chat::Request> decode_request(chat::Endpoint endpoint, std::string body,
                                         wire::JsonLimits limits) const override {
        return read_gemini_body(endpoint, std::move(body), limits);
    }

    BodyPieces encode_request(const chat::Request& request, const EncodeOptions& options) const override {
        const std::string_view bytes = request.original.bytes;
        const auto name = wire::json_string(gemini_model_resource(options.model));
        Splices splices;
        for (const auto range : request.original.models) {
            if (range.size() == 0) {
                splices.add(range, "\"model\":" + name + ",");
            } else if (bytes.substr(range.begin, range.size()) != name) {
                splices.add(range, name);
            }
        }
        for (const auto& cut : request.original.foreign) {
            splices.add(cut, {});
        }
        if (options.signatures_required) {
            for (const auto begin : request.original.unsigned_calls) {
                splices.add({begin, begin},
                            "\"thoughtSignature\":" + wire::json_string(no_signature_check) + ",");
            }
        }
        return std::move(splices).apply(bytes);
    }

    std::string_view path(const chat::Request& request, std::string_view model,
                          std::string& made) const override {
        made = gemini_path(model, verb_of(request));
        return made;
    }

    Result<WholeReply> decode_reply(chat::Endpoint endpoint, std::string_view body,
                                    const RelayOptions& options, std::string& edited) const override {
        return read_gemini_whole(endpoint, body, options, edited);
    }

    std::unique_ptr<StreamDecoder> stream_decoder(chat::Endpoint,
                                                  const RelayOptions& options) const override {
        return gemini_relay_stream(options);
    }
};

}  // namespace

const Dialect& gemini() {
    static const Gemini dialect;
    return dialect;
}

}  // namespace gatehouse::dialect

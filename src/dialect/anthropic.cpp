#include "anthropic_parts.hpp"
#include "json_out.hpp"
#include "splices.hpp"

#include <utility>

namespace gatehouse::dialect {
namespace {

class Anthropic final : public Dialect {
public:
    Result<chat::Request> decode_request(chat::Endpoint endpoint, std::string body,
                                         wire::JsonLimits limits) const override {
        return read_anthropic_request(endpoint, std::move(body), limits);
    }

    BodyPieces encode_request(const chat::Request& request, const EncodeOptions& options) const override {
        const auto& original = request.original;
        Splices splices;
        if (request.model != options.model) {
            splices.add(original.model, wire::json_string(options.model));
        }
        for (const auto& cut : original.foreign) {
            splices.add(cut, {});
        }
        return std::move(splices).apply(original.bytes);
    }

    std::string_view path(const chat::Request& request, std::string_view, std::string&) const override {
        return request.endpoint == chat::Endpoint::count_message_tokens ? "/v1/messages/count_tokens"
                                                                        : "/v1/messages";
    }

    Result<WholeReply> decode_reply(chat::Endpoint endpoint, std::string_view body,
                                    const RelayOptions& options, std::string& edited) const override {
        return read_anthropic_reply(endpoint, body, options, edited);
    }

    std::unique_ptr<StreamDecoder> stream_decoder(chat::Endpoint,
                                                  const RelayOptions& options) const override {
        return anthropic_relay_stream(options);
    }
};

}  // namespace

const Dialect& anthropic() {
    static const Anthropic dialect;
    return dialect;
}

std::string anthropic_error_body(const ErrorView& error) {
    std::string out;
    JsonOut json(out);
    json.begin_object().key("type").string("error").key("error").begin_object();
    json.key("type").string(error.type).key("message").string(error.message);
    if (!error.details.empty()) {
        json.key("details").raw(error.details);
    }
    json.end_object().key("request_id");
    if (error.request_id.empty()) {
        json.null();
    } else {
        json.string(error.request_id);
    }
    json.end_object();
    return out;
}

std::string anthropic_error_event(const ErrorView& error) {
    return "event: error\ndata: " + anthropic_error_body(error) + "\n\n";
}

}  // namespace gatehouse::dialect

#include "gatehouse/dialect/embedding_inputs.hpp"

#include "element_cuts.hpp"
#include "kept_json.hpp"

#include "gatehouse/dialect/canonical_request.hpp"
#include "gatehouse/dialect/dialect.hpp"

#include <string>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;
using wire::ByteRange;
using wire::JsonType;

/// The member that holds the inputs; empty: there are never several.
std::string_view member_of_inputs(Endpoint endpoint) noexcept {
    switch (endpoint) {
        case Endpoint::embeddings:
            return "input";
        case Endpoint::batch_embed_contents:
            return "requests";
        default:
            return {};
    }
}

/// Reads the value that holds the inputs. False: it is none that can be taken apart.
class InputsReader {
public:
    InputsReader(std::string_view body, wire::JsonReader& json) : body_(body), json_(json) {}

    std::optional<EmbeddingInputs> read() {
        if (json_.peek() != JsonType::array) {
            found_.list = json_.skip();
            found_.inputs.push_back(found_.list);
            return std::move(found_);
        }
        const auto begin = json_.offset();
        json_.begin_array();
        while (json_.next_element()) {
            const bool id = json_.peek() == JsonType::number;
            const auto input = json_.skip();
            (id ? ids_ : others_) += 1;
            if (others_ > most_embedding_inputs) {
                return std::nullopt;
            }
            if (!id) {
                found_.inputs.push_back(input);
            }
        }
        found_.list = container_range(body_, begin, json_.offset(), ']');
        if (ids_ + others_ == 0 || (ids_ > 0 && others_ > 0)) {
            return std::nullopt;
        }
        if (ids_ > 0) {  // one text in tokens
            found_.inputs.assign(1, found_.list);
        }
        return std::move(found_);
    }

private:
    std::string_view body_;
    wire::JsonReader& json_;
    EmbeddingInputs found_;
    std::size_t ids_{0};
    std::size_t others_{0};
};

std::string with_list(std::string_view body, ByteRange list, std::string_view array) {
    std::string changed;
    changed.reserve(body.size() + array.size());
    changed += body.substr(0, list.begin);
    changed += array;
    changed += body.substr(list.end);
    return changed;
}

}  // namespace

std::optional<EmbeddingInputs> embedding_inputs(Endpoint endpoint, std::string_view body) {
    const auto wanted = member_of_inputs(endpoint);
    auto json = kept_reader(body);
    std::optional<EmbeddingInputs> found;
    if (wanted.empty() || json.peek() != JsonType::object) {
        return found;
    }
    json.begin_object();
    while (json.next_member()) {
        if (json.key() == wanted) {
            found = InputsReader(body, json).read();
        } else {
            json.skip();
        }
    }
    return json.finish() ? std::move(found) : std::nullopt;
}

chat::Request request_of_input(Endpoint endpoint, std::string_view body, ByteRange input) {
    chat::Request request;
    request.endpoint = endpoint;
    request.vendor = chat::vendor_of(endpoint);
    auto& bytes = request.original.bytes;
    bytes = "{\"";
    bytes += member_of_inputs(endpoint);
    bytes += "\":[";
    bytes += text_at(body, input);
    bytes += "]}";
    return request;
}

std::optional<CanonicalEmbeddings> canonical_embeddings(const chat::Request& request) {
    const std::string_view body = request.original.bytes;
    const auto places = embedding_inputs(request.endpoint, body);
    if (!places) {
        return std::nullopt;
    }
    auto rest = request;
    rest.original.bytes = with_list(body, places->list, "[]");
    const auto of_rest = canonical_request(rest);
    if (!of_rest) {
        return std::nullopt;
    }
    CanonicalEmbeddings found;
    found.rest = of_rest->exact;
    found.inputs.reserve(places->inputs.size());
    for (const auto input : places->inputs) {
        const auto of_input = canonical_request(request_of_input(request.endpoint, body, input));
        if (!of_input) {
            return std::nullopt;
        }
        found.inputs.push_back(of_input->exact);
    }
    return found;
}

Result<chat::Original> asking_for(Endpoint endpoint, std::string_view body, const EmbeddingInputs& inputs,
                                  std::span<const std::size_t> wanted) {
    std::string array = "[";
    for (const auto number : wanted) {
        array += array.size() == 1 ? "" : ",";
        array += text_at(body, inputs.inputs[number]);
    }
    array += ']';
    const wire::JsonLimits limits{wire::deepest_json};  // it was admitted under stricter ones
    auto request = dialect_of(chat::vendor_of(endpoint))
                       .decode_request(endpoint, with_list(body, inputs.list, array), limits);
    if (!request) {
        return std::move(request.problem());
    }
    return std::move(request->original);
}

}  // namespace gatehouse::dialect

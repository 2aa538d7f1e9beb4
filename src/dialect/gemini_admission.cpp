#include "field_reader.hpp"
#include "gemini_parts.hpp"
#include "key_set.hpp"
#include "openai_words.hpp"

#include <fmt/format.h>

#include <utility>

namespace gatehouse::dialect {
namespace {

using wire::JsonType;

/// Reads one body, with what the gateway must know of it: that it is sound, and where it names the model.
class BodyReader {
public:
    BodyReader(chat::Endpoint endpoint, std::string_view body, wire::JsonLimits limits)
        : body_(body), fields_(body, limits) {
        request_.endpoint = endpoint;
        request_.vendor = chat::Vendor::gemini;
        request_.wants_usage = true;  // streams always tell it
    }

    Result<chat::Request> read();

private:
    void read_members();
    void read_member(std::string_view key, const Place& at);
    /// A value of `model`. Null is as good as none, and is replaced all the same.
    void read_model(const Place& at);
    void read_settings(const Place& at);
    void read_contents(const Place& at);
    void read_content(const Place& at);
    /// What is to be counted as it would be asked: a request with its model inside.
    void read_inner_request(const Place& at);
    void read_embeddings(const Place& at);
    void read_embedding(const Place& at);
    void check_required();
    std::size_t behind_brace() { return fields_.offset() + 1; }

    std::string_view body_;
    FieldReader fields_;
    chat::Request request_;
    KeySet keys_;
    std::string repeated_;
    bool has_required_{false};
};

Result<chat::Request> BodyReader::read() {
    const auto type = fields_.peek();
    if (type == JsonType::object) {
        read_members();
        check_required();
    } else {
        fields_.skip();
    }
    auto status = fields_.status();
    if (!status && status.problem().kind() == ProblemKind::invalid_json) {
        return std::move(status).problem();
    }
    if (type != JsonType::object) {
        return Problem(ProblemKind::invalid_json,
                       fmt::format("The body must be a JSON object, but is {}.", with_article(type)));
    }
    if (!repeated_.empty()) {
        return Problem(ProblemKind::invalid_json,
                       fmt::format("The body has a repeated key: '{}'.", repeated_));
    }
    if (!status) {
        return std::move(status).problem();
    }
    return std::move(request_);
}

void BodyReader::read_members() {
    request_.original.object_begin = behind_brace();
    fields_.object({});
    while (fields_.next_member()) {
        const auto key = camel_case(fields_.key());
        if (repeated_.empty() && !keys_.add(key, body_)) {
            // An empty key that comes twice needs a name too.
            repeated_ = key.empty() ? "\"\"" : redact(key, 64);
        }
        read_member(key, {});
    }
}

void BodyReader::read_member(std::string_view key, const Place& at) {
    const auto endpoint = request_.endpoint;
    const bool counts = endpoint == chat::Endpoint::count_content_tokens;
    if (key == "model") {
        read_model({at, "model"});
    } else if (key == "fallbacks") {
        request_.original.names_fallbacks = true;
        fields_.skip();
    } else if (key == "contents" && (counts || endpoint == chat::Endpoint::generate_content)) {
        read_contents({at, "contents"});
    } else if (key == "tools" && endpoint == chat::Endpoint::generate_content) {
        request_.offers_tools = fields_.presence();
    } else if (key == "generationConfig" && fields_.peek() == JsonType::object) {
        read_settings({at, "generationConfig"});
    } else if (key == "generateContentRequest" && counts) {
        read_inner_request({at, "generateContentRequest"});
    } else if (key == "content" && endpoint == chat::Endpoint::embed_content) {
        has_required_ = has_required_ || fields_.peek() != JsonType::null;
        read_content({at, "content"});
    } else if (key == "requests" && endpoint == chat::Endpoint::batch_embed_contents) {
        read_embeddings({at, "requests"});
    } else {
        fields_.skip();
    }
}

void BodyReader::read_model(const Place& at) {
    const auto type = fields_.peek();
    if (type == JsonType::string || type == JsonType::null) {
        request_.original.models.push_back(fields_.skip());
    } else {
        fields_.wrong_type(at, "a string");
    }
}

void BodyReader::read_settings(const Place& at) {
    fields_.object(at);
    while (fields_.next_member()) {
        if (fields_.key() == "temperature") {
            request_.temperature = fields_.any_number();
        } else {
            fields_.skip();
        }
    }
}

void BodyReader::read_contents(const Place& at) {
    if (!fields_.null()) {
        has_required_ = true;
        GeminiContentsCheck(fields_, body_, request_.original).read_all(at);
    }
}

void BodyReader::read_content(const Place& at) {
    GeminiContentsCheck(fields_, body_, request_.original).read(at);
}

void BodyReader::read_inner_request(const Place& at) {
    if (fields_.null()) {
        return;
    }
    const auto begin = behind_brace();
    bool has_model = false;
    bool empty = true;
    if (!fields_.object(at)) {
        return;
    }
    while (fields_.next_member()) {
        empty = false;
        const auto key = camel_case(fields_.key());
        if (key == "model") {
            has_model = true;
            read_model({at, "model"});
        } else if (key == "contents") {
            read_contents({at, "contents"});
        } else {
            fields_.skip();
        }
    }
    if (!has_model && !empty) {
        request_.original.models.push_back({begin, begin});
    }
}

void BodyReader::read_embeddings(const Place& at) {
    if (fields_.null()) {
        return;
    }
    has_required_ = true;
    if (fields_.peek() == JsonType::object) {
        read_embedding(at);
        return;
    }
    std::size_t count = 0;
    if (!fields_.array(at)) {
        return;
    }
    while (fields_.next_element()) {
        read_embedding({at, count++});
    }
    if (count == 0) {
        fields_.invalid(at, "at least one request");
    }
}

void BodyReader::read_embedding(const Place& at) {
    const auto begin = behind_brace();
    bool has_model = false;
    bool has_content = false;
    if (!fields_.object(at)) {
        return;
    }
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "model") {
            has_model = true;
            read_model({at, "model"});
        } else if (key == "content") {
            has_content = has_content || fields_.peek() != JsonType::null;
            read_content({at, "content"});
        } else {
            fields_.skip();
        }
    }
    if (!has_content) {
        fields_.missing({at, "content"});
    } else if (!has_model) {
        request_.original.models.push_back({begin, begin});
    }
}

void BodyReader::check_required() {
    if (has_required_) {
        return;
    }
    const Place body;
    switch (request_.endpoint) {
        case chat::Endpoint::embed_content:
            fields_.missing({body, "content"});
            break;
        case chat::Endpoint::batch_embed_contents:
            fields_.missing({body, "requests"});
            break;
        default:
            fields_.missing({body, "contents"});
    }
}

}  // namespace

std::string camel_case(std::string_view key) {
    std::string out;
    for (std::size_t i = 0; i < key.size(); ++i) {
        const bool joins =
            key[i] == '_' && i > 0 && i + 1 < key.size() && key[i + 1] >= 'a' && key[i + 1] <= 'z';
        if (joins) {
            ++i;
        }
        out.push_back(joins ? static_cast<char>(key[i] - 'a' + 'A') : key[i]);
    }
    return out;
}

Result<chat::Request> read_gemini_body(chat::Endpoint endpoint, std::string body, wire::JsonLimits limits) {
    auto request = BodyReader(endpoint, body, limits).read();
    if (request) {
        request->original.bytes = std::move(body);
    }
    return request;
}

}  // namespace gatehouse::dialect

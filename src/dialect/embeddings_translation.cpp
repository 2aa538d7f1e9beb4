#include "gatehouse/dialect/embeddings_translation.hpp"

#include "field_reader.hpp"
#include "gemini_client_request.hpp"
#include "gemini_parts.hpp"
#include "json_out.hpp"
#include "other_fields.hpp"

#include "gatehouse/dialect/gemini_path.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace gatehouse::dialect {
namespace {

using wire::JsonType;

constexpr std::int64_t most_dimensions = 1'000'000;
constexpr std::size_t most_of_batch = 100;
constexpr std::array<std::string_view, 8> tasks{
    "RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT", "SEMANTIC_SIMILARITY", "CLASSIFICATION",
    "CLUSTERING",      "QUESTION_ANSWERING", "FACT_VERIFICATION",   "CODE_RETRIEVAL_QUERY"};

/// A field that nobody here knows: it is named where it does not arrive.
void note_other(FieldReader& fields, std::string_view name, EmbeddingsWish& wish) {
    std::vector<chat::Member> said;
    read_other(fields, name, said);
    for (auto& other : said) {
        wish.others.insert(std::move(other.name));
    }
}

class OpenaiReader {
public:
    OpenaiReader(std::string_view body, const DecodeTokens& decode) : fields_(body), decode_(decode) {}

    Result<EmbeddingsWish> read() {
        const Place body;
        if (fields_.object(body)) {
            while (fields_.next_member()) {
                read_field(std::string(fields_.key()), body);
            }
        }
        if (!has_input_) {
            fields_.missing({body, "input"});
        }
        if (auto status = fields_.status(); !status) {
            return std::move(status).problem();
        }
        return std::move(wish_);
    }

private:
    void read_field(const std::string& key, const Place& body) {
        if (key == "input") {
            has_input_ = true;
            read_input({body, "input"});
        } else if (key == "dimensions") {
            wish_.dimensions = fields_.integer({body, "dimensions"}, 1, most_dimensions);
        } else if (key == "encoding_format") {
            constexpr std::array<std::string_view, 2> forms{"float", "base64"};
            const Place at(body, "encoding_format");
            const auto form = fields_.null() ? std::nullopt : fields_.word(at, forms);
            wish_.base64 = form == 1;
        } else if (key == "user") {
            wish_.end_user = fields_.optional_string({body, "user"}).value_or("");
        } else if (key == "task_type") {
            read_task({body, "task_type"});
        } else if (key == "input_type") {
            read_task({body, "input_type"});
        } else if (key == "model") {
            fields_.skip();
        } else {
            note_other(fields_, key, wish_);
        }
    }

    /// Other gateways' word for what a vector is for, in Gemini's spelling or in Cohere's.
    void read_task(const Place& at) {
        constexpr std::array<std::string_view, 13> words{"RETRIEVAL_QUERY",
                                                         "RETRIEVAL_DOCUMENT",
                                                         "SEMANTIC_SIMILARITY",
                                                         "CLASSIFICATION",
                                                         "CLUSTERING",
                                                         "QUESTION_ANSWERING",
                                                         "FACT_VERIFICATION",
                                                         "CODE_RETRIEVAL_QUERY",
                                                         "SEARCH_QUERY",
                                                         "QUERY",
                                                         "SEARCH_DOCUMENT",
                                                         "DOCUMENT",
                                                         "PASSAGE"};
        constexpr std::size_t queries = 8;
        constexpr std::size_t documents = 10;
        if (const auto word = read_enumerator(fields_, at, words)) {
            wish_.task_type = *word >= documents ? "RETRIEVAL_DOCUMENT"
                              : *word >= queries ? "RETRIEVAL_QUERY"
                                                 : words[*word];
        }
    }

    void read_input(const Place& at) {
        if (fields_.peek() == JsonType::string) {
            add_text(at);
            return;
        }
        if (fields_.peek() != JsonType::array) {
            fields_.wrong_type(at, "a string or an array");
            return;
        }
        std::vector<std::int64_t> tokens;
        std::size_t count = 0;
        fields_.array(at);
        while (fields_.next_element()) {
            const Place each(at, count++);
            if (fields_.peek() == JsonType::number) {
                read_token(each, tokens);
            } else if (fields_.peek() == JsonType::array) {
                read_tokens(each);
            } else {
                add_text(each);
            }
        }
        if (!tokens.empty()) {
            add_tokens(at, tokens);
        } else if (count == 0) {
            fields_.invalid(at, "at least one input");
        }
    }

    void read_tokens(const Place& at) {
        std::vector<std::int64_t> tokens;
        fields_.array(at);
        while (fields_.next_element()) {
            read_token({at, tokens.size()}, tokens);
        }
        add_tokens(at, tokens);
    }

    void read_token(const Place& at, std::vector<std::int64_t>& tokens) {
        const auto token = fields_.integer(at, 0, std::numeric_limits<std::int32_t>::max());
        tokens.push_back(token.value_or(0));
    }

    void add_text(const Place& at) {
        auto text = fields_.string(at);
        if (text.empty()) {
            fields_.invalid(at, "a text that is not empty");
        }
        wish_.inputs.push_back({std::move(text), {}});
    }

    void add_tokens(const Place& at, const std::vector<std::int64_t>& tokens) {
        if (tokens.empty()) {
            fields_.invalid(at, "at least one token");
            return;
        }
        auto text = decode_ ? decode_(tokens) : std::nullopt;
        if (!text || text->empty()) {
            fields_.unsupported(at, "the provider takes text, and what these tokens stand for is not known");
            return;
        }
        wish_.inputs.push_back({*std::move(text), {}});
    }

    FieldReader fields_;
    const DecodeTokens& decode_;
    EmbeddingsWish wish_;
    bool has_input_{false};
};

class GeminiReader {
public:
    explicit GeminiReader(std::string_view body) : fields_(body) {}

    Result<EmbeddingsWish> read(bool batch) {
        const Place body;
        if (!batch) {
            read_request(body);
        } else if (fields_.object(body)) {
            while (fields_.next_member()) {
                if (fields_.key() == "requests") {
                    read_each(fields_, {body, "requests"}, [&](const Place& each) { read_request(each); });
                } else {
                    fields_.skip();
                }
            }
        }
        if (wish_.inputs.empty()) {
            fields_.missing({body, batch ? "requests" : "content"});
        }
        if (auto status = fields_.status(); !status) {
            return std::move(status).problem();
        }
        return std::move(wish_);
    }

private:
    struct One {
        EmbeddingsWish::Input input;
        std::optional<std::int64_t> dimensions;
        std::string task;
        bool content{false};
    };

    void read_request(const Place& at) {
        One one;
        if (!fields_.object(at)) {
            return;
        }
        while (fields_.next_member()) {
            read_member(camel_case(fields_.key()), at, one);
        }
        if (!one.content) {
            fields_.missing({at, "content"});
        } else if (one.input.text.empty()) {
            fields_.invalid({at, "content"}, "a text that is not empty");
        }
        if (wish_.inputs.empty()) {
            wish_.dimensions = one.dimensions;
            wish_.task_type = one.task;
        } else if (wish_.dimensions != one.dimensions) {
            fields_.unsupported({at, "outputDimensionality"}, "the vectors of one batch are of one length");
        } else if (wish_.task_type != one.task) {
            fields_.unsupported({at, "taskType"}, "the vectors of one batch are for one task");
        }
        wish_.inputs.push_back(std::move(one.input));
    }

    void read_member(std::string_view key, const Place& at, One& one) {
        if (key == "content") {
            one.content = fields_.peek() != JsonType::null;
            read_content({at, "content"}, one);
        } else if (key == "title") {
            one.input.title = fields_.optional_string({at, "title"}).value_or("");
        } else if (key == "outputDimensionality") {
            one.dimensions = fields_.integer({at, "outputDimensionality"}, 1, most_dimensions);
        } else if (key == "taskType") {
            if (const auto word = read_enumerator(fields_, {at, "taskType"}, tasks)) {
                one.task = tasks[*word];
            }
        } else if (key == "model") {
            fields_.skip();
        } else {
            note_other(fields_, key, wish_);
        }
    }

    /// Several texts of one content are one input.
    void read_content(const Place& at, One& one) {
        if (!fields_.optional_object(at)) {
            return;
        }
        while (fields_.next_member()) {
            if (fields_.key() != "parts") {
                fields_.skip();
                continue;
            }
            read_each(fields_, {at, "parts"}, [&](const Place& each) {
                const auto part = read_gemini_part(fields_, each);
                if (part.media || part.call || part.result) {
                    fields_.unsupported(each, "the model embeds text alone");
                } else if (part.text && !part.text->empty()) {
                    one.input.text += (one.input.text.empty() ? "" : "\n") + *part.text;
                }
            });
        }
    }

    FieldReader fields_;
    EmbeddingsWish wish_;
};

void write_input(const EmbeddingsWish& wish, const EmbeddingsWish::Input& input, std::string_view model,
                 JsonOut& json) {
    json.begin_object().key("model").string(model).key("content").begin_object().key("parts").begin_array();
    json.begin_object().key("text").string(input.text).end_object().end_array().end_object();
    if (!wish.task_type.empty()) {
        json.key("taskType").string(wish.task_type);
    }
    if (!input.title.empty()) {
        json.key("title").string(input.title);
    }
    if (wish.dimensions) {
        json.key("outputDimensionality").integer(*wish.dimensions);
    }
    json.end_object();
}

}  // namespace

Result<EmbeddingsWish> read_openai_embeddings(std::string_view body, const DecodeTokens& decode_tokens) {
    return OpenaiReader(body, decode_tokens).read();
}

Result<EmbeddingsWish> read_gemini_embeddings(chat::Endpoint endpoint, std::string_view body) {
    return GeminiReader(body).read(endpoint == chat::Endpoint::batch_embed_contents);
}

std::vector<std::string> write_gemini_embeddings(const EmbeddingsWish& wish, std::string_view model) {
    const auto resource = gemini_model_resource(model);
    std::vector<std::string> bodies;
    for (std::size_t begin = 0; begin < wish.inputs.size(); begin += most_of_batch) {
        const auto end = std::min(begin + most_of_batch, wish.inputs.size());
        JsonOut json(bodies.emplace_back());
        json.begin_object().key("requests").begin_array();
        for (std::size_t i = begin; i < end; ++i) {
            write_input(wish, wish.inputs[i], resource, json);
        }
        json.end_array().end_object();
    }
    return bodies;
}

std::string write_openai_embeddings(const EmbeddingsWish& wish, std::string_view model) {
    std::string body;
    JsonOut json(body);
    json.begin_object().key("model").string(model).key("input").begin_array();
    for (const auto& input : wish.inputs) {
        json.string(input.text);
    }
    json.end_array().key("encoding_format").string("float");
    if (wish.dimensions) {
        json.key("dimensions").integer(*wish.dimensions);
    }
    if (!wish.end_user.empty()) {
        json.key("user").string(wish.end_user);
    }
    json.end_object();
    return body;
}

std::vector<std::string> lost_of_openai_embeddings(const EmbeddingsWish& wish) {
    auto lost = wish.others;
    if (!wish.task_type.empty()) {
        lost.insert("taskType");
    }
    const auto titled = [](const EmbeddingsWish::Input& input) { return !input.title.empty(); };
    if (std::any_of(wish.inputs.begin(), wish.inputs.end(), titled)) {
        lost.insert("title");
    }
    return {lost.begin(), lost.end()};
}

std::vector<std::string> lost_of_gemini_embeddings(const EmbeddingsWish& wish) {
    auto lost = wish.others;
    if (!wish.end_user.empty()) {
        lost.insert("user");
    }
    return {lost.begin(), lost.end()};
}

}  // namespace gatehouse::dialect

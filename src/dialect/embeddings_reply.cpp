#include "gemini_words.hpp"
#include "json_out.hpp"
#include "openai_words.hpp"
#include "provider_error.hpp"
#include "reply_words.hpp"

#include "gatehouse/dialect/embeddings_translation.hpp"
#include "gatehouse/wire/encodings.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

namespace gatehouse::dialect {
namespace {

using wire::JsonReader;
using wire::JsonType;

using Vector = std::vector<double>;

void read_numbers(JsonReader& json, Vector& into) {
    if (!begin_array(json)) {
        return;
    }
    while (json.next_element()) {
        if (json.peek() == JsonType::number) {
            into.push_back(json.number());
        } else {
            json.skip();
        }
    }
}

/// OpenAI's compact form: float32, little-endian. What is none gives no numbers.
Vector from_float32(std::string_view base64) {
    Vector out;
    const auto bytes = wire::from_base64(base64);
    if (!bytes || bytes->size() % 4 != 0) {
        return out;
    }
    for (std::size_t i = 0; i < bytes->size(); i += 4) {
        std::uint32_t bits = 0;
        for (std::size_t j = 4; j-- > 0;) {
            bits = (bits << 8U) | static_cast<unsigned char>((*bytes)[i + j]);
        }
        out.push_back(std::bit_cast<float>(bits));
    }
    return out;
}

std::string to_float32(const Vector& vector) {
    std::string bytes;
    for (const double value : vector) {
        const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
        for (unsigned shift = 0; shift < 32; shift += 8) {
            bytes.push_back(static_cast<char>((bits >> shift) & 255U));
        }
    }
    return wire::to_base64(bytes);
}

bool is_vector(const Vector& vector) {
    return !vector.empty() &&
           std::all_of(vector.begin(), vector.end(), [](double value) { return std::isfinite(value); });
}

/// What both vendors' replies are checked for once they were read.
Status take(std::vector<Vector> vectors, std::size_t expected, Embeddings& embeddings) {
    if (vectors.size() != expected || !std::all_of(vectors.begin(), vectors.end(), is_vector)) {
        return no_answer("other embeddings than it was asked for");
    }
    embeddings.vectors.insert(embeddings.vectors.end(), std::make_move_iterator(vectors.begin()),
                              std::make_move_iterator(vectors.end()));
    return done();
}

void read_gemini_vector(JsonReader& json, Vector& into) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        if (json.key() == "values") {
            read_numbers(json, into);
        } else {
            json.skip();
        }
    }
}

struct Indexed {
    std::int64_t index{0};
    Vector vector;
};

void read_openai_vector(JsonReader& json, Indexed& into) {
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        const auto key = json.key();
        if (key == "index" && json.peek() == JsonType::number) {
            into.index = json.integer().value_or(-1);
        } else if (key == "embedding" && json.peek() == JsonType::string) {
            into.vector = from_float32(json.string());
        } else if (key == "embedding") {
            read_numbers(json, into.vector);
        } else {
            json.skip();
        }
    }
}

void write_numbers(const Vector& vector, JsonOut& json) {
    json.begin_array();
    for (const double value : vector) {
        json.number(value);
    }
    json.end_array();
}

}  // namespace

Status read_gemini_vectors(std::string_view body, std::size_t expected, Embeddings& embeddings) {
    JsonReader json(body, reply_limits);
    std::vector<Vector> vectors;
    GeminiUsage usage;
    bool error = json.peek() == JsonType::array;  // Google wraps errors so
    if (begin_object(json)) {
        while (json.next_member()) {
            const auto key = json.key();
            if (key == "embeddings" && json.peek() == JsonType::array) {
                json.begin_array();
                while (json.next_element()) {
                    read_gemini_vector(json, vectors.emplace_back());
                }
            } else if (key == "embedding") {
                read_gemini_vector(json, vectors.emplace_back());
            } else if (key == "usageMetadata") {
                usage.read(json);
            } else if (key == "error") {
                error = read_truth(json);
            } else {
                json.skip();
            }
        }
    }
    if (!json.finish()) {
        return no_answer("a reply that is no JSON");
    }
    if (error) {
        return problem_of_event(body);
    }
    embeddings.usage += usage.usage();
    return take(std::move(vectors), expected, embeddings);
}

Status read_openai_vectors(std::string_view body, std::size_t expected, Embeddings& embeddings) {
    JsonReader json(body, reply_limits);
    std::vector<Indexed> found;
    chat::Usage usage;
    bool error = false;
    if (begin_object(json)) {
        while (json.next_member()) {
            const auto key = json.key();
            if (key == "data" && json.peek() == JsonType::array) {
                json.begin_array();
                while (json.next_element()) {
                    auto& each = found.emplace_back();
                    each.index = static_cast<std::int64_t>(found.size()) - 1;
                    read_openai_vector(json, each);
                }
            } else if (key == "usage") {
                read_usage(json, usage);
            } else if (key == "error") {
                error = read_truth(json);
            } else {
                json.skip();
            }
        }
    }
    if (!json.finish()) {
        return no_answer("a reply that is no JSON");
    }
    if (error) {
        return problem_of_event(body);
    }
    std::vector<Vector> vectors(found.size());
    for (auto& each : found) {
        if (each.index >= 0 && each.index < static_cast<std::int64_t>(vectors.size())) {
            vectors[static_cast<std::size_t>(each.index)] = std::move(each.vector);
        }
    }
    embeddings.usage += usage;
    return take(std::move(vectors), expected, embeddings);
}

void normalise(Embeddings& embeddings) {
    for (auto& vector : embeddings.vectors) {
        const double length =
            std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0));
        if (length > 0 && std::isfinite(length)) {
            for (double& value : vector) {
                value /= length;
            }
        }
    }
}

std::string write_openai_vectors(const Embeddings& embeddings, std::string_view model, bool base64) {
    std::string out;
    JsonOut json(out);
    json.begin_object().key("object").string("list").key("data").begin_array();
    for (std::size_t i = 0; i < embeddings.vectors.size(); ++i) {
        json.begin_object().key("object").string("embedding").key("index");
        json.integer(static_cast<std::int64_t>(i)).key("embedding");
        if (base64) {
            json.string(to_float32(embeddings.vectors[i]));
        } else {
            write_numbers(embeddings.vectors[i], json);
        }
        json.end_object();
    }
    const auto tokens = embeddings.usage.prompt().value();
    json.end_array().key("model").string(model).key("usage").begin_object();
    json.key("prompt_tokens").integer(tokens).key("total_tokens").integer(tokens).end_object().end_object();
    return out;
}

std::string write_gemini_vectors(const Embeddings& embeddings, chat::Endpoint endpoint) {
    std::string out;
    JsonOut json(out);
    json.begin_object();
    if (endpoint == chat::Endpoint::embed_content) {
        json.key("embedding").begin_object().key("values");
        write_numbers(embeddings.vectors.front(), json);
        json.end_object();
    } else {
        json.key("embeddings").begin_array();
        for (const auto& vector : embeddings.vectors) {
            json.begin_object().key("values");
            write_numbers(vector, json);
            json.end_object();
        }
        json.end_array();
    }
    if (embeddings.usage.known) {
        json.key("usageMetadata").begin_object().key("promptTokenCount");
        json.integer(embeddings.usage.prompt().value()).key("totalTokenCount");
        json.integer(embeddings.usage.prompt().value()).end_object();
    }
    json.end_object();
    return out;
}

}  // namespace gatehouse::dialect

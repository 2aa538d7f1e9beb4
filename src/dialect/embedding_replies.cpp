#include "gatehouse/dialect/embedding_replies.hpp"

#include "element_cuts.hpp"
#include "json_out.hpp"
#include "kept_json.hpp"
#include "openai_words.hpp"

#include "gatehouse/core/shares.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <algorithm>
#include <cstddef>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;
using wire::ByteRange;
using wire::JsonReader;
using wire::JsonType;

/// The words of a vendor.
struct VectorWords {
    std::string_view list;
    std::string_view vector;
    std::string_view usage;
    std::string_view prompt;
    std::string_view total;
    bool numbered;  // each vector says which input it belongs to
};
constexpr VectorWords openai_vector_words{"data",          "embedding",    "usage",
                                          "prompt_tokens", "total_tokens", true};
constexpr VectorWords gemini_vector_words{"embeddings",       "values",          "usageMetadata",
                                          "promptTokenCount", "totalTokenCount", false};

const VectorWords& vector_words(Endpoint endpoint) noexcept {
    return endpoint == Endpoint::batch_embed_contents ? gemini_vector_words : openai_vector_words;
}

/// `[0.5, -1e-3]`, of JSON that was validated: no `null` or list among the numbers, and at least one.
bool is_list_of_numbers(std::string_view array) {
    const auto inside = inside_of(array);
    const auto others = std::count_if(inside.begin(), inside.end(),
                                      [](char c) { return (c > '9' && c != 'e' && c != 'E') || c == '"'; });
    return others == 0 && !is_blank_json(inside);
}

/// An element of the list of vectors.
struct VectorPlace {
    ByteRange element{};
    ByteRange number{};  // the value that says which input it is for; empty: where that is to be inserted
    std::optional<std::int64_t> input{};
};

struct ToldTokens {
    std::optional<std::int64_t> prompt{};
    std::optional<std::int64_t> total{};
};

/// Reads a whole reply.
class VectorsReader {
public:
    VectorsReader(Endpoint endpoint, std::string_view body)
        : words_(vector_words(endpoint)), body_(body), json_(body, reply_limits) {}

    /// False: it is no reply with vectors.
    bool read() {
        if (json_.peek() != JsonType::object) {
            return false;
        }
        json_.begin_object();
        while (json_.next_member()) {
            read_member();
        }
        good_ = good_ && found_list_ && json_.finish() && put_in_order();
        return good_;
    }

    std::size_t size() const noexcept { return vectors_.size(); }
    const ToldTokens& tokens() const noexcept { return tokens_; }

    /// Appends a vector as that of the input with that number.
    void append_vector(std::size_t which, std::size_t as, std::string& out) const {
        const auto& place = vectors_[which];
        if (!words_.numbered) {
            out += text_at(body_, place.element);
            return;
        }
        const bool insert = place.number.size() == 0;
        out += text_at(body_, {place.element.begin, place.number.begin});
        out += insert ? "\"index\":" : "";
        out += std::to_string(as);
        out += insert ? "," : "";
        out += text_at(body_, {place.number.end, place.element.end});
    }

    /// The reply with other vectors, the inside of a list, and other tokens where it tells them.
    std::string with(std::string_view vectors, const ToldTokens& tokens) const {
        const auto usage = usage_.size() == 0 ? std::string() : usage_with(tokens);
        const bool usage_first = usage_.begin < list_.begin;
        std::string out;
        out.reserve(body_.size() - list_.size() + vectors.size() + usage.size());
        std::size_t from = 0;
        const auto replace = [&](ByteRange range, std::string_view text) {
            out += body_.substr(from, range.begin - from);
            out += text;
            from = range.end;
        };
        if (usage_.size() != 0 && usage_first) {
            replace(usage_, usage);
        }
        replace(list_, vectors);
        if (usage_.size() != 0 && !usage_first) {
            replace(usage_, usage);
        }
        out += body_.substr(from);
        return out;
    }

private:
    void read_member() {
        if (json_.key() == words_.list) {
            good_ = good_ && !found_list_ && json_.peek() == JsonType::array;
            found_list_ = true;
            read_list();
        } else if (json_.key() == words_.usage && json_.peek() == JsonType::object) {
            good_ = good_ && usage_.size() == 0;
            read_told();
        } else {
            json_.skip();
        }
    }

    void read_list() {
        if (json_.peek() != JsonType::array) {
            json_.skip();
            return;
        }
        const auto begin = json_.offset();
        json_.begin_array();
        while (json_.next_element()) {
            read_element();
        }
        const auto list = container_range(body_, begin, json_.offset(), ']');
        list_ = {begin + 1, std::max(begin + 1, list.end - 1)};
    }

    void read_element() {
        VectorPlace place;
        place.element.begin = json_.offset();
        place.number = {place.element.begin + 1, place.element.begin + 1};
        int found = 0;
        if (json_.peek() != JsonType::object) {
            good_ = false;
            json_.skip();
            return;
        }
        json_.begin_object();
        while (json_.next_member()) {
            if (json_.key() == words_.vector) {
                ++found;
                good_ = is_vector() && good_;
            } else if (words_.numbered && json_.key() == "index") {
                good_ = good_ && !place.input && json_.peek() == JsonType::number;
                place.number = json_.skip();
                place.input = kept_reader(text_at(body_, place.number)).integer().value_or(-1);
            } else {
                json_.skip();
            }
        }
        place.element = container_range(body_, place.element.begin, json_.offset(), '}');
        good_ = good_ && found == 1;
        vectors_.push_back(place);
    }

    /// Passes over it.
    bool is_vector() {
        const auto type = json_.peek();
        const auto text = text_at(body_, json_.skip());
        if (!json_.ok()) {
            return false;
        }
        // As base64, if that was asked for.
        return type == JsonType::array ? is_list_of_numbers(text)
                                       : words_.numbered && type == JsonType::string && text.size() > 2;
    }

    void read_told() {
        const auto begin = json_.offset();
        json_.begin_object();
        while (json_.next_member()) {
            auto* const count = json_.key() == words_.prompt  ? &tokens_.prompt
                                : json_.key() == words_.total ? &tokens_.total
                                                              : nullptr;
            if (count == nullptr || json_.peek() != JsonType::number) {
                json_.skip();
                continue;
            }
            const auto number = json_.integer();
            if (number && *number >= 0 && *number <= most_tokens) {
                *count = number;
            }
        }
        usage_ = container_range(body_, begin, json_.offset(), '}');
    }

    /// Each input has one vector: by the numbers, or without any by their places.
    bool put_in_order() {
        const auto is_numbered = [](const VectorPlace& place) { return place.input.has_value(); };
        if (std::none_of(vectors_.begin(), vectors_.end(), is_numbered)) {
            return true;
        }
        std::vector<VectorPlace> ordered(vectors_.size());
        for (const auto& place : vectors_) {
            const auto input = place.input.value_or(-1);
            if (input < 0 || input >= static_cast<std::int64_t>(ordered.size()) ||
                ordered[static_cast<std::size_t>(input)].input) {
                return false;
            }
            ordered[static_cast<std::size_t>(input)] = place;
        }
        vectors_ = std::move(ordered);
        return true;
    }

    /// Details are those of one call, and go with it.
    std::string usage_with(const ToldTokens& tokens) const {
        const auto told = text_at(body_, usage_);
        std::string out;
        JsonOut out_json(out);
        auto json = kept_reader(told);
        out_json.begin_object();
        json.begin_object();
        while (json.next_member()) {
            const auto type = json.peek();
            const std::string name(json.key());
            const auto value = text_at(told, json.skip());
            const auto& count = name == words_.prompt ? tokens_.prompt : tokens_.total;
            if ((name == words_.prompt || name == words_.total) && count) {
                out_json.any_key(name).integer(
                    (name == words_.prompt ? tokens.prompt : tokens.total).value_or(0));
            } else if (type != JsonType::object && type != JsonType::array) {
                out_json.any_key(name).raw(value);
            }
        }
        out_json.end_object();
        return out;
    }

    const VectorWords& words_;
    std::string_view body_;
    JsonReader json_;
    ByteRange list_;   // its inside
    ByteRange usage_;  // empty: none is told
    std::vector<VectorPlace> vectors_;
    ToldTokens tokens_;
    bool found_list_{false};
    bool good_{true};
};

}  // namespace

std::optional<std::vector<std::string>> split_vectors(Endpoint endpoint, std::string_view reply,
                                                      std::span<const std::int64_t> weights) {
    VectorsReader reader(endpoint, reply);
    if (!reader.read() || reader.size() != weights.size()) {
        return std::nullopt;
    }
    std::vector<std::string> replies;
    if (weights.size() == 1) {
        replies.emplace_back(reply);
        return replies;
    }
    const auto prompts = shares_of(reader.tokens().prompt.value_or(0), weights);
    const auto totals = shares_of(reader.tokens().total.value_or(0), weights);
    replies.reserve(weights.size());
    std::string vector;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        vector.clear();
        reader.append_vector(i, 0, vector);
        replies.push_back(reader.with(vector, {prompts[i], totals[i]}));
    }
    return replies;
}

std::optional<std::string> join_vectors(Endpoint endpoint, std::string_view frame,
                                        std::span<const std::string_view> replies) {
    VectorsReader around(endpoint, frame);
    if (!around.read()) {
        return std::nullopt;
    }
    std::size_t size = 0;
    for (const auto reply : replies) {
        size += reply.size();
    }
    std::string vectors;
    vectors.reserve(size);
    std::int64_t prompt = 0;
    std::int64_t total = 0;
    for (std::size_t i = 0; i < replies.size(); ++i) {
        VectorsReader reader(endpoint, replies[i]);
        if (!reader.read() || reader.size() != 1) {
            return std::nullopt;
        }
        vectors += i == 0 ? "" : ",";
        reader.append_vector(0, i, vectors);
        prompt += reader.tokens().prompt.value_or(0);
        total += reader.tokens().total.value_or(0);
    }
    return around.with(vectors, {prompt, total});
}

}  // namespace gatehouse::dialect

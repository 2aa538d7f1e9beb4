#include "gemini_client_request.hpp"
#include "gemini_parts.hpp"

#include "gatehouse/core/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace gatehouse::dialect {
namespace {

using chat::Effort;
using chat::OutputKind;
using wire::JsonType;

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

/// Reads `generationConfig`, field by field (wire-formats 6.1).
class GenerationReader {
public:
    GenerationReader(FieldReader& fields, chat::Conversation& conversation)
        : fields_(fields), said_(conversation) {}

    void read(const Place& at);

private:
    struct Field {
        std::string_view name;
        void (GenerationReader::*read)(const Place& at);
    };

    /// protobuf writes 64-bit integers as text, and Python's SDK some as `40.0`.
    std::optional<std::int64_t> integer(const Place& at, std::int64_t low, std::int64_t high);

    void temperature(const Place& at) { said_.temperature = fields_.number(at, 0, 2); }
    void top_p(const Place& at) { said_.top_p = fields_.number(at, 0, 1); }
    void top_k(const Place& at) { said_.top_k = integer(at, 1, most); }
    void candidate_count(const Place& at) { said_.choices = integer(at, 1, 8).value_or(1); }
    void max_output_tokens(const Place& at) { said_.max_tokens = integer(at, 1, most); }
    void presence_penalty(const Place& at) { said_.presence_penalty = fields_.number(at, -2, 2); }
    void frequency_penalty(const Place& at) { said_.frequency_penalty = fields_.number(at, -2, 2); }
    void seed(const Place& at) { said_.seed = integer(at, std::numeric_limits<std::int64_t>::min(), most); }
    void response_logprobs(const Place& at) { said_.logprobs = fields_.boolean(at).value_or(false); }
    void logprobs(const Place& at) { said_.top_logprobs = integer(at, 0, 20); }
    void stop_sequences(const Place& at);
    void response_mime_type(const Place& at);
    void response_schema(const Place& at) { google_schema_ = read_google_schema(fields_, at); }
    void response_json_schema(const Place& at) { said_.output.schema = fields_.optional_object_json(at); }
    void response_modalities(const Place& at);
    void media_resolution(const Place& at);
    void thinking_config(const Place& at);
    void settle_output(const Place& at);

    FieldReader& fields_;
    chat::Conversation& said_;
    std::string google_schema_;
    bool json_{false};
};

void GenerationReader::read(const Place& at) {
    using Self = GenerationReader;
    static constexpr std::array known{
        Field{"temperature", &Self::temperature},
        Field{"topP", &Self::top_p},
        Field{"topK", &Self::top_k},
        Field{"candidateCount", &Self::candidate_count},
        Field{"maxOutputTokens", &Self::max_output_tokens},
        Field{"presencePenalty", &Self::presence_penalty},
        Field{"frequencyPenalty", &Self::frequency_penalty},
        Field{"seed", &Self::seed},
        Field{"responseLogprobs", &Self::response_logprobs},
        Field{"logprobs", &Self::logprobs},
        Field{"stopSequences", &Self::stop_sequences},
        Field{"responseMimeType", &Self::response_mime_type},
        Field{"responseSchema", &Self::response_schema},
        Field{"responseJsonSchema", &Self::response_json_schema},
        Field{"_responseJsonSchema", &Self::response_json_schema},  // as it was called in preview
        Field{"responseModalities", &Self::response_modalities},
        Field{"mediaResolution", &Self::media_resolution},
        Field{"thinkingConfig", &Self::thinking_config},
    };
    if (!fields_.optional_object(at)) {
        return;
    }
    while (fields_.next_member()) {
        const auto key = camel_case(fields_.key());
        const auto field =
            std::find_if(known.begin(), known.end(), [&](const Field& each) { return each.name == key; });
        if (field != known.end()) {
            (this->*field->read)({at, field->name});
        } else {
            add_other(said_.others, "generationConfig." + key, fields_.json());
        }
    }
    settle_output(at);
}

std::optional<std::int64_t> GenerationReader::integer(const Place& at, std::int64_t low, std::int64_t high) {
    const auto type = fields_.peek();
    if (type != JsonType::string && type != JsonType::number) {
        return fields_.integer(at, low, high);
    }
    auto text = type == JsonType::string ? fields_.string(at) : fields_.json();
    if (const auto dot = text.find('.'); dot != std::string::npos && dot + 1 < text.size() &&
                                         text.find_first_not_of('0', dot + 1) == std::string::npos) {
        text.resize(dot);
    }
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (text.empty() || read.ec != std::errc() || read.ptr != end || value < low || value > high) {
        fields_.invalid(at, "an integer of at least " + std::to_string(low) +
                                (high == most ? "" : " and at most " + std::to_string(high)));
        return std::nullopt;
    }
    return value;
}

void GenerationReader::stop_sequences(const Place& at) {
    said_.stop.clear();
    read_each(fields_, at, [&](const Place& each) { said_.stop.push_back(fields_.string(each)); });
    std::erase(said_.stop, std::string());
}

void GenerationReader::response_mime_type(const Place& at) {
    const auto type = to_lower(fields_.optional_string(at).value_or(""));
    json_ = type == "application/json";
    if (type == "text/x.enum") {
        fields_.unsupported(at, "an enumerator without quotes is a form that only Google's models have");
    } else if (!json_ && !type.empty() && type != "text/plain") {
        fields_.invalid(at, "one of 'text/plain', 'application/json' and 'text/x.enum'");
    }
}

void GenerationReader::response_modalities(const Place& at) {
    constexpr std::array<std::string_view, 4> kinds{"TEXT", "IMAGE", "AUDIO", "VIDEO"};
    read_each(fields_, at, [&](const Place& each) {
        const auto kind = read_enumerator(fields_, each, kinds);
        if (kind && *kind != 0) {
            fields_.unsupported(each, "the model gives text alone");
        }
    });
}

void GenerationReader::media_resolution(const Place& at) {
    constexpr std::array<std::string_view, 3> levels{"MEDIA_RESOLUTION_LOW", "MEDIA_RESOLUTION_MEDIUM",
                                                     "MEDIA_RESOLUTION_HIGH"};
    if (const auto level = read_enumerator(fields_, at, levels)) {
        add_other(said_.others, "generationConfig.mediaResolution", wire::json_string(levels[*level]));
    }
}

void GenerationReader::thinking_config(const Place& at) {
    constexpr std::array<std::string_view, 5> levels{"MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"};
    constexpr std::array efforts{Effort::minimal, Effort::low, Effort::medium, Effort::high, Effort::xhigh};
    if (!fields_.optional_object(at)) {
        return;
    }
    auto& wish = said_.reasoning;
    std::optional<std::int64_t> budget;
    while (fields_.next_member()) {
        const auto key = camel_case(fields_.key());
        if (key == "includeThoughts") {
            wish.show_text = fields_.boolean({at, "includeThoughts"}).value_or(false);
        } else if (key == "thinkingBudget") {
            budget = integer({at, "thinkingBudget"}, -1, most);
        } else if (key == "thinkingLevel") {
            const auto level = read_enumerator(fields_, {at, "thinkingLevel"}, levels);
            wish.effort = level ? efforts[*level] : Effort::unsaid;
        } else {
            add_other(said_.others, "generationConfig.thinkingConfig." + key, fields_.json());
        }
    }
    if (budget && wish.effort != Effort::unsaid) {
        fields_.invalid({at, "thinkingLevel"}, "either thinkingBudget or thinkingLevel");
    }
    if (budget && *budget >= 0) {  // -1 leaves it to the model
        wish.budget = budget;
    }
}

void GenerationReader::settle_output(const Place& at) {
    auto& output = said_.output;
    if (!google_schema_.empty() && !output.schema.empty()) {
        fields_.invalid({at, "responseSchema"}, "either responseSchema or responseJsonSchema");
    }
    if (output.schema.empty()) {
        output.schema = std::move(google_schema_);
    }
    if (!output.schema.empty()) {
        output.kind = OutputKind::json_schema;
        output.name = "response";  // some providers want one
    } else if (json_) {
        output.kind = OutputKind::json_object;
    }
}

}  // namespace

void read_gemini_generation(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    GenerationReader(fields, conversation).read(at);
}

}  // namespace gatehouse::dialect

#include "openai_field_rules.hpp"

#include <array>

namespace gatehouse::dialect {
namespace {

using wire::JsonType;

constexpr JsonTypes text{JsonType::string};
constexpr JsonTypes text_or_list{JsonType::string, JsonType::array};
constexpr JsonTypes text_list_or_null{JsonType::string, JsonType::array, JsonType::null};

constexpr std::array completions_rules{OpenaiFieldRule{
    "prompt", text_list_or_null, JsonTypes{JsonType::string, JsonType::number, JsonType::array}, true,
    "a string or an array", "a string or tokens"}};
constexpr std::array embeddings_rules{
    OpenaiFieldRule{"input", text_or_list, JsonTypes{JsonType::string, JsonType::number, JsonType::array},
                    true, "a string or an array", "a string or tokens"}};
// A stored prompt or conversation can stand in for `input`.
constexpr std::array responses_rules{OpenaiFieldRule{"input", text_list_or_null, JsonTypes{JsonType::object},
                                                     false, "a string or an array of items", "an object"}};
constexpr std::array moderations_rules{OpenaiFieldRule{"input", text_or_list,
                                                       JsonTypes{JsonType::string, JsonType::object}, true,
                                                       "a string or an array", "a string or an object"}};
constexpr std::array images_rules{OpenaiFieldRule{"prompt", text, {}, true, "a string", ""}};
constexpr std::array speech_rules{
    OpenaiFieldRule{"input", text, {}, true, "a string", ""},
    OpenaiFieldRule{
        "voice", JsonTypes{JsonType::string, JsonType::object}, {}, true, "a string or an object", ""}};

}  // namespace

std::span<const OpenaiFieldRule> openai_rules_of(chat::Endpoint endpoint) noexcept {
    switch (endpoint) {
        case chat::Endpoint::completions:
            return completions_rules;
        case chat::Endpoint::embeddings:
            return embeddings_rules;
        case chat::Endpoint::responses:
            return responses_rules;
        case chat::Endpoint::moderations:
            return moderations_rules;
        case chat::Endpoint::images_generations:
            return images_rules;
        case chat::Endpoint::audio_speech:
            return speech_rules;
        default:
            return {};
    }
}

}  // namespace gatehouse::dialect

// What requests to both of OpenAI's ways to ask for a turn, chat completions and responses, have in common:
// what is decided first, schemas, tools, ids, media.
//
// Decides by ModelFacts, never by a model's name. Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "fitting_id.hpp"
#include "json_out.hpp"
#include "losses.hpp"
#include "translation_parts.hpp"
#include "turns.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// The two differ in names and in what they nest.
enum class OpenaiForm : std::uint8_t { chat, responses };

/// What the parts of a request must agree on.
struct OpenaiPlan {
    bool reasons{false};                        // it is a reasoning model
    chat::Effort effort{chat::Effort::unsaid};  // to be sent
    bool samples{false};                        // sampling parameters may be sent
    std::optional<std::int64_t> max_tokens;     // of the answer
    std::string json_tool;                      // name of a tool whose call is the answer
    bool schema{false};                         // the answer is held to one by the model itself
    bool ask_for_json{false};                   // in words
    std::optional<double> temperature;          // to be sent, as the rest below
    std::optional<double> top_p;
    std::string end_user;
    std::string service_tier;
    std::string verbosity;
    chat::JsonText prompt_cache_key;
    std::vector<chat::Member> passed;  // as they came
    chat::JsonText summary;            // how much of the thoughts is told; empty: unsaid
};

/// wire-formats 10.1, 10.3, 15.2, 18.1; names everything that has no place in the request.
OpenaiPlan plan_openai(const chat::Conversation& conversation, const chat::ModelFacts& facts, OpenaiForm form,
                       Losses& losses);

/// Names of tools and ids of calls as OpenAI takes them, the same in definitions and in the history.
class OpenaiNames {
public:
    explicit OpenaiNames(OpenaiForm form) : distinct_(form == OpenaiForm::chat ? 40 : 64) {}
    /// Ids are unique in a request; clients of other providers' models repeat them in each turn.
    const std::string& id_of(const chat::ToolCall& call);
    static std::string tool(std::string_view name);

private:
    std::map<const chat::ToolCall*, std::string> ids_;
    DistinctIds distinct_;
};

/// Is a custom tool offered as one, or as a function with one text? Old servers know functions alone.
bool keeps_custom_tools(const chat::ModelFacts& facts) noexcept;

/// What a call's arguments are in the history. `custom`: it goes there as a call of a custom tool.
std::string openai_arguments(const chat::ToolCall& call, bool custom);

/// Appends what both call by one name: `temperature`, `top_p`; and who asks, cache and tier.
void write_openai_sampling(JsonOut& json, const OpenaiPlan& plan);
void write_openai_service(JsonOut& json, const OpenaiPlan& plan, const chat::ModelFacts& facts);

/// Appends `tools`, `tool_choice`, `parallel_tool_calls`, if there are any.
void write_openai_tools(JsonOut& json, const chat::Conversation& conversation, const OpenaiPlan& plan,
                        const chat::ModelFacts& facts, OpenaiForm form, Losses& losses, ReplyMap& map);

/// The members of an answer's format behind its `type`, `json_schema`: `name`, `schema`, `strict` …
void write_openai_schema_format(JsonOut& json, const chat::OutputFormat& output, Losses& losses);

/// What a media part becomes.
enum class OpenaiMediaForm : std::uint8_t { refused, image, audio, file, text };

/// Checks a part against what the way and the model take; refuses it in the name of `messages[index]`.
OpenaiMediaForm form_of_media(const chat::Media& media, const chat::ModelFacts& facts, OpenaiForm form,
                              std::size_t index, Losses& losses);
/// `data:<type>;base64,<data>`
std::string data_url(const chat::Media& media);
/// A text document, its title before it.
std::string text_of_document(const chat::Media& media);
/// OpenAI's word for an audio type: `wav`, `mp3`; empty: it takes no other.
std::string_view audio_format(std::string_view media_type) noexcept;

/// A schema that OpenAI's strict mode takes, with the same meaning but for optional properties, which become
/// required ones that may be null; unchanged bytes where nothing must change. No value: there is none, since
/// it has open objects, or keywords that strict mode does not know (wire-formats 16.1).
std::optional<std::string> closed_schema(std::string_view schema);

}  // namespace gatehouse::dialect

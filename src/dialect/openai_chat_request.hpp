// The parts that the reader of OpenAI's chat requests is put together from; each has a source of its own.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "field_reader.hpp"

#include "gatehouse/chat/conversation.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// openai_chat_request_messages.cpp: the array of messages.
void read_chat_messages(FieldReader& fields, const Place& at, chat::Conversation& conversation);

/// openai_chat_request_parts.cpp: a message's content, a string or an array of parts; null: none.
std::vector<chat::Part> read_chat_content(FieldReader& fields, const Place& at);
/// The same source: `cache_control` in Anthropic's words, which OpenAI's clients were taught.
std::optional<chat::CacheLifetime> read_cache_control(FieldReader& fields, const Place& at);
/// The same source: OpenAI's own mark. Its longer lifetime is half a day, which the longest of the others
/// comes closest to.
std::optional<chat::CacheLifetime> read_prompt_cache_breakpoint(FieldReader& fields, const Place& at);

/// The same source: an address on the web.
bool is_link(std::string_view url);
/// Takes `data:<type>[;…];base64,<data>` apart. False for anything else.
bool take_data_url(std::string& url, chat::Media& media);
/// A file's data URL or link. Files are told apart by what they hold.
void set_file(FieldReader& fields, const Place& at, std::string data, chat::Media& file);

/// Thoughts that a client brings back, in the forms that other gateways taught it; most trusted first.
/// openai_chat_request_thoughts.cpp.
class Thoughts {
public:
    /// Reads the member if it is one that carries thoughts; false, and nothing read, if it is not.
    bool read(FieldReader& fields, std::string_view member);
    /// Appends the thoughts of the most trusted form that is there.
    void append_to(std::vector<chat::Part>& parts) &&;
    /// The signature of a call that came apart from it; empty if there is none.
    std::string signature_of(std::string_view call_id) const;

private:
    struct OfCall {
        std::string id;
        std::string signature;
    };
    void read_blocks(FieldReader& fields);
    void read_block(FieldReader& fields);
    void read_details(FieldReader& fields);
    void read_detail(FieldReader& fields);

    std::vector<chat::Reasoning> blocks_;
    std::vector<chat::Reasoning> details_;
    std::string detail_index_;  // of the last of `details_`, as JSON
    bool detail_open_{false};   // the last of `details_` is a text that may go on
    std::string text_;
    std::vector<OfCall> of_calls_;
};

/// The thought signature of a call in `extra_content` (`{"google":{"thought_signature":…}}`) or
/// `provider_specific_fields` (`{"thought_signature":…}`); empty if there is none.
std::string read_google_signature(FieldReader& fields);
std::string read_thought_signature(FieldReader& fields);
/// Cuts `__thought__<signature>` off a call's id and returns the signature.
std::string cut_thought_signature(std::string& call_id);

/// openai_chat_request_tools.cpp: `tools`, `functions`, `tool_choice`, `function_call`.
void read_chat_tools(FieldReader& fields, const Place& at, chat::Conversation& conversation);
void read_chat_functions(FieldReader& fields, const Place& at, chat::Conversation& conversation);
void read_chat_tool_choice(FieldReader& fields, const Place& at, chat::ToolChoice& choice);
void read_chat_function_choice(FieldReader& fields, const Place& at, chat::ToolChoice& choice);
/// An element of a list of tools: its name.
using ToolNameReader = std::string (*)(FieldReader& fields, const Place& at);
/// The object with the `mode` and `tools` of a choice among some, wherever a dialect has it.
void read_allowed_tools(FieldReader& fields, const Place& at, ToolNameReader read_name,
                        chat::ToolChoice& choice);
/// A choice of a tool that there is not is a fault.
void check_chat_tool_choice(FieldReader& fields, const chat::Conversation& conversation);

}  // namespace gatehouse::dialect

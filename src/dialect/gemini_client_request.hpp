// The parts that the reader of Gemini's requests is put together from; each has a source of its own.
//
// protobuf's JSON takes each key in two spellings, enumerators in any case, one object for an array of one,
// and null for what is absent; all of that holds everywhere here. Room: dialect, private. May include: core,
// wire, chat.
#pragma once

#include "field_reader.hpp"

#include "gatehouse/chat/conversation.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::dialect {

/// Calls `read(place)` for each element of an array, or for the one value that stands in its place.
template <class Read>
void read_each(FieldReader& fields, const Place& at, const Read& read) {
    if (fields.null()) {
        return;
    }
    if (fields.peek() != wire::JsonType::array) {
        read(at);
        return;
    }
    std::size_t index = 0;
    fields.array(at);
    while (fields.next_element()) {
        read(Place(at, index++));
    }
}

/// The number of the enumerator among `words` (in capitals), whatever its case; nothing for null, for the one
/// that stands for none (`…_UNSPECIFIED`), and, with a fault, for any other.
std::optional<std::size_t> read_enumerator(FieldReader& fields, const Place& at,
                                           std::span<const std::string_view> words);

/// gemini_client_parts.cpp. One part as it was said; a part holds one kind of data.
struct GeminiSaidPart {
    std::optional<std::string> text;
    std::string signature;
    bool thought{false};
    std::optional<chat::Media> media;
    std::optional<chat::ToolCall> call;
    std::optional<chat::ToolResult> result;
    std::vector<chat::Member> others;  // that no other vendor knows
};
GeminiSaidPart read_gemini_part(FieldReader& fields, const Place& at);

/// gemini_client_signature.cpp. Google's clients bring signatures back as base64; those of other vendors'
/// models are wrapped in it.
std::string wrapped_signature(chat::Vendor origin, std::string_view signature, bool redacted);
/// A signature as it came back from a client: of Gemini, unless it was wrapped. One that says nothing gives
/// nothing, no origin either.
chat::Reasoning unwrapped_signature(std::string signature);

/// gemini_client_contents.cpp: `contents` and `systemInstruction`.
class GeminiContentsReader {
public:
    GeminiContentsReader(FieldReader& fields, chat::Conversation& conversation)
        : fields_(fields), conversation_(conversation) {}
    void read(const Place& at);
    void read_system(const Place& at);

private:
    struct Call {
        std::string id;
        std::string name;
        bool answered{false};
    };

    void read_content(const Place& at);
    void add_user(const Place& at, std::vector<GeminiSaidPart> parts);
    void add_model(const Place& at, std::vector<GeminiSaidPart> parts);
    void add_said(GeminiSaidPart part);
    void add_thought(std::string text, std::string signature);
    void add_call(chat::ToolCall call, std::string signature);
    chat::Part result_of(chat::ToolResult result);
    Call* call_of(const chat::ToolResult& result);
    chat::Message& model_message();

    FieldReader& fields_;
    chat::Conversation& conversation_;
    std::size_t index_{0};  // of the content
    std::deque<Call> calls_;
    std::map<std::string, std::size_t, std::less<>> by_id_;
    std::map<std::string, std::deque<std::size_t>, std::less<>> waiting_;  // by name, of the newest turn
    std::size_t calls_of_turn_{0};
};

/// gemini_client_tools.cpp: `tools` and `toolConfig`.
void read_gemini_tools(FieldReader& fields, const Place& at, chat::Conversation& conversation);
void read_gemini_tool_config(FieldReader& fields, const Place& at, chat::Conversation& conversation);
/// A choice of a tool that there is not is a fault.
void check_gemini_tool_choice(FieldReader& fields, const chat::Conversation& conversation);

/// gemini_client_generation.cpp: `generationConfig`.
void read_gemini_generation(FieldReader& fields, const Place& at, chat::Conversation& conversation);

/// gemini_client_schema.cpp. Google's `Schema` as JSON Schema, its members in their order, properties in the
/// one that `propertyOrdering` tells. Nothing: more than 64 levels, or more than 1 MiB.
std::optional<std::string> json_schema_of(std::string_view schema);
/// Reads a value that is such a schema; null: empty.
std::string read_google_schema(FieldReader& fields, const Place& at);

/// Something that only Gemini knows: to be named as dropped, or refused. Null and empty brackets say nothing.
void add_other(std::vector<chat::Member>& others, std::string name, std::string value);

}  // namespace gatehouse::dialect

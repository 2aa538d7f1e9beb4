// The neutral conversation: what a chat request says, whichever vendor's words it was said in.
//
// Made only when a request goes to a provider of another vendor; between equals the bytes pass through. JSON
// that nobody looks into (schemas, arguments, metadata) stays text with its author's key order: prompt caches
// and thought signatures depend on the exact bytes. Room: chat. May include: core.
#pragma once

#include "gatehouse/chat/endpoint.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gatehouse::chat {

/// A JSON value as text.
using JsonText = std::string;

struct Member {
    std::string name;
    JsonText value;
};

enum class Role : std::uint8_t { system, developer, user, assistant, tool };

/// How long a prompt cache should keep the prefix that ends here.
enum class CacheLifetime : std::uint8_t { five_minutes, one_hour };

struct Text {
    std::string text;
};

/// The model would not answer, in its own words.
struct Refusal {
    std::string text;
};

enum class MediaKind : std::uint8_t { image, audio, document };

/// Bytes, a link or a provider's file: exactly one of `data`, `url`, `file_id` says where it is.
struct Media {
    MediaKind kind{MediaKind::image};
    std::string media_type;  // `image/png`; empty: nobody said
    std::string data;        // base64; of a `text/…` document the plain text
    std::string url;
    std::string file_id;
    std::string name;    // file name or title
    std::string detail;  // of an image: `low`, `high`, `auto`, `original`
};

/// Thoughts of a model, as far as they are shown, and what its provider needs to have back.
struct Reasoning {
    std::string text;
    std::string signature;           // opaque
    std::string redacted;            // opaque: a block whose text is not shown
    std::optional<Vendor> origin{};  // whose model made it, where the client's words say so
};

/// `arguments` is what the model wrote: usually the text of a JSON object, but it may be empty or broken. Of
/// a custom tool it is free text.
struct ToolCall {
    std::string id;
    std::string name;
    std::string arguments;
    bool custom{false};
    std::string signature;  // Gemini's thought signature, if the client brought one back
    std::string item_id{};  // Responses: the item's own id, beside `id`, which pairs call and output
};

struct ToolResult {
    std::string call_id;
    std::string name;  // of the tool; empty: to be looked up by `call_id`
    std::vector<std::variant<Text, Media>> parts;
    bool is_error{false};
};

struct Part {
    std::variant<Text, Refusal, Media, Reasoning, ToolCall, ToolResult> what;
    std::optional<CacheLifetime> cache;
};

struct Message {
    Role role{Role::user};
    std::string name;  // of the participant
    std::vector<Part> parts;
    std::size_t index{0};  // of the client's message, for `messages[3]` in an error
};

struct Tool {
    std::string name;
    std::string description;
    JsonText schema;  // of its parameters; empty: it has none. Of a custom tool: its `format`
    std::optional<bool> strict;
    bool custom{false};  // takes free text instead of JSON
    std::optional<CacheLifetime> cache;
};

enum class ToolChoiceKind : std::uint8_t { unsaid, automatic, none, required, named, allowed };

struct ToolChoice {
    ToolChoiceKind kind{ToolChoiceKind::unsaid};
    std::vector<std::string> names;  // named: one; allowed: those that may be called
    bool must_call{false};           // allowed: one of them must be called
};

enum class OutputKind : std::uint8_t { text, json_object, json_schema };

struct OutputFormat {
    OutputKind kind{OutputKind::text};
    std::string name;
    std::string description;
    JsonText schema;
    std::optional<bool> strict;
};

/// Ascending; `unsaid` is none of them.
enum class Effort : std::uint8_t { unsaid, none, minimal, low, medium, high, xhigh, max };

/// `minimal`, `low` …; empty for unsaid.
std::string_view name_of(Effort effort) noexcept;
std::optional<Effort> effort_named(std::string_view name) noexcept;

struct ReasoningWish {
    Effort effort{Effort::unsaid};
    std::optional<std::int64_t> budget;  // tokens
    bool show_text{false};               // the client wants to see the thoughts
    bool adaptive{false};                // to think as much as the model finds right
};

struct Conversation {
    std::vector<Message> messages;
    std::vector<Tool> tools;
    ToolChoice tool_choice;
    std::optional<bool> parallel_tool_calls;
    OutputFormat output;
    ReasoningWish reasoning;
    std::optional<std::int64_t> max_tokens;  // of the answer, thoughts included
    std::optional<double> temperature;
    std::optional<double> top_p;
    std::optional<std::int64_t> top_k;
    std::vector<std::string> stop;
    std::optional<std::int64_t> seed;
    std::optional<double> presence_penalty;
    std::optional<double> frequency_penalty;
    std::int64_t choices{1};
    bool logprobs{false};
    std::optional<std::int64_t> top_logprobs;
    std::string end_user;  // who asks, as the client's provider may know it
    std::string service_tier;
    // What the client said beyond that, and means something: to be named as dropped, or refused.
    std::vector<Member> others;
};

}  // namespace gatehouse::chat

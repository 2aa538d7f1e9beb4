#include "gatehouse/dialect/request_traits.hpp"

#include "kept_json.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::dialect {
namespace {

using wire::JsonType;

constexpr std::size_t most_metadata = 64;

/// Where a value stands in a conversation: what is said in a message is its author's, what stands deeper (in
/// the result of a tool, in a document) is not.
enum class Level : std::uint8_t { message, part, inner };

constexpr Level below(Level level) noexcept {
    return level == Level::message ? Level::part : Level::inner;
}

/// The part kinds and members of the vendors do not contradict each other, so one reader knows them all. What
/// limits the output is read in the endpoint's own words only: a field that its providers do not know limits
/// nothing.
class TraitsReader {
public:
    TraitsReader(chat::Endpoint endpoint, std::string_view body, chat::RequestTraits& found)
        : endpoint_(endpoint), body_(body), json_(kept_reader(body)), found_(found) {}

    void read_body();

private:
    template <typename OnKey>
    void members(OnKey on_key);
    template <typename OnElement>
    void elements(OnElement on_element);

    void read_member(std::string_view key);
    bool read_prompt_member(std::string_view key);
    bool read_setting(std::string_view key);
    void read_messages();
    void read_message();
    void read_loose_prompt();
    void read_token_ids();
    void read_system();
    void read_said(Level level);
    void read_node(Level level);
    void read_node_member(std::string_view key, Level level, std::string& type);
    void read_source();
    void read_blob();
    void read_call();
    void read_tools();
    void read_tool();
    void read_tool_member(std::string_view key);
    void read_format();
    void read_format_holder();
    void read_generation_config();
    void read_metadata();
    void read_max_tokens();
    void read_answers();

    void note_type(std::string_view type);
    void add_media(std::string_view media_type);
    void add_text(std::string_view text);
    void add_spoken(std::string_view text);
    void add_json();
    void add_string();
    bool is_string() noexcept { return json_.peek() == JsonType::string; }
    bool limits_output(std::string_view key) const noexcept;

    chat::Endpoint endpoint_;
    std::string_view body_;
    wire::JsonReader json_;
    chat::RequestTraits& found_;
    std::string spoken_;  // in the message that is being read
};

/// `on_key` must read or skip the value; a key is valid until then.
template <typename OnKey>
void TraitsReader::members(OnKey on_key) {
    if (json_.peek() != JsonType::object) {
        json_.skip();
        return;
    }
    json_.begin_object();
    while (json_.next_member()) {
        on_key(json_.key());
    }
}

/// The elements of an array; any other value stands for itself.
template <typename OnElement>
void TraitsReader::elements(OnElement on_element) {
    if (json_.peek() != JsonType::array) {
        on_element();
        return;
    }
    json_.begin_array();
    while (json_.next_element()) {
        on_element();
    }
}

void TraitsReader::add_text(std::string_view text) {
    if (!text.empty()) {
        found_.text += text;
        found_.text += '\n';
    }
}

void TraitsReader::add_spoken(std::string_view text) {
    if (text.empty()) {
        return;
    }
    if (!spoken_.empty()) {
        spoken_ += '\n';
    }
    spoken_ += text;
}

void TraitsReader::add_json() {
    add_text(text_at(body_, json_.skip()));
}

void TraitsReader::add_string() {
    if (is_string()) {
        add_text(json_.string());
    } else {
        json_.skip();
    }
}

void TraitsReader::add_media(std::string_view media_type) {
    if (media_type.starts_with("image/")) {
        found_.contents.add(chat::Content::image);
    } else if (media_type.starts_with("audio/")) {
        found_.contents.add(chat::Content::audio);
    } else {
        found_.contents.add(chat::Content::file);
    }
    ++found_.media;
}

void TraitsReader::read_body() {
    members([this](std::string_view key) { read_member(key); });
}

void TraitsReader::read_member(std::string_view key) {
    const bool wrapped = key == "generateContentRequest" || key == "generate_content_request";
    if (wrapped && endpoint_ == chat::Endpoint::count_content_tokens) {
        read_body();
    } else if (!read_prompt_member(key) && !read_setting(key)) {
        json_.skip();
    }
}

bool TraitsReader::read_prompt_member(std::string_view key) {
    if (key == "messages" || key == "contents" || key == "content") {
        read_messages();
    } else if (key == "input" || key == "prompt") {
        read_loose_prompt();
    } else if (key == "requests") {  // of batchEmbedContents
        elements([this] { read_body(); });
    } else if (key == "system" || key == "instructions" || key == "systemInstruction" ||
               key == "system_instruction") {
        read_system();
    } else {
        return false;
    }
    return true;
}

bool TraitsReader::read_setting(std::string_view key) {
    if (key == "tools" || key == "functions") {
        read_tools();
    } else if (key == "response_format" || key == "output_format") {
        read_format();
    } else if (key == "text" || key == "output_config") {
        read_format_holder();
    } else if (key == "generationConfig" || key == "generation_config") {
        read_generation_config();
    } else if (key == "metadata" || key == "labels") {
        read_metadata();
    } else if (limits_output(key)) {
        read_max_tokens();
    } else if (key == "n" || key == "best_of") {
        read_answers();
    } else {
        return false;
    }
    return true;
}

/// Is it the body's member that the endpoint's providers limit their output by?
bool TraitsReader::limits_output(std::string_view key) const noexcept {
    switch (endpoint_) {
        case chat::Endpoint::chat_completions:
            return key == "max_tokens" || key == "max_completion_tokens";
        case chat::Endpoint::completions:
        case chat::Endpoint::messages:
            return key == "max_tokens";
        case chat::Endpoint::responses:
            return key == "max_output_tokens";
        default:
            return false;
    }
}

void TraitsReader::read_messages() {
    elements([this] { read_message(); });
}

void TraitsReader::read_message() {
    ++found_.messages;
    spoken_.clear();
    std::string role = "user";
    if (is_string()) {
        read_said(Level::message);
    } else {
        std::string type;
        members([&](std::string_view key) {
            if (key == "role" && is_string()) {
                role = json_.string();
            } else {
                read_node_member(key, Level::message, type);
            }
        });
        note_type(type);
    }
    if (role == "user" && !spoken_.empty()) {
        if (++found_.user_turns == 1) {
            found_.first_text = chat::beginning_of(spoken_, chat::most_first_text);
        }
        found_.user_text = std::exchange(spoken_, {});
    }
}

void TraitsReader::read_token_ids() {
    elements([this] {
        found_.token_ids += json_.peek() == JsonType::number ? 1 : 0;
        json_.skip();
    });
}

/// Embeddings, completions and moderations: texts, tokens, lists of tokens; Responses: items. Tokens outside
/// of a list of their own are one prompt together.
void TraitsReader::read_loose_prompt() {
    elements([this] {
        const auto type = json_.peek();
        found_.prompts += type == JsonType::array || type == JsonType::string ? 1 : 0;
        if (type == JsonType::array) {
            read_token_ids();
        } else if (type == JsonType::number) {
            ++found_.token_ids;
            json_.skip();
        } else if (type == JsonType::null) {
            json_.skip();
        } else {
            read_message();
        }
    });
}

void TraitsReader::read_system() {
    if (json_.peek() == JsonType::null) {
        json_.skip();
        return;
    }
    ++found_.messages;
    read_said(Level::inner);
}

/// A text, or a list of parts.
void TraitsReader::read_said(Level level) {
    elements([this, level] {
        if (!is_string()) {
            read_node(level);
            return;
        }
        const auto text = json_.string();
        add_text(text);
        if (level != Level::inner) {
            add_spoken(text);
        }
    });
}

/// A part, a block or an item.
void TraitsReader::read_node(Level level) {
    std::string type;
    members([&](std::string_view key) { read_node_member(key, level, type); });
    note_type(type);
}

void TraitsReader::read_node_member(std::string_view key, Level level, std::string& type) {
    if (key == "type" && is_string()) {
        type = json_.string();
    } else if (key == "text") {
        read_said(level);
    } else if (key == "content" || key == "parts") {
        read_said(below(level));
    } else if (key == "output" || key == "summary") {
        read_said(Level::inner);
    } else if (key == "refusal" || key == "thinking" || key == "name" || key == "arguments") {
        add_string();
    } else if (key == "input") {
        add_json();
    } else if (key == "source") {
        read_source();
    } else if (key == "inlineData" || key == "inline_data" || key == "fileData" || key == "file_data") {
        read_blob();
    } else if (key == "function" || key == "functionCall" || key == "function_call" ||
               key == "functionResponse" || key == "function_response") {
        read_call();
    } else if (key == "tool_calls") {
        elements([this] { read_node(Level::inner); });
    } else {
        json_.skip();
    }
}

void TraitsReader::note_type(std::string_view type) {
    if (type == "image_url" || type == "image" || type == "input_image" || type == "computer_screenshot") {
        add_media("image/");
    } else if (type == "input_audio") {
        add_media("audio/");
    } else if (type == "file" || type == "document" || type == "input_file") {
        add_media("");
    }
}

/// Anthropic's: bytes, a link, or the text or blocks of a document.
void TraitsReader::read_source() {
    std::string type;
    wire::ByteRange data;
    members([&](std::string_view key) {
        if (key == "type" && is_string()) {
            type = json_.string();
        } else if (key == "data" && is_string()) {
            data = json_.skip();  // a picture's bytes are of no interest
        } else if (key == "content") {
            read_said(Level::inner);
        } else {
            json_.skip();
        }
    });
    if (type == "text") {
        add_text(string_of(text_at(body_, data)));
    }
}

/// Gemini's bytes or link.
void TraitsReader::read_blob() {
    if (json_.peek() != JsonType::object) {
        json_.skip();  // of Responses: the part's type says what it is
        return;
    }
    std::string media_type;
    members([&](std::string_view key) {
        if ((key == "mimeType" || key == "mime_type") && is_string()) {
            media_type = json_.string();
        } else {
            json_.skip();
        }
    });
    add_media(media_type);
}

void TraitsReader::read_call() {
    members([this](std::string_view key) {
        if (key == "name" || key == "arguments") {
            add_string();
        } else if (key == "args" || key == "response") {
            add_json();
        } else if (key == "parts") {
            read_said(Level::inner);
        } else {
            json_.skip();
        }
    });
}

void TraitsReader::read_tools() {
    elements([this] {
        if (json_.peek() == JsonType::object) {
            read_tool();
        } else {
            json_.skip();
        }
    });
}

void TraitsReader::read_tool() {
    ++found_.tools;
    found_.contents.add(chat::Content::tools);
    members([this](std::string_view key) { read_tool_member(key); });
}

void TraitsReader::read_tool_member(std::string_view key) {
    if (key == "name" || key == "description") {
        add_string();
    } else if (key == "parameters" || key == "input_schema" || key == "parametersJsonSchema" ||
               key == "parameters_json_schema") {
        add_json();
    } else if (key == "function" || key == "custom") {
        members([this](std::string_view inner) { read_tool_member(inner); });
    } else if (key == "functionDeclarations" || key == "function_declarations") {
        elements([this] { members([this](std::string_view inner) { read_tool_member(inner); }); });
    } else {
        json_.skip();
    }
}

/// OpenAI's and Anthropic's: `{"type": "json_schema", …}`.
void TraitsReader::read_format() {
    if (json_.peek() != JsonType::object) {
        json_.skip();
        return;
    }
    const auto format = text_at(body_, json_.skip());
    if (string_of(member_of(format, "type")) != "json_schema") {
        return;
    }
    found_.contents.add(chat::Content::schema);
    const auto wrapped = member_of(format, "json_schema");
    add_text(member_of(wrapped.empty() ? format : wrapped, "schema"));
}

void TraitsReader::read_format_holder() {
    members([this](std::string_view key) {
        if (key == "format") {
            read_format();
        } else {
            json_.skip();
        }
    });
}

void TraitsReader::read_generation_config() {
    const bool gemini = chat::vendor_of(endpoint_) == chat::Vendor::gemini;
    members([this, gemini](std::string_view key) {
        const bool schema = key == "responseSchema" || key == "response_schema" ||
                            key == "responseJsonSchema" || key == "response_json_schema";
        if (schema && json_.peek() == JsonType::object) {
            found_.contents.add(chat::Content::schema);
            add_json();
        } else if ((key == "maxOutputTokens" || key == "max_output_tokens") && gemini) {
            read_max_tokens();
        } else if (key == "candidateCount" || key == "candidate_count") {
            read_answers();
        } else {
            json_.skip();
        }
    });
}

/// Of two fields for it the larger counts: which one a provider obeys is its own affair. A 0 is a limit where
/// the vendor says so; to others it is as good as none.
void TraitsReader::read_max_tokens() {
    if (json_.peek() != JsonType::number) {
        json_.skip();
        return;
    }
    const bool may_be_none =
        endpoint_ == chat::Endpoint::completions || endpoint_ == chat::Endpoint::messages;
    const auto value = json_.integer();
    if (value && *value >= (may_be_none ? 0 : 1)) {
        found_.max_tokens = std::max(*value, found_.max_tokens.value_or(*value));
    }
}

/// All that are made are paid for, also those that are not shown.
void TraitsReader::read_answers() {
    if (json_.peek() != JsonType::number) {
        json_.skip();
        return;
    }
    found_.answers = std::max(found_.answers, json_.integer().value_or(1));
}

void TraitsReader::read_metadata() {
    members([this](std::string_view key) {
        if (is_string() && found_.metadata.size() < most_metadata) {
            std::string name(key);
            found_.metadata.insert_or_assign(std::move(name), json_.string());
        } else {
            json_.skip();
        }
    });
}

}  // namespace

chat::RequestTraits traits_of(const chat::Request& request) {
    chat::RequestTraits found;
    if (!request.original.content_type.empty()) {
        found.contents.add(chat::Content::audio);
        return found;
    }
    TraitsReader(request.endpoint, request.original.bytes, found).read_body();
    return found;
}

}  // namespace gatehouse::dialect

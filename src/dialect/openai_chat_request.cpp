#include "openai_chat_request.hpp"

#include "other_fields.hpp"
#include "translation_parts.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Effort;
using chat::OutputKind;

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::array<std::string_view, 7> efforts{"none", "minimal", "low", "medium", "high", "xhigh", "max"};

/// Reads one body, field by field (wire-formats 2.1).
class ChatRequestReader {
public:
    explicit ChatRequestReader(std::string_view body) : fields_(body) {}

    Result<chat::Conversation> read();

private:
    struct Field {
        std::string_view name;
        void (ChatRequestReader::*read)(const Place& at);
    };

    void read_field(std::string_view name);
    void finish();

    void messages(const Place& at) {
        has_messages_ = true;
        read_chat_messages(fields_, at, said_);
    }
    void tools(const Place& at) { read_chat_tools(fields_, at, said_); }
    void functions(const Place& at) { read_chat_functions(fields_, at, said_); }
    void tool_choice(const Place& at) { read_chat_tool_choice(fields_, at, said_.tool_choice); }
    void function_choice(const Place& at) { read_chat_function_choice(fields_, at, old_choice_); }
    void parallel_tool_calls(const Place& at) { said_.parallel_tool_calls = fields_.boolean(at); }
    void response_format(const Place& at);
    void json_schema(const Place& at);
    void max_completion_tokens(const Place& at) { said_.max_tokens = fields_.integer(at, 1, most); }
    void max_tokens(const Place& at) { old_max_tokens_ = fields_.integer(at, 1, most); }
    void temperature(const Place& at) { said_.temperature = fields_.number(at, 0, 2); }
    void top_p(const Place& at) { said_.top_p = fields_.number(at, 0, 1); }
    void top_k(const Place& at);
    void stop(const Place& at);
    void seed(const Place& at) { said_.seed = fields_.integer(at, least, most); }
    void presence_penalty(const Place& at) { said_.presence_penalty = fields_.number(at, -2, 2); }
    void frequency_penalty(const Place& at) { said_.frequency_penalty = fields_.number(at, -2, 2); }
    void choices(const Place& at) { said_.choices = fields_.integer(at, 1, 128).value_or(1); }
    void logprobs(const Place& at) { said_.logprobs = fields_.boolean(at).value_or(false); }
    void top_logprobs(const Place& at) { said_.top_logprobs = fields_.integer(at, 0, 20); }
    void user(const Place& at) { user_ = fields_.optional_string(at).value_or(""); }
    void safety_identifier(const Place& at) { said_.end_user = fields_.optional_string(at).value_or(""); }
    void service_tier(const Place& at) { said_.service_tier = fields_.optional_string(at).value_or(""); }
    void reasoning_effort(const Place& at) { effort_ = read_effort(at); }
    void reasoning(const Place& at);
    void include_reasoning(const Place& at) { include_reasoning_ = fields_.boolean(at); }
    void modalities(const Place& at);
    void verbosity(const Place& at);
    void store(const Place& at);
    void web_search_options(const Place& at);
    /// Said to the gateway, or of no consequence.
    void nothing(const Place&) { fields_.skip(); }

    Effort read_effort(const Place& at);
    void other(std::string_view name) { read_other(fields_, name, said_.others); }

    FieldReader fields_;
    chat::Conversation said_;
    chat::ToolChoice old_choice_;
    std::optional<std::int64_t> old_max_tokens_;
    std::string user_;
    Effort effort_{Effort::unsaid};
    std::optional<bool> include_reasoning_;
    bool has_messages_{false};
};

Result<chat::Conversation> ChatRequestReader::read() {
    const Place body;
    if (fields_.object(body)) {
        while (fields_.next_member()) {
            read_field(fields_.key());
        }
    }
    finish();
    if (auto status = fields_.status(); !status) {
        return std::move(status).problem();
    }
    return std::move(said_);
}

void ChatRequestReader::read_field(std::string_view name) {
    using Self = ChatRequestReader;
    static constexpr std::array known{
        Field{"messages", &Self::messages},
        Field{"model", &Self::nothing},
        Field{"stream", &Self::nothing},
        Field{"stream_options", &Self::nothing},
        Field{"store", &Self::store},
        Field{"tools", &Self::tools},
        Field{"tool_choice", &Self::tool_choice},
        Field{"parallel_tool_calls", &Self::parallel_tool_calls},
        Field{"functions", &Self::functions},
        Field{"function_call", &Self::function_choice},
        Field{"response_format", &Self::response_format},
        Field{"max_completion_tokens", &Self::max_completion_tokens},
        Field{"max_tokens", &Self::max_tokens},
        Field{"temperature", &Self::temperature},
        Field{"top_p", &Self::top_p},
        Field{"top_k", &Self::top_k},
        Field{"stop", &Self::stop},
        Field{"seed", &Self::seed},
        Field{"presence_penalty", &Self::presence_penalty},
        Field{"frequency_penalty", &Self::frequency_penalty},
        Field{"n", &Self::choices},
        Field{"logprobs", &Self::logprobs},
        Field{"top_logprobs", &Self::top_logprobs},
        Field{"user", &Self::user},
        Field{"safety_identifier", &Self::safety_identifier},
        Field{"service_tier", &Self::service_tier},
        Field{"reasoning_effort", &Self::reasoning_effort},
        Field{"reasoning", &Self::reasoning},
        Field{"include_reasoning", &Self::include_reasoning},
        Field{"modalities", &Self::modalities},
        Field{"verbosity", &Self::verbosity},
        Field{"web_search_options", &Self::web_search_options},
    };
    const auto field =
        std::find_if(known.begin(), known.end(), [&](const Field& each) { return each.name == name; });
    if (field == known.end()) {
        other(name);
        return;
    }
    const Place body;
    (this->*field->read)({body, field->name});
}

/// What stands for something only together with other fields.
void ChatRequestReader::finish() {
    const Place body;
    if (!has_messages_) {
        fields_.missing({body, "messages"});
    }
    if (said_.tool_choice.kind == chat::ToolChoiceKind::unsaid) {
        said_.tool_choice = std::move(old_choice_);
    }
    check_chat_tool_choice(fields_, said_);
    if (!said_.max_tokens) {
        said_.max_tokens = old_max_tokens_;
    }
    if (said_.end_user.empty()) {
        said_.end_user = std::move(user_);
    }
    auto& reasoning = said_.reasoning;
    reasoning.effort = effort_ == Effort::unsaid ? reasoning.effort : effort_;
    reasoning.show_text = include_reasoning_.value_or(reasoning.show_text);
}

void ChatRequestReader::web_search_options(const Place& at) {
    // Unlike elsewhere, an empty object means something: search, with the usual settings.
    if (auto options = fields_.optional_object_json(at); !options.empty()) {
        said_.others.push_back({"web_search_options", std::move(options)});
    }
}

void ChatRequestReader::verbosity(const Place& at) {
    constexpr std::array<std::string_view, 3> words{"low", "medium", "high"};
    if (fields_.null()) {
        return;
    }
    const auto word = fields_.word(at, words);
    if (word && words[*word] != "medium") {  // the default
        said_.others.push_back({"verbosity", wire::json_string(words[*word])});
    }
}

/// Who wants its answer kept there looks for it later; not to keep it is what happens anyway.
void ChatRequestReader::store(const Place& at) {
    if (fields_.boolean(at) == true) {
        said_.others.push_back({"store", "true"});
    }
}

void ChatRequestReader::modalities(const Place& at) {
    constexpr std::array<std::string_view, 3> kinds{"text", "audio", "image"};
    std::string asked;
    bool more_than_text = false;
    std::size_t index = 0;
    if (!fields_.optional_array(at)) {
        return;
    }
    while (fields_.next_element()) {
        if (const auto kind = fields_.word({at, index++}, kinds)) {
            more_than_text = more_than_text || *kind != 0;
            asked += asked.empty() ? "" : ",";
            asked += wire::json_string(kinds[*kind]);
        }
    }
    if (more_than_text) {
        said_.others.push_back({"modalities", "[" + asked + "]"});
    }
}

void ChatRequestReader::top_k(const Place& at) {
    said_.top_k = fields_.integer(at, -1, most);
    if (said_.top_k && *said_.top_k <= 0) {
        said_.top_k.reset();  // the servers that have this field take it for "off"
    }
}

void ChatRequestReader::stop(const Place& at) {
    if (fields_.null()) {
        return;
    }
    if (fields_.peek() == wire::JsonType::string) {
        said_.stop.push_back(fields_.string(at));
    } else if (fields_.peek() != wire::JsonType::array) {
        fields_.wrong_type(at, "a string or an array of strings");
    } else {
        fields_.array(at);
        while (fields_.next_element()) {
            said_.stop.push_back(fields_.string({at, said_.stop.size()}));
        }
    }
    std::erase(said_.stop, std::string());
}

Effort ChatRequestReader::read_effort(const Place& at) {
    if (fields_.null()) {
        return Effort::unsaid;
    }
    const auto word = fields_.word(at, efforts);
    return word ? chat::effort_named(efforts[*word]).value_or(Effort::unsaid) : Effort::unsaid;
}

/// The form of OpenRouter: who sends it wants to see the thoughts, unless it says otherwise.
void ChatRequestReader::reasoning(const Place& at) {
    if (!fields_.optional_object(at)) {
        return;
    }
    auto& wish = said_.reasoning;
    std::optional<bool> enabled;
    bool exclude = false;
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "effort") {
            wish.effort = read_effort({at, "effort"});
        } else if (key == "max_tokens") {
            wish.budget = fields_.integer({at, "max_tokens"}, 0, most);
        } else if (key == "exclude") {
            exclude = fields_.boolean({at, "exclude"}).value_or(false);
        } else if (key == "enabled") {
            enabled = fields_.boolean({at, "enabled"});
        } else if (key == "summary" || key == "generate_summary") {
            fields_.skip();  // how to show them; there is one way
        } else {
            other("reasoning." + std::string(key));
        }
    }
    if (enabled && wish.effort == Effort::unsaid && !wish.budget) {
        wish.effort = *enabled ? Effort::medium : Effort::none;
    }
    wish.show_text = !exclude;
}

void ChatRequestReader::response_format(const Place& at) {
    constexpr std::array<std::string_view, 3> types{"text", "json_object", "json_schema"};
    if (!fields_.optional_object(at)) {
        return;
    }
    std::optional<std::size_t> type;
    bool typed = false;
    bool has_schema = false;
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "type") {
            typed = true;
            type = fields_.word({at, "type"}, types);
        } else if (key == "json_schema") {
            has_schema = fields_.peek() != wire::JsonType::null;
            json_schema({at, "json_schema"});
        } else {
            fields_.skip();
        }
    }
    if (!typed) {
        fields_.missing({at, "type"});
    } else if (type == 2 && !has_schema) {
        fields_.missing({at, "json_schema"});
    }
    if (type == 2) {
        said_.output.kind = OutputKind::json_schema;
    } else {
        said_.output = {};
        said_.output.kind = type == 1 ? OutputKind::json_object : OutputKind::text;
    }
}

void ChatRequestReader::json_schema(const Place& at) {
    if (!fields_.optional_object(at)) {
        return;
    }
    auto& output = said_.output;
    bool named = false;
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "name") {
            named = true;
            output.name = fields_.string({at, "name"});
        } else if (key == "description") {
            output.description = fields_.optional_string({at, "description"}).value_or("");
        } else if (key == "schema") {
            output.schema = fields_.optional_object_json({at, "schema"});
        } else if (key == "strict") {
            output.strict = fields_.boolean({at, "strict"});
        } else {
            fields_.skip();
        }
    }
    if (!named) {
        fields_.missing({at, "name"});
    }
}

}  // namespace

Result<chat::Conversation> read_openai_chat(std::string_view body) {
    return ChatRequestReader(body).read();
}

}  // namespace gatehouse::dialect

#include "responses_request.hpp"

#include "openai_chat_request.hpp"
#include "other_fields.hpp"
#include "translation_parts.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Conversation;
using chat::Role;

constexpr auto most_output_tokens = std::numeric_limits<std::int64_t>::max();

// The response says them again, or the gateway sees to them.
constexpr std::array<std::string_view, 5> told{"model", "stream", "stream_options", "store", "metadata"};
// What these ask for, only OpenAI's servers have.
constexpr std::array<std::string_view, 3> servers_own{"previous_response_id", "conversation", "prompt"};

class ResponsesRequestReader {
public:
    explicit ResponsesRequestReader(std::string_view body) : fields_(body) {}

    Result<Conversation> read() {
        if (fields_.object(body_)) {
            while (fields_.next_member()) {
                read_member(std::string(fields_.key()));
            }
            if (!has_input_) {
                fields_.missing({body_, "input"});
            }
            check_chat_tool_choice(fields_, said_);
        }
        auto status = fields_.status();
        if (!status) {
            return std::move(status).problem();
        }
        if (!instructions_.empty()) {
            chat::Message first;
            first.role = Role::system;
            first.parts.push_back({chat::Text{std::move(instructions_)}, std::nullopt});
            said_.messages.insert(said_.messages.begin(), std::move(first));
        }
        return std::move(said_);
    }

private:
    void read_member(const std::string& key);
    void read_include(const Place& at);
    void read_reasoning(const Place& at);
    void read_text(const Place& at);
    void read_format(const Place& at);
    void read_verbosity(const Place& at);
    void read_rest(const std::string& key);

    FieldReader fields_;
    Place body_;
    Conversation said_;
    std::string instructions_;
    bool has_input_{false};
};

void ResponsesRequestReader::read_member(const std::string& key) {
    const Place at(body_, key);
    if (std::find(told.begin(), told.end(), key) != told.end()) {
        fields_.skip();
    } else if (key == "input") {
        has_input_ = fields_.peek() != wire::JsonType::null;
        read_response_input(fields_, at, said_);
    } else if (key == "instructions") {
        instructions_ = fields_.optional_string(at).value_or("");
    } else if (key == "max_output_tokens") {
        said_.max_tokens = fields_.integer(at, 1, most_output_tokens);
    } else if (key == "tools") {
        read_response_tools(fields_, at, said_);
    } else if (key == "tool_choice") {
        read_response_tool_choice(fields_, at, said_.tool_choice);
    } else if (key == "parallel_tool_calls") {
        said_.parallel_tool_calls = fields_.boolean(at);
    } else if (key == "temperature") {
        said_.temperature = fields_.number(at, 0, 2);
    } else if (key == "top_p") {
        said_.top_p = fields_.number(at, 0, 1);
    } else if (key == "top_logprobs") {
        said_.top_logprobs = fields_.integer(at, 0, 20);
        said_.logprobs = said_.logprobs || said_.top_logprobs.value_or(0) > 0;
    } else if (key == "reasoning") {
        read_reasoning(at);
    } else if (key == "text") {
        read_text(at);
    } else if (key == "include") {
        read_include(at);
    } else if (key == "service_tier") {
        said_.service_tier = fields_.optional_string(at).value_or("");
    } else if (key == "safety_identifier") {
        said_.end_user = fields_.optional_string(at).value_or(said_.end_user);
    } else if (key == "user") {
        const auto user = fields_.optional_string(at).value_or("");
        said_.end_user = said_.end_user.empty() ? user : said_.end_user;
    } else {
        read_rest(key);
    }
}

void ResponsesRequestReader::read_rest(const std::string& key) {
    const bool own =
        key == "background" || std::find(servers_own.begin(), servers_own.end(), key) != servers_own.end();
    const auto before = said_.others.size();
    read_other(fields_, key, said_.others);
    if (said_.others.size() == before) {
        return;
    }
    const auto& value = said_.others.back().value;
    if (value == "false" || value == "\"disabled\"") {  // the default, said
        said_.others.pop_back();
    } else if (own) {
        fields_.unsupported({body_, key}, "it is something that only OpenAI's servers have");
    }
}

void ResponsesRequestReader::read_include(const Place& at) {
    if (!fields_.optional_array(at)) {
        return;
    }
    for (std::size_t i = 0; fields_.next_element(); ++i) {
        const auto wanted = fields_.string({at, i});
        if (wanted == "message.output_text.logprobs") {
            said_.logprobs = true;
        }
    }
}

void ResponsesRequestReader::read_reasoning(const Place& at) {
    if (!fields_.optional_object(at)) {
        return;
    }
    while (fields_.next_member()) {
        const auto key = std::string(fields_.key());
        if (key == "effort") {
            const auto name = fields_.optional_string({at, "effort"});
            const auto effort = name ? chat::effort_named(*name) : std::nullopt;
            if (name && !effort) {
                fields_.invalid({at, "effort"},
                                "'none', 'minimal', 'low', 'medium', 'high', 'xhigh' or 'max'");
            }
            said_.reasoning.effort = effort.value_or(chat::Effort::unsaid);
        } else if (key == "summary" || key == "generate_summary") {
            const auto wanted = fields_.optional_string({at, key});
            said_.reasoning.show_text = wanted || said_.reasoning.show_text;
            if (wanted && *wanted != "auto") {
                said_.others.push_back({"reasoning.summary", wire::json_string(*wanted)});
            }
        } else {
            read_other(fields_, "reasoning." + key, said_.others);
        }
    }
}

void ResponsesRequestReader::read_text(const Place& at) {
    if (!fields_.optional_object(at)) {
        return;
    }
    while (fields_.next_member()) {
        const auto key = std::string(fields_.key());
        if (key == "format") {
            read_format({at, "format"});
        } else if (key == "verbosity") {
            read_verbosity({at, "verbosity"});
        } else {
            read_other(fields_, "text." + key, said_.others);
        }
    }
}

void ResponsesRequestReader::read_verbosity(const Place& at) {
    static constexpr std::array<std::string_view, 3> words{"low", "medium", "high"};
    if (fields_.null()) {
        return;
    }
    const auto word = fields_.word(at, words);
    if (word && words.at(*word) != "medium") {  // the default
        said_.others.push_back({"verbosity", wire::json_string(words.at(*word))});
    }
}

void ResponsesRequestReader::read_format(const Place& at) {
    static constexpr std::array<std::string_view, 3> types{"text", "json_object", "json_schema"};
    if (!fields_.optional_object(at)) {
        return;
    }
    auto& output = said_.output;
    std::optional<std::size_t> type;
    bool typed = false;
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "type") {
            typed = true;
            type = fields_.word({at, "type"}, types);
        } else if (key == "name") {
            output.name = fields_.optional_string({at, "name"}).value_or("");
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
    if (!typed) {
        fields_.missing({at, "type"});
    }
    const auto kind = static_cast<chat::OutputKind>(type.value_or(0));
    if (kind != chat::OutputKind::json_schema) {
        output = {};
    } else if (output.name.empty()) {
        fields_.missing({at, "name"});
    } else if (output.schema.empty()) {
        fields_.missing({at, "schema"});
    }
    output.kind = kind;
}

}  // namespace

Result<Conversation> read_responses(std::string_view body) {
    return ResponsesRequestReader(body).read();
}

}  // namespace gatehouse::dialect

#include "responses_request.hpp"

#include "translation_parts.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Conversation;
using chat::Role;

constexpr auto most = std::numeric_limits<std::int64_t>::max();

// The response says them again, or the gateway sees to them.
constexpr std::array<std::string_view, 6> told{"model", "stream",   "stream_options",
                                               "store", "metadata", "prompt_cache_key"};
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
    void read_other(const std::string& key);

    FieldReader fields_;
    Place body_;
    Conversation said_;
    std::string instructions_;
};

void ResponsesRequestReader::read_member(const std::string& key) {
    const Place at(body_, key);
    if (std::find(told.begin(), told.end(), key) != told.end()) {
        fields_.skip();
    } else if (key == "input") {
        read_response_input(fields_, at, said_);
    } else if (key == "instructions") {
        instructions_ = fields_.optional_string(at).value_or("");
    } else if (key == "max_output_tokens") {
        said_.max_tokens = fields_.integer(at, 1, most);
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
        read_other(key);
    }
}

void ResponsesRequestReader::read_other(const std::string& key) {
    const Place at(body_, key);
    auto value = fields_.json();
    if (value == "null" || value == "[]" || value == "{}" || value == "false" || value == "\"disabled\"") {
        return;
    }
    if (key == "background" || std::find(servers_own.begin(), servers_own.end(), key) != servers_own.end()) {
        fields_.unsupported(at, "it is something that only OpenAI's servers have");
        return;
    }
    said_.others.push_back({key, std::move(value)});
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
            const bool asked = fields_.optional_string({at, key}).has_value();
            said_.reasoning.show_text = asked || said_.reasoning.show_text;
        } else {
            auto value = fields_.json();
            if (value != "null") {
                said_.others.push_back({"reasoning." + key, std::move(value)});
            }
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
        } else {
            auto value = fields_.json();
            if (value != "null") {
                said_.others.push_back({key == "verbosity" ? key : "text." + key, std::move(value)});
            }
        }
    }
}

void ResponsesRequestReader::read_format(const Place& at) {
    static constexpr std::array<std::string_view, 3> types{"text", "json_object", "json_schema"};
    if (!fields_.optional_object(at)) {
        return;
    }
    auto& output = said_.output;
    std::optional<std::size_t> type;
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "type") {
            type = fields_.word({at, "type"}, types);
        } else if (key == "name") {
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
    if (!type) {
        fields_.missing({at, "type"});
        return;
    }
    output.kind = static_cast<chat::OutputKind>(*type);
    if (output.kind == chat::OutputKind::json_schema && output.schema.empty()) {
        fields_.missing({at, "schema"});
    }
}

}  // namespace

Result<Conversation> read_responses(std::string_view body) {
    return ResponsesRequestReader(body).read();
}

}  // namespace gatehouse::dialect

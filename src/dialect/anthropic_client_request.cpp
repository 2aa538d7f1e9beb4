#include "anthropic_client_request.hpp"

#include "anthropic_thinking.hpp"
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

/// Reads one body, field by field (wire-formats 5.2).
class ClientRequestReader {
public:
    explicit ClientRequestReader(std::string_view body) : fields_(body) {}

    Result<chat::Conversation> read();

private:
    struct Field {
        std::string_view name;
        void (ClientRequestReader::*read)(const Place& at);
    };

    void read_field(std::string_view name);
    void finish();
    void finish_reasoning();
    void mark_last_part();

    void messages(const Place& at) {
        has_messages_ = true;
        read_anthropic_turns(fields_, at, said_);
    }
    void system(const Place& at) { system_ = read_anthropic_system(fields_, at); }
    void max_tokens(const Place& at) { said_.max_tokens = fields_.integer(at, 0, most); }
    void tools(const Place& at) { read_anthropic_tools(fields_, at, said_); }
    void tool_choice(const Place& at) { read_anthropic_tool_choice(fields_, at, said_); }
    void temperature(const Place& at) { said_.temperature = fields_.number(at, 0, 1); }
    void top_p(const Place& at) { said_.top_p = fields_.number(at, 0, 1); }
    void top_k(const Place& at);
    void stop_sequences(const Place& at);
    void metadata(const Place& at);
    void service_tier(const Place& at);
    void speed(const Place& at);
    void cache_control(const Place& at) { cache_ = read_cache_control(fields_, at); }
    void thinking(const Place& at);
    void output_config(const Place& at);
    void output_format(const Place& at);
    void inference_geo(const Place& at);
    void refused(const Place& at);
    /// Said to the gateway, or of no consequence.
    void nothing(const Place&) { fields_.skip(); }

    FieldReader fields_;
    chat::Conversation said_;
    std::vector<chat::Part> system_;
    std::optional<chat::CacheLifetime> cache_;
    AnthropicThinking thinking_{AnthropicThinking::unsaid};
    bool has_messages_{false};
};

Result<chat::Conversation> ClientRequestReader::read() {
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

void ClientRequestReader::read_field(std::string_view name) {
    using Self = ClientRequestReader;
    static constexpr std::array known{
        Field{"messages", &Self::messages},
        Field{"system", &Self::system},
        Field{"model", &Self::nothing},
        Field{"stream", &Self::nothing},
        Field{"max_tokens", &Self::max_tokens},
        Field{"tools", &Self::tools},
        Field{"tool_choice", &Self::tool_choice},
        Field{"temperature", &Self::temperature},
        Field{"top_p", &Self::top_p},
        Field{"top_k", &Self::top_k},
        Field{"stop_sequences", &Self::stop_sequences},
        Field{"metadata", &Self::metadata},
        Field{"service_tier", &Self::service_tier},
        Field{"speed", &Self::speed},
        Field{"cache_control", &Self::cache_control},
        Field{"thinking", &Self::thinking},
        Field{"output_config", &Self::output_config},
        Field{"output_format", &Self::output_format},
        Field{"inference_geo", &Self::inference_geo},
        Field{"container", &Self::refused},
        Field{"mcp_servers", &Self::refused},
        Field{"thread", &Self::refused},
    };
    const auto field =
        std::find_if(known.begin(), known.end(), [&](const Field& each) { return each.name == name; });
    if (field == known.end()) {
        read_other(fields_, name, said_.others);
        return;
    }
    const Place body;
    (this->*field->read)({body, field->name});
}

/// What stands for something only together with other fields.
void ClientRequestReader::finish() {
    const Place body;
    if (!has_messages_) {
        fields_.missing({body, "messages"});
    }
    check_chat_tool_choice(fields_, said_);
    finish_reasoning();
    if (cache_) {
        mark_last_part();
    }
    if (!system_.empty()) {
        chat::Message message;
        message.role = chat::Role::system;
        message.parts = std::move(system_);
        said_.messages.insert(said_.messages.begin(), std::move(message));
    }
}

void ClientRequestReader::finish_reasoning() {
    said_.reasoning.effort = effort_of_both(thinking_, said_.reasoning.effort);
    said_.reasoning.adaptive = thinking_ == AnthropicThinking::adaptive;
}

/// A mark on the request stands on the last block that can have one.
void ClientRequestReader::mark_last_part() {
    for (auto message = said_.messages.rbegin(); message != said_.messages.rend(); ++message) {
        for (auto part = message->parts.rbegin(); part != message->parts.rend(); ++part) {
            if (!std::holds_alternative<chat::Reasoning>(part->what)) {
                part->cache = part->cache ? part->cache : cache_;
                return;
            }
        }
    }
}

void ClientRequestReader::top_k(const Place& at) {
    said_.top_k = fields_.integer(at, 0, most);
    if (said_.top_k == 0) {
        said_.top_k.reset();
    }
}

void ClientRequestReader::stop_sequences(const Place& at) {
    if (fields_.optional_array(at)) {
        for (std::size_t i = 0; fields_.next_element(); ++i) {
            said_.stop.push_back(fields_.string({at, i}));
        }
    }
}

void ClientRequestReader::metadata(const Place& at) {
    if (!fields_.optional_object(at)) {
        return;
    }
    while (fields_.next_member()) {
        if (fields_.key() == "user_id") {
            said_.end_user = fields_.optional_string({at, "user_id"}).value_or("");
        } else {
            fields_.skip();
        }
    }
}

/// The neutral words are OpenAI's, where `default` is what takes no part in a better tier.
void ClientRequestReader::service_tier(const Place& at) {
    constexpr std::array<std::string_view, 2> tiers{"auto", "standard_only"};
    if (fields_.null()) {
        return;
    }
    if (const auto tier = fields_.word(at, tiers)) {
        said_.service_tier = *tier == 0 ? "auto" : "default";
    }
}

void ClientRequestReader::speed(const Place& at) {
    constexpr std::array<std::string_view, 2> speeds{"standard", "fast"};
    if (fields_.null()) {
        return;
    }
    if (fields_.word(at, speeds) == 1) {
        said_.others.push_back({"speed", "\"fast\""});
    }
}

void ClientRequestReader::thinking(const Place& at) {
    constexpr std::array<std::string_view, 2> displays{"summarized", "omitted"};
    if (!fields_.optional_object(at)) {
        return;
    }
    bool typed = false;
    bool omitted = false;
    std::optional<std::int64_t> budget;
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "type") {
            typed = true;
            const auto type = fields_.word({at, "type"}, thinking_types);
            thinking_ = type ? static_cast<AnthropicThinking>(*type + 1) : AnthropicThinking::unsaid;
        } else if (key == "budget_tokens") {
            budget = fields_.integer({at, "budget_tokens"}, least_budget, most);
        } else if (key == "display" && fields_.peek() != wire::JsonType::null) {
            omitted = fields_.word({at, "display"}, displays) == 1;
        } else {
            fields_.skip();
        }
    }
    if (!typed) {
        fields_.missing({at, "type"});
    }
    if (thinking_ == AnthropicThinking::enabled) {
        if (!budget) {
            fields_.missing({at, "budget_tokens"});
        }
        said_.reasoning.budget = budget;
    }
    said_.reasoning.show_text = !omitted && thinking_ != AnthropicThinking::disabled;
}

void ClientRequestReader::output_config(const Place& at) {
    constexpr std::array<std::string_view, 5> efforts{"low", "medium", "high", "xhigh", "max"};
    if (!fields_.optional_object(at)) {
        return;
    }
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "format") {
            output_format({at, "format"});
        } else if (key != "effort") {
            read_other(fields_, "output_config." + std::string(key), said_.others);
        } else if (!fields_.null()) {
            const auto effort = fields_.word({at, "effort"}, efforts);
            said_.reasoning.effort =
                effort ? chat::effort_named(efforts[*effort]).value_or(Effort::unsaid) : Effort::unsaid;
        }
    }
}

void ClientRequestReader::output_format(const Place& at) {
    constexpr std::array<std::string_view, 1> types{"json_schema"};
    if (!fields_.optional_object(at)) {
        return;
    }
    bool typed = false;
    auto& output = said_.output;
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "type") {
            typed = true;
            fields_.word({at, "type"}, types);
        } else if (key == "schema") {
            output.schema = fields_.optional_object_json({at, "schema"});
        } else {
            fields_.skip();
        }
    }
    if (!typed) {
        fields_.missing({at, "type"});
    } else if (output.schema.empty()) {
        fields_.missing({at, "schema"});
    }
    output.kind = OutputKind::json_schema;
    output.name = "response";
    output.strict = true;  // Anthropic knows no other way
}

/// Who says where the answer may be made relies on it.
void ClientRequestReader::inference_geo(const Place& at) {
    const auto place = fields_.optional_string(at);
    if (place && *place != "global") {
        fields_.unsupported(at, "no other provider says where its answers are made");
    }
}

/// What only Anthropic can do, and what it cannot do without.
void ClientRequestReader::refused(const Place& at) {
    std::vector<chat::Member> said;
    read_other(fields_, "_", said);
    if (!said.empty() && said.front().value != "false") {
        fields_.unsupported(at, "only Anthropic has it");
    }
}

}  // namespace

Result<chat::Conversation> read_anthropic(std::string_view body) {
    return ClientRequestReader(body).read();
}

}  // namespace gatehouse::dialect

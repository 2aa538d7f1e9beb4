#include "openai_chat_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Part;
using chat::Role;
using chat::ToolCall;

constexpr std::array<std::string_view, 6> roles{"developer", "system", "user",
                                                "assistant", "tool",   "function"};
constexpr std::array<std::string_view, 2> call_types{"function", "custom"};

/// How a message was said; the order is that of `roles`.
enum class Said : std::uint8_t { developer, system, user, assistant, tool, function };

/// A message as its members come, in whatever order.
struct Draft {
    std::optional<Said> said;
    bool has_role{false};
    std::string name;
    std::vector<Part> content;
    bool has_content{false};
    std::string refusal;
    std::vector<ToolCall> calls;
    std::optional<ToolCall> old_call;  // `function_call`, from before there were tools
    std::optional<std::string> call_id;
    Thoughts thoughts;
    std::optional<chat::CacheLifetime> cache;
    chat::JsonText audio;
};

/// What a call says of the function or the custom tool.
struct Called {
    std::optional<std::string> name;
    std::optional<std::string> arguments;
    std::string signature;
};

/// `function` and `custom` differ in the name of their second member alone.
std::optional<Called> read_called(FieldReader& fields, const Place& at, std::string_view arguments) {
    if (!fields.optional_object(at)) {
        return std::nullopt;
    }
    Called called;
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "name") {
            called.name = fields.string({at, "name"});
        } else if (key == arguments) {
            called.arguments = fields.string({at, arguments});
        } else if (key == "provider_specific_fields") {
            called.signature = read_thought_signature(fields);
        } else {
            fields.skip();
        }
    }
    if (!called.name) {
        fields.missing({at, "name"});
    } else if (!called.arguments) {
        fields.missing({at, arguments});
    }
    return called;
}

/// Calls of functions hold JSON in a string: what is written there goes out as JSON again.
ToolCall as_call(Called called, bool custom) {
    ToolCall call;
    call.custom = custom;
    call.name = std::move(called.name).value_or("");
    call.arguments = std::move(called.arguments).value_or("");
    if (!custom) {
        call.arguments = with_whole_surrogates(call.arguments);
    }
    call.signature = std::move(called.signature);
    return call;
}

ToolCall read_call(FieldReader& fields, const Place& at) {
    if (!fields.object(at)) {
        return {};
    }
    std::optional<std::string> id;
    std::optional<std::size_t> type;
    std::optional<Called> function;
    std::optional<Called> custom;
    std::string google;
    std::string specific;
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "id") {
            id = fields.string({at, "id"});
        } else if (key == "type") {
            type = fields.word({at, "type"}, call_types);
        } else if (key == "function") {
            function = read_called(fields, {at, "function"}, "arguments");
        } else if (key == "custom") {
            custom = read_called(fields, {at, "custom"}, "input");
        } else if (key == "extra_content") {
            google = read_google_signature(fields);
        } else if (key == "provider_specific_fields") {
            specific = read_thought_signature(fields);
        } else {
            fields.skip();
        }
    }
    // Some clients leave `type` out; what the call holds says the same.
    const bool is_custom = type ? *type == 1 : custom && !function;
    auto& called = is_custom ? custom : function;
    if (!id) {
        fields.missing({at, "id"});
    } else if (!called) {
        fields.missing({at, call_types[is_custom ? 1 : 0]});
    }
    auto call = called ? as_call(*std::move(called), is_custom) : ToolCall{};
    call.id = std::move(id).value_or("");
    const std::string embedded = cut_thought_signature(call.id);
    const std::string own = std::exchange(call.signature, {});
    const std::array<const std::string*, 4> by_trust{&google, &specific, &own, &embedded};
    for (const auto* signature : by_trust) {
        if (!signature->empty()) {
            call.signature = *signature;
            break;
        }
    }
    return call;
}

std::vector<ToolCall> read_calls(FieldReader& fields, const Place& at) {
    std::vector<ToolCall> calls;
    if (fields.optional_array(at)) {
        while (fields.next_element()) {
            calls.push_back(read_call(fields, {at, calls.size()}));
        }
    }
    return calls;
}

class MessagesReader {
public:
    MessagesReader(FieldReader& fields, chat::Conversation& conversation)
        : fields_(fields), conversation_(conversation) {}

    void read(const Place& at) {
        if (!fields_.array(at)) {
            return;
        }
        while (fields_.next_element()) {
            read_message({at, index_});
            ++index_;
        }
        if (index_ == 0) {
            fields_.invalid(at, "at least one message");
        }
    }

private:
    void read_message(const Place& at);
    bool read_member(const Place& at, Draft& draft);
    void add(const Place& at, Draft draft);
    void add_spoken(Draft draft, Role role);
    void add_assistant(const Place& at, Draft draft);
    void add_result(const Place& at, Draft draft);
    void check_parts(const Place& at, const std::vector<Part>& parts, Said said);
    std::string id_of_old_call(const std::string& name);

    FieldReader& fields_;
    chat::Conversation& conversation_;
    std::size_t index_{0};
    std::map<std::string, std::vector<std::string>> old_calls_;  // ids of those not answered yet, by name
};

void MessagesReader::read_message(const Place& at) {
    if (!fields_.object(at)) {
        return;
    }
    Draft draft;
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (!read_member(at, draft) && !draft.thoughts.read(fields_, key)) {
            fields_.skip();
        }
    }
    add(at, std::move(draft));
}

bool MessagesReader::read_member(const Place& at, Draft& draft) {
    const auto key = fields_.key();
    if (key == "role") {
        draft.has_role = true;
        if (const auto role = fields_.word({at, "role"}, roles)) {
            draft.said = static_cast<Said>(*role);
        }
    } else if (key == "content") {
        draft.has_content = fields_.peek() != wire::JsonType::null;
        draft.content = read_chat_content(fields_, {at, "content"});
    } else if (key == "name") {
        draft.name = fields_.optional_string({at, "name"}).value_or("");
    } else if (key == "refusal") {
        draft.refusal = fields_.optional_string({at, "refusal"}).value_or("");
    } else if (key == "tool_calls") {
        draft.calls = read_calls(fields_, {at, "tool_calls"});
    } else if (key == "function_call") {
        if (auto called = read_called(fields_, {at, "function_call"}, "arguments")) {
            draft.old_call = as_call(*std::move(called), false);
        }
    } else if (key == "tool_call_id") {
        draft.call_id = fields_.optional_string({at, "tool_call_id"});
    } else if (key == "cache_control") {
        draft.cache = read_cache_control(fields_, {at, "cache_control"});
    } else if (key == "audio") {
        draft.audio = fields_.optional_object_json({at, "audio"});
    } else {
        return false;
    }
    return true;
}

void MessagesReader::add(const Place& at, Draft draft) {
    if (!draft.said) {
        if (!draft.has_role) {
            fields_.missing({at, "role"});
        }
        return;
    }
    const auto said = *draft.said;
    check_parts(at, draft.content, said);
    if (!draft.has_content && said != Said::assistant && said != Said::function) {
        fields_.missing({at, "content"});
    }
    switch (said) {
        case Said::developer:
            add_spoken(std::move(draft), Role::developer);
            break;
        case Said::system:
            add_spoken(std::move(draft), Role::system);
            break;
        case Said::user:
            add_spoken(std::move(draft), Role::user);
            break;
        case Said::assistant:
            add_assistant(at, std::move(draft));
            break;
        case Said::tool:
        case Said::function:
            add_result(at, std::move(draft));
            break;
    }
}

void MessagesReader::check_parts(const Place& at, const std::vector<Part>& parts, Said said) {
    const auto fits = [said](const Part& part) {
        if (std::holds_alternative<chat::Text>(part.what)) {
            return true;
        }
        if (std::holds_alternative<chat::Refusal>(part.what)) {
            return said == Said::assistant;
        }
        // Results with pictures are beyond what OpenAI takes, but other providers do.
        const auto& media = std::get<chat::Media>(part.what);
        return said == Said::user || (said == Said::tool && media.kind != chat::MediaKind::audio);
    };
    const auto wrong = std::find_if_not(parts.begin(), parts.end(), fits);
    if (wrong != parts.end()) {
        const Place content(at, "content");
        const Place part(content, static_cast<std::size_t>(wrong - parts.begin()));
        fields_.invalid({part, "type"}, fmt::format("a part that messages of the role '{}' may have",
                                                    roles[static_cast<std::size_t>(said)]));
    }
}

void MessagesReader::add_spoken(Draft draft, Role role) {
    chat::Message message;
    message.role = role;
    message.name = std::move(draft.name);
    message.parts = std::move(draft.content);
    message.index = index_;
    if (draft.cache && !message.parts.empty()) {
        message.parts.back().cache = draft.cache;
    }
    conversation_.messages.push_back(std::move(message));
}

void MessagesReader::add_assistant(const Place& at, Draft draft) {
    chat::Message message;
    message.role = Role::assistant;
    message.name = std::move(draft.name);
    message.index = index_;
    for (auto& call : draft.calls) {
        if (call.signature.empty()) {
            call.signature = draft.thoughts.signature_of(call.id);
        }
    }
    if (draft.old_call) {
        // It has no id: its place gives it one, the same whenever the history comes again.
        draft.old_call->id = fmt::format("call_function_{}", index_);
        old_calls_[draft.old_call->name].push_back(draft.old_call->id);
        draft.calls.push_back(*std::move(draft.old_call));
    }
    auto& parts = message.parts;
    std::move(draft.thoughts).append_to(parts);
    std::move(draft.content.begin(), draft.content.end(), std::back_inserter(parts));
    if (!draft.refusal.empty()) {
        parts.push_back({chat::Refusal{std::move(draft.refusal)}, std::nullopt});
    }
    for (auto& call : draft.calls) {
        parts.push_back({std::move(call), std::nullopt});
    }
    if (draft.cache && !parts.empty()) {
        parts.back().cache = draft.cache;
    }
    if (!draft.audio.empty()) {
        conversation_.others.push_back({Place(at, "audio").text(), std::move(draft.audio)});
    }
    conversation_.messages.push_back(std::move(message));
}

std::string MessagesReader::id_of_old_call(const std::string& name) {
    const auto open = old_calls_.find(name);
    if (open == old_calls_.end() || open->second.empty()) {
        return fmt::format("call_function_{}", index_);
    }
    auto id = std::move(open->second.back());
    open->second.pop_back();
    return id;
}

void MessagesReader::add_result(const Place& at, Draft draft) {
    chat::ToolResult result;
    if (draft.said == Said::tool) {
        if (!draft.call_id) {
            fields_.missing({at, "tool_call_id"});
            return;
        }
        result.call_id = *std::move(draft.call_id);
        cut_thought_signature(result.call_id);
    } else if (draft.name.empty()) {
        fields_.missing({at, "name"});
        return;
    } else {
        result.call_id = id_of_old_call(draft.name);
    }
    result.name = std::move(draft.name);
    Part part;
    part.cache = draft.cache;
    for (auto& content : draft.content) {
        part.cache = content.cache ? content.cache : part.cache;
        if (auto* text = std::get_if<chat::Text>(&content.what); text != nullptr && !text->text.empty()) {
            result.parts.emplace_back(std::move(*text));
        } else if (auto* media = std::get_if<chat::Media>(&content.what)) {
            result.parts.emplace_back(std::move(*media));
        }
    }
    part.what = std::move(result);
    chat::Message message;
    message.role = Role::tool;
    message.index = index_;
    message.parts.push_back(std::move(part));
    conversation_.messages.push_back(std::move(message));
}

}  // namespace

void read_chat_messages(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    MessagesReader(fields, conversation).read(at);
}

}  // namespace gatehouse::dialect

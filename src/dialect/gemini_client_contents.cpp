#include "gemini_client_request.hpp"
#include "gemini_parts.hpp"

#include "gatehouse/core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace gatehouse::dialect {
namespace {

using chat::Message;
using chat::Part;
using chat::Role;
using wire::JsonType;

enum class Said : std::uint8_t { user, model, nobody };

/// A content without a role is the user's; `function` is from before results were the user's.
Said read_role(FieldReader& fields, const Place& at) {
    const auto role = to_lower(fields.optional_string(at).value_or("user"));
    if (role == "model") {
        return Said::model;
    }
    if (role.empty() || role == "user" || role == "function") {
        return Said::user;
    }
    fields.invalid(at, "one of 'user', 'model' and 'function'");
    return Said::nobody;
}

struct Content {
    Said said{Said::user};
    std::vector<GeminiSaidPart> parts;
};

Content read_one(FieldReader& fields, const Place& at, bool with_role) {
    Content content;
    if (fields.peek() == JsonType::string) {
        content.parts.emplace_back().text = fields.string(at);
        return content;
    }
    if (!fields.optional_object(at)) {
        return content;
    }
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "role" && with_role) {
            content.said = read_role(fields, {at, "role"});
        } else if (key == "parts") {
            read_each(fields, {at, "parts"},
                      [&](const Place& each) { content.parts.push_back(read_gemini_part(fields, each)); });
        } else {
            fields.skip();
        }
    }
    return content;
}

}  // namespace

void GeminiContentsReader::read(const Place& at) {
    read_each(fields_, at, [&](const Place& each) {
        read_content(each);
        ++index_;
    });
    const bool any = std::any_of(conversation_.messages.begin(), conversation_.messages.end(),
                                 [](const Message& message) { return message.role != Role::system; });
    if (!any) {
        fields_.invalid(at, "at least one content with parts");
    }
}

void GeminiContentsReader::read_content(const Place& at) {
    auto content = read_one(fields_, at, true);
    for (auto& part : content.parts) {
        auto& others = conversation_.others;
        others.insert(others.end(), std::make_move_iterator(part.others.begin()),
                      std::make_move_iterator(part.others.end()));
    }
    if (content.said == Said::model) {
        add_model(at, std::move(content.parts));
    } else if (content.said == Said::user) {
        add_user(at, std::move(content.parts));
    }
}

/// Only words; whose they are is not asked.
void GeminiContentsReader::read_system(const Place& at) {
    auto content = read_one(fields_, at, false);
    Message message;
    message.role = Role::system;
    for (std::size_t i = 0; i < content.parts.size(); ++i) {
        auto& part = content.parts[i];
        if (part.media || part.call || part.result) {
            const Place parts(at, "parts");
            fields_.invalid({parts, i}, "a text");
        } else if (part.text && !part.text->empty()) {
            message.parts.push_back({chat::Text{*std::move(part.text)}, {}});
        }
    }
    if (!message.parts.empty()) {
        conversation_.messages.insert(conversation_.messages.begin(), std::move(message));
    }
}

/// Results come first, a message each, as those dialects have it that have messages for them.
void GeminiContentsReader::add_user(const Place& at, std::vector<GeminiSaidPart> parts) {
    Message words;
    words.index = index_;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        auto& part = parts[i];
        if (part.call) {
            const Place place(at, "parts");
            fields_.invalid({place, i}, "what a user can say; calls are the model's");
        }
        if (part.text && !part.text->empty()) {
            words.parts.push_back({chat::Text{*std::move(part.text)}, {}});
        }
        if (part.media) {
            words.parts.push_back({*std::move(part.media), {}});
        }
        if (part.result) {
            Message result;
            result.role = Role::tool;
            result.index = index_;
            result.parts.push_back(result_of(*std::move(part.result)));
            conversation_.messages.push_back(std::move(result));
        }
    }
    if (!words.parts.empty()) {
        conversation_.messages.push_back(std::move(words));
    }
}

/// A client that gathered a stream brings each chunk back as a content of its own: they are one turn, and its
/// text is one.
void GeminiContentsReader::add_model(const Place& at, std::vector<GeminiSaidPart> parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].result) {
            const Place place(at, "parts");
            fields_.invalid({place, i}, "what a model can say; results are the user's");
        }
        add_said(std::move(parts[i]));
    }
}

void GeminiContentsReader::add_said(GeminiSaidPart part) {
    if (part.call) {
        add_call(*std::move(part.call), std::move(part.signature));
        return;
    }
    if (part.media) {
        model_message().parts.push_back({*std::move(part.media), {}});
    }
    auto text = std::move(part.text).value_or("");
    if (part.thought) {
        add_thought(std::move(text), std::move(part.signature));
        return;
    }
    if (!text.empty()) {
        auto& said = model_message().parts;
        auto* last = said.empty() ? nullptr : std::get_if<chat::Text>(&said.back().what);
        if (last != nullptr) {
            last->text += text;
        } else {
            said.push_back({chat::Text{std::move(text)}, {}});
        }
    }
    if (!part.signature.empty()) {
        add_thought({}, std::move(part.signature));
    }
}

/// Thoughts go on until their signature, which may stand on a part of its own behind them.
void GeminiContentsReader::add_thought(std::string text, std::string signature) {
    auto signed_by = unwrapped_signature(std::move(signature));
    if (text.empty() && signed_by.signature.empty() && signed_by.redacted.empty()) {
        return;
    }
    auto& said = model_message().parts;
    auto* open = said.empty() ? nullptr : std::get_if<chat::Reasoning>(&said.back().what);
    if (!signed_by.redacted.empty() || open == nullptr || !open->signature.empty() ||
        !open->redacted.empty()) {
        signed_by.text = std::move(text);
        said.push_back({std::move(signed_by), {}});
        return;
    }
    open->text += text;
    open->signature = std::move(signed_by.signature);
    open->origin = signed_by.origin;
}

void GeminiContentsReader::add_call(chat::ToolCall call, std::string signature) {
    auto& message = model_message();
    auto signed_by = unwrapped_signature(std::move(signature));
    if (signed_by.origin == chat::Vendor::gemini) {
        call.signature = std::move(signed_by.signature);
    }
    if (calls_of_turn_ == 0) {
        waiting_.clear();
    }
    if (call.id.empty()) {
        call.id = fmt::format("call_{}_{}", message.index, calls_of_turn_);
    }
    ++calls_of_turn_;
    by_id_.insert_or_assign(call.id, calls_.size());
    waiting_[call.name].push_back(calls_.size());
    calls_.push_back({call.id, call.name});
    message.parts.push_back({std::move(call), {}});
}

/// The message of the model's turn: the last one, or a new one.
Message& GeminiContentsReader::model_message() {
    auto& messages = conversation_.messages;
    if (messages.empty() || messages.back().role != Role::assistant) {
        auto& message = messages.emplace_back();
        message.role = Role::assistant;
        message.index = index_;
        calls_of_turn_ = 0;
    }
    return messages.back();
}

Part GeminiContentsReader::result_of(chat::ToolResult result) {
    if (auto* call = call_of(result)) {
        call->answered = true;
        result.call_id = call->id;
        result.name = call->name;
    } else if (result.call_id.empty()) {
        result.call_id = result.name;  // something to call it by
    }
    return {std::move(result), {}};
}

/// By its id; without one that is known, the first call of that name which is not answered.
GeminiContentsReader::Call* GeminiContentsReader::call_of(const chat::ToolResult& result) {
    if (const auto known = by_id_.find(result.call_id); known != by_id_.end()) {
        return &calls_[known->second];
    }
    const auto named = waiting_.find(result.name);
    while (named != waiting_.end() && !named->second.empty()) {
        auto& call = calls_[named->second.front()];
        named->second.pop_front();
        if (!call.answered) {
            return &call;
        }
    }
    return nullptr;
}

}  // namespace gatehouse::dialect

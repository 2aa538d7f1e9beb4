#include "openai_thought.hpp"
#include "responses_request.hpp"
#include "signature_carrier.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Media;
using chat::Part;
using chat::Role;
using wire::JsonType;

constexpr std::string_view type_key = "type";

class ItemReader {
public:
    ItemReader(FieldReader& fields, chat::Conversation& conversation)
        : fields_(fields), conversation_(conversation) {}

    void read(const Place& at, std::size_t index) {
        index_ = index;
        const auto type = fields_.member_ahead(type_key).value_or("message");
        if (!fields_.object(at)) {
            return;
        }
        if (type == "message") {
            read_message(at);
        } else if (type == "function_call" || type == "custom_tool_call") {
            read_call(at, type == "custom_tool_call");
        } else if (type == "function_call_output" || type == "custom_tool_call_output") {
            read_output(at);
        } else if (type == "reasoning") {
            read_reasoning(at);
        } else if (type == "image_generation_call") {
            read_image_made(at);
        } else {
            while (fields_.next_member()) {
                fields_.skip();
            }
            unsupported_item(at);
        }
    }

    /// Calls and thoughts of one turn are one message.
    void settle() {
        for (auto& message : conversation_.messages) {
            give_signatures_to_calls(message.parts);
        }
    }

private:
    void unsupported_item(const Place& at) {
        fields_.unsupported({at, type_key}, "items of this type mean something to OpenAI only");
    }
    /// Members that nobody reads; a type that is no string is a fault all the same.
    void pass(const Place& at) {
        if (fields_.key() == type_key) {
            fields_.optional_string({at, type_key});
        } else {
            fields_.skip();
        }
    }
    chat::Message& begin(Role role) {
        auto& message = conversation_.messages.emplace_back();
        message.role = role;
        message.index = index_;
        return message;
    }
    chat::Message& assistant() {
        const bool goes_on =
            !conversation_.messages.empty() && conversation_.messages.back().role == Role::assistant;
        return goes_on ? conversation_.messages.back() : begin(Role::assistant);
    }

    void read_message(const Place& at) {
        static constexpr std::array<std::string_view, 4> names{"user", "assistant", "system", "developer"};
        static constexpr std::array roles{Role::user, Role::assistant, Role::system, Role::developer};
        std::optional<std::size_t> role;
        bool has_role = false;
        bool has_content = false;
        std::vector<Part> parts;
        while (fields_.next_member()) {
            const auto key = fields_.key();
            if (key == "role") {
                has_role = true;
                role = fields_.word({at, "role"}, names);
            } else if (key == "content") {
                has_content = fields_.peek() != JsonType::null;
                parts = read_response_content(fields_, {at, "content"});
            } else {
                pass(at);
            }
        }
        if (!role) {
            if (!has_role) {
                fields_.missing({at, "role"});
            }
            return;
        }
        if (!has_content && roles.at(*role) != Role::assistant) {
            fields_.missing({at, "content"});
        }
        check_parts(at, parts, roles.at(*role));
        auto& message = roles.at(*role) == Role::assistant ? assistant() : begin(roles.at(*role));
        std::move(parts.begin(), parts.end(), std::back_inserter(message.parts));
    }

    void check_parts(const Place& at, const std::vector<Part>& parts, Role role) {
        const auto fits = [role](const Part& part) {
            return std::holds_alternative<chat::Text>(part.what) ||
                   (role == Role::user && std::holds_alternative<Media>(part.what)) ||
                   (role == Role::assistant && std::holds_alternative<chat::Refusal>(part.what));
        };
        const auto wrong = std::find_if_not(parts.begin(), parts.end(), fits);
        if (wrong != parts.end()) {
            const Place content(at, "content");
            const Place part(content, static_cast<std::size_t>(wrong - parts.begin()));
            fields_.invalid({part, type_key}, "a part that messages of this role may have");
        }
    }

    void read_call(const Place& at, bool custom) {
        chat::ToolCall call;
        call.custom = custom;
        while (fields_.next_member()) {
            const auto key = fields_.key();
            if (key == "call_id") {
                call.id = fields_.string({at, "call_id"});
            } else if (key == "name") {
                call.name = fields_.string({at, "name"});
            } else if (key == "arguments") {
                call.arguments = fields_.string({at, "arguments"});
            } else if (key == "input") {
                call.arguments = fields_.string({at, "input"});
            } else if (key == "id") {
                call.item_id = fields_.optional_string({at, "id"}).value_or("");
            } else {
                fields_.skip();
            }
        }
        if (!custom) {  // JSON in a string: what is written there goes out as JSON again
            call.arguments = with_whole_surrogates(call.arguments);
        }
        if (call.id.empty()) {
            fields_.missing({at, "call_id"});
        } else if (call.name.empty()) {
            fields_.missing({at, "name"});
        }
        assistant().parts.push_back({std::move(call), std::nullopt});
    }

    void read_output(const Place& at) {
        chat::ToolResult result;
        Part whole;
        bool has_output = false;
        std::vector<Part> parts;
        while (fields_.next_member()) {
            const auto key = fields_.key();
            if (key == "call_id") {
                result.call_id = fields_.string({at, "call_id"});
            } else if (key == "output") {
                has_output = fields_.peek() != JsonType::null;
                parts = read_response_content(fields_, {at, "output"});
            } else {
                fields_.skip();
            }
        }
        if (result.call_id.empty()) {
            fields_.missing({at, "call_id"});
        } else if (!has_output) {
            fields_.missing({at, "output"});
        }
        for (std::size_t i = 0; i < parts.size(); ++i) {
            whole.cache = parts[i].cache ? parts[i].cache : whole.cache;
            if (auto* text = std::get_if<chat::Text>(&parts[i].what)) {
                if (!text->text.empty()) {
                    result.parts.emplace_back(std::move(*text));
                }
            } else if (auto* media = std::get_if<Media>(&parts[i].what)) {
                result.parts.emplace_back(std::move(*media));
            } else {
                const Place output(at, "output");
                const Place part(output, i);
                fields_.invalid({part, type_key}, "a text, an image or a file");
            }
        }
        whole.what = std::move(result);
        begin(Role::tool).parts.push_back(std::move(whole));
    }

    void read_reasoning(const Place& at) {
        chat::Reasoning thought;
        std::string id;
        while (fields_.next_member()) {
            const auto key = std::string(fields_.key());
            if (key == "summary" || key == "content") {
                read_thought_texts({at, key}, thought.text);
            } else if (key == "encrypted_content") {
                thought.signature = fields_.optional_string({at, "encrypted_content"}).value_or("");
            } else if (key == "id") {
                id = fields_.optional_string({at, "id"}).value_or("");
            } else {
                fields_.skip();
            }
        }
        thought.origin = chat::Vendor::openai;
        if (auto carried = carried_signature(thought.signature)) {
            if (!carried->origin) {
                return;  // nobody can read it
            }
            thought.origin = carried->origin;
            thought.signature.clear();
            (carried->redacted ? thought.redacted : thought.signature) = std::move(carried->signature);
        } else if (!thought.signature.empty()) {
            thought.signature = openai_signature(id, thought.signature);
        }
        assistant().parts.push_back({std::move(thought), std::nullopt});
    }

    /// A picture of the model's own, which some models go on from.
    void read_image_made(const Place& at) {
        std::string format;
        Media image;
        while (fields_.next_member()) {
            const auto key = fields_.key();
            if (key == "result") {
                image.data = fields_.optional_string({at, "result"}).value_or("");
            } else if (key == "output_format") {
                format = fields_.optional_string({at, "output_format"}).value_or("");
            } else {
                fields_.skip();
            }
        }
        if (image.data.empty()) {
            unsupported_item(at);
        }
        image.media_type = "image/" + (format.empty() ? std::string("png") : format);
        assistant().parts.push_back({std::move(image), std::nullopt});
    }

    void read_thought_texts(const Place& at, std::string& all) {
        if (!fields_.optional_array(at)) {
            return;
        }
        for (std::size_t i = 0; fields_.next_element(); ++i) {
            const Place part(at, i);
            if (!fields_.object(part)) {
                continue;
            }
            while (fields_.next_member()) {
                if (fields_.key() == "text") {
                    all += all.empty() ? "" : "\n\n";
                    all += fields_.string({part, "text"});
                } else {
                    fields_.skip();
                }
            }
        }
    }

    FieldReader& fields_;
    chat::Conversation& conversation_;
    std::size_t index_{0};
};

}  // namespace

void read_response_input(FieldReader& fields, const Place& at, chat::Conversation& conversation) {
    if (fields.null()) {
        return;
    }
    if (fields.peek() == JsonType::string) {
        auto& message = conversation.messages.emplace_back();
        message.parts.push_back({chat::Text{fields.string(at)}, std::nullopt});
        return;
    }
    if (fields.peek() != JsonType::array) {
        fields.wrong_type(at, "a string or an array of items");
        return;
    }
    fields.array(at);
    ItemReader items(fields, conversation);
    for (std::size_t i = 0; fields.next_element(); ++i) {
        items.read({at, i}, i);
    }
    items.settle();
}

}  // namespace gatehouse::dialect

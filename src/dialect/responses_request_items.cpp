#include "openai_chat_request.hpp"
#include "responses_request.hpp"
#include "signature_carrier.hpp"

#include <array>
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
        } else {
            while (fields_.next_member()) {
                fields_.skip();
            }
            fields_.unsupported({at, type_key}, "items of this type mean something to OpenAI only");
        }
    }

    /// Calls and thoughts of one turn are one message.
    void settle() {
        for (auto& message : conversation_.messages) {
            give_signatures_to_calls(message.parts);
        }
    }

private:
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
        std::vector<Part> parts;
        while (fields_.next_member()) {
            const auto key = fields_.key();
            if (key == "role") {
                role = fields_.word({at, "role"}, names);
            } else if (key == "content") {
                read_content({at, "content"}, parts);
            } else {
                fields_.skip();
            }
        }
        if (!role) {
            fields_.missing({at, "role"});
            return;
        }
        auto& message = roles.at(*role) == Role::assistant ? assistant() : begin(roles.at(*role));
        std::move(parts.begin(), parts.end(), std::back_inserter(message.parts));
    }

    void read_content(const Place& at, std::vector<Part>& parts) {
        if (fields_.peek() == JsonType::string) {
            parts.push_back({chat::Text{fields_.string(at)}, std::nullopt});
            return;
        }
        if (!fields_.optional_array(at)) {
            return;
        }
        for (std::size_t i = 0; fields_.next_element(); ++i) {
            read_part({at, i}, parts);
        }
    }

    void read_part(const Place& at, std::vector<Part>& parts) {
        const auto type = fields_.member_ahead(type_key);
        if (!fields_.object(at)) {
            return;
        }
        Media media;
        std::string text;
        std::string link;
        while (fields_.next_member()) {
            const auto key = std::string(fields_.key());
            if (key == "text" || key == "refusal") {
                text = fields_.string({at, key});
            } else if (key == "image_url" || key == "file_url" || key == "file_data") {
                link = fields_.optional_string({at, key}).value_or(link);
            } else if (key == "file_id") {
                media.file_id = fields_.optional_string({at, "file_id"}).value_or("");
            } else if (key == "filename") {
                media.name = fields_.optional_string({at, "filename"}).value_or("");
            } else if (key == "detail") {
                media.detail = fields_.optional_string({at, "detail"}).value_or("");
            } else {
                fields_.skip();
            }
        }
        if (!type) {
            fields_.missing({at, type_key});
        } else if (*type == "input_text" || *type == "output_text" || *type == "text") {
            parts.push_back({chat::Text{std::move(text)}, std::nullopt});
        } else if (*type == "refusal") {
            parts.push_back({chat::Refusal{std::move(text)}, std::nullopt});
        } else if (*type == "input_image") {
            add_image(at, std::move(link), std::move(media), parts);
        } else if (*type == "input_file") {
            add_file(at, std::move(link), std::move(media), parts);
        } else {
            fields_.unsupported({at, type_key}, "parts of this type mean something to OpenAI only");
        }
    }

    void add_image(const Place& at, std::string link, Media media, std::vector<Part>& parts) {
        media.kind = chat::MediaKind::image;
        if (is_link(link)) {
            media.url = std::move(link);
        } else if (!link.empty() && !take_data_url(link, media)) {
            fields_.invalid({at, "image_url"}, "an http or https link, or a base64 data URL");
        } else if (link.empty() && media.data.empty() && media.file_id.empty()) {
            fields_.missing({at, "image_url"});
        }
        parts.push_back({std::move(media), std::nullopt});
    }

    void add_file(const Place& at, std::string link, Media media, std::vector<Part>& parts) {
        media.kind = chat::MediaKind::document;
        media.detail.clear();
        if (!link.empty()) {
            set_file(fields_, at, std::move(link), media);
        } else if (media.file_id.empty()) {
            fields_.missing({at, "file_data"});
        }
        parts.push_back({std::move(media), std::nullopt});
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
        if (call.id.empty()) {
            fields_.missing({at, "call_id"});
        } else if (call.name.empty()) {
            fields_.missing({at, "name"});
        }
        assistant().parts.push_back({std::move(call), std::nullopt});
    }

    void read_output(const Place& at) {
        chat::ToolResult result;
        std::vector<Part> parts;
        while (fields_.next_member()) {
            const auto key = fields_.key();
            if (key == "call_id") {
                result.call_id = fields_.string({at, "call_id"});
            } else if (key == "output") {
                read_content({at, "output"}, parts);
            } else {
                fields_.skip();
            }
        }
        if (result.call_id.empty()) {
            fields_.missing({at, "call_id"});
        }
        for (auto& part : parts) {
            if (auto* text = std::get_if<chat::Text>(&part.what)) {
                result.parts.emplace_back(std::move(*text));
            } else if (auto* media = std::get_if<Media>(&part.what)) {
                result.parts.emplace_back(std::move(*media));
            }
        }
        begin(Role::tool).parts.push_back({std::move(result), std::nullopt});
    }

    void read_reasoning(const Place& at) {
        chat::Reasoning thought;
        while (fields_.next_member()) {
            const auto key = std::string(fields_.key());
            if (key == "summary" || key == "content") {
                read_thought_texts({at, key}, thought.text);
            } else if (key == "encrypted_content") {
                thought.signature = fields_.optional_string({at, "encrypted_content"}).value_or("");
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
            thought.signature = std::move(carried->signature);
        }
        assistant().parts.push_back({std::move(thought), std::nullopt});
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
    if (!fields.array(at)) {
        return;
    }
    ItemReader items(fields, conversation);
    for (std::size_t i = 0; fields.next_element(); ++i) {
        items.read({at, i}, i);
    }
    items.settle();
}

}  // namespace gatehouse::dialect

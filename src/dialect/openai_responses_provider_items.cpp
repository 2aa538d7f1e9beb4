#include "openai_responses_provider_request.hpp"
#include "openai_thought.hpp"

#include <fmt/format.h>

#include <utility>

namespace gatehouse::dialect {
namespace {

class ItemsWriter {
public:
    ItemsWriter(JsonOut& json, const OpenaiPlan& plan, const chat::ModelFacts& facts, Losses& losses)
        : json_(json), plan_(plan), facts_(facts), losses_(losses) {}

    /// System texts are messages too, not `instructions`: JSON mode looks for its word in the items only.
    void write(const Turns& turns) {
        json_.key("input").begin_array();
        write_system(turns.system, plan_.ask_for_json);
        for (const auto& turn : turns.turns) {
            index_ = turn.index;
            switch (turn.speaker) {
                case Speaker::system:
                    write_system(turn.parts, false);
                    break;
                case Speaker::user:
                    write_user(turn);
                    break;
                case Speaker::assistant:
                    write_assistant(turn, &turn == &turns.turns.back());
                    break;
            }
        }
        json_.end_array();
        if (!any_) {
            losses_.refuse("messages", "nothing in them could be answered");
        }
    }

private:
    JsonOut& begin_item(std::string_view type) { return json_.begin_object().key("type").string(type); }

    void begin_message(std::string_view role) {
        begin_item("message").key("role").string(role).key("content");
    }

    /// Texts of several messages or blocks are one message.
    void write_system(const std::vector<const chat::Part*>& parts, bool ask_for_json) {
        std::string text;
        const auto add = [&](std::string_view more) {
            text += text.empty() ? "" : "\n\n";
            text += more;
        };
        for (const auto* part : parts) {
            if (const auto* words = std::get_if<chat::Text>(&part->what)) {
                add(words->text);
            } else if (std::holds_alternative<chat::Media>(part->what)) {
                losses_.refuse(fmt::format("messages[{}]", index_), "the system's part may hold text only");
            }
        }
        if (ask_for_json) {
            add("Answer with one JSON object and nothing else.");
        }
        if (!text.empty()) {
            begin_message(plan_.reasons ? "developer" : "system");
            json_.string(text).end_object();
        }
    }

    void write_user(const Turn& turn) {
        for (const auto& answered : turn.results) {
            write_output(answered);
        }
        if (turn.parts.empty()) {
            return;
        }
        any_ = true;
        begin_message("user");
        const auto* only =
            turn.parts.size() == 1 ? std::get_if<chat::Text>(&turn.parts.front()->what) : nullptr;
        if (only != nullptr) {
            json_.string(only->text);
        } else {
            json_.begin_array();
            for (const auto* part : turn.parts) {
                write_part(*part);
            }
            json_.end_array();
        }
        json_.end_object();
    }

    void write_output(const Answered& answered) {
        const auto& result = std::get<chat::ToolResult>(answered.result->what);
        const bool custom = answered.call->custom && keeps_custom_tools(facts_);
        any_ = true;
        begin_item(custom ? "custom_tool_call_output" : "function_call_output").key("call_id");
        json_.string(names_.id_of(*answered.call)).key("output");
        bool media = false;
        std::string text = result.is_error ? "Error: " : "";
        bool first = true;
        for (const auto& part : result.parts) {
            if (const auto* words = std::get_if<chat::Text>(&part)) {
                text += std::exchange(first, false) ? "" : "\n";
                text += words->text;
            } else {
                media = true;
            }
        }
        if (media) {
            write_output_parts(result);
        } else {
            json_.string(text);
        }
        json_.end_object();
    }

    void write_output_parts(const chat::ToolResult& result) {
        json_.begin_array();
        if (result.is_error) {
            write_text("input_text", "Error:");
        }
        for (const auto& part : result.parts) {
            if (const auto* words = std::get_if<chat::Text>(&part)) {
                write_text("input_text", words->text);
            } else {
                write_media(std::get<chat::Media>(part));
            }
        }
        json_.end_array();
    }

    void write_part(const chat::Part& part) {
        if (const auto* text = std::get_if<chat::Text>(&part.what)) {
            write_text("input_text", text->text);
        } else if (const auto* refusal = std::get_if<chat::Refusal>(&part.what)) {
            write_text("input_text", refusal->text);
        } else if (const auto* media = std::get_if<chat::Media>(&part.what)) {
            write_media(*media);
        }
    }

    void write_text(std::string_view type, std::string_view text) {
        json_.begin_object().key("type").string(type).key("text").string(text).end_object();
    }

    void write_media(const chat::Media& media) {
        switch (form_of_media(media, facts_, OpenaiForm::responses, index_, losses_)) {
            case OpenaiMediaForm::image:
                begin_item("input_image");
                if (!media.file_id.empty()) {
                    json_.key("file_id").string(media.file_id);
                } else {
                    json_.key("image_url").string(media.url.empty() ? data_url(media) : media.url);
                }
                write_detail(media);
                json_.end_object();
                break;
            case OpenaiMediaForm::file:
                write_file(media);
                break;
            case OpenaiMediaForm::text:
                write_text("input_text", text_of_document(media));
                break;
            case OpenaiMediaForm::audio:
            case OpenaiMediaForm::refused:
                break;
        }
    }

    void write_detail(const chat::Media& media) {
        if (!media.detail.empty()) {
            json_.key("detail").string(media.detail);
        }
    }

    void write_file(const chat::Media& media) {
        begin_item("input_file");
        if (!media.file_id.empty()) {
            json_.key("file_id").string(media.file_id);
        } else if (!media.url.empty()) {
            json_.key("file_url").string(media.url);
        }
        if (!media.name.empty() || !media.data.empty()) {
            json_.key("filename").string(media.name.empty() ? std::string_view("document.pdf") : media.name);
        }
        if (!media.data.empty()) {
            json_.key("file_data").string(data_url(media));
        }
        write_detail(media);
        json_.end_object();
    }

    void write_assistant(const Turn& turn, bool last) {
        if (last && !facts_.prefill) {
            losses_.refuse(fmt::format("messages[{}]", index_),
                           "the model does not continue a message of the assistant");
        }
        std::vector<const chat::Reasoning*> thoughts;
        bool message = false;
        const auto end_message = [&] {
            if (std::exchange(message, false)) {
                json_.end_array().end_object();
            }
        };
        for (const auto* part : turn.parts) {
            if (const auto* thought = std::get_if<chat::Reasoning>(&part->what)) {
                thoughts.push_back(thought);
                continue;
            }
            if (std::holds_alternative<chat::Media>(part->what)) {
                losses_.refuse(fmt::format("messages[{}]", index_),
                               "the assistant's part may hold text only");
                continue;
            }
            const auto* call = std::get_if<chat::ToolCall>(&part->what);
            if (call != nullptr || !thoughts.empty()) {
                end_message();
            }
            write_thoughts_before(std::exchange(thoughts, {}));
            any_ = true;
            if (call != nullptr) {
                write_call(*call);
                continue;
            }
            if (!std::exchange(message, true)) {
                begin_message("assistant");
                json_.begin_array();
            }
            write_said(*part);
        }
        end_message();
    }

    void write_said(const chat::Part& part) {
        if (const auto* text = std::get_if<chat::Text>(&part.what)) {
            write_text("output_text", text->text);
        } else if (const auto* refusal = std::get_if<chat::Refusal>(&part.what)) {
            json_.begin_object().key("type").string("refusal").key("refusal").string(refusal->text);
            json_.end_object();
        }
    }

    /// Only with the item behind them, and only those that the provider's models made: anything else is
    /// refused there.
    void write_thoughts_before(const std::vector<const chat::Reasoning*>& thoughts) {
        for (const auto* thought : thoughts) {
            const auto& encrypted = thought->signature.empty() ? thought->redacted : thought->signature;
            if (thought->origin != chat::Vendor::openai || encrypted.empty() || !plan_.reasons) {
                continue;
            }
            const auto [id, content] = openai_thought(encrypted);
            begin_item("reasoning");
            if (!id.empty()) {
                json_.key("id").string(id);
            }
            json_.key("summary").begin_array();
            if (!thought->text.empty()) {
                write_text("summary_text", thought->text);
            }
            json_.end_array().key("encrypted_content").string(content).end_object();
        }
    }

    void write_call(const chat::ToolCall& call) {
        const bool custom = call.custom && keeps_custom_tools(facts_);
        begin_item(custom ? "custom_tool_call" : "function_call");
        json_.key("call_id").string(names_.id_of(call)).key("name").string(OpenaiNames::tool(call.name));
        json_.key(custom ? "input" : "arguments").string(openai_arguments(call, custom)).end_object();
    }

    JsonOut& json_;
    const OpenaiPlan& plan_;
    const chat::ModelFacts& facts_;
    Losses& losses_;
    OpenaiNames names_{OpenaiForm::responses};
    std::size_t index_{0};
    bool any_{false};  // an item that is not the system's
};

}  // namespace

void write_openai_responses_input(JsonOut& json, const Turns& turns, const OpenaiPlan& plan,
                                  const chat::ModelFacts& facts, Losses& losses) {
    ItemsWriter(json, plan, facts, losses).write(turns);
}

}  // namespace gatehouse::dialect

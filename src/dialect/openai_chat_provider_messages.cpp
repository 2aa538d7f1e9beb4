#include "openai_chat_provider_request.hpp"

#include <fmt/format.h>

#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::Media;
using chat::Part;

class MessagesWriter {
public:
    MessagesWriter(JsonOut& json, const OpenaiPlan& plan, const chat::ModelFacts& facts, Losses& losses)
        : json_(json), plan_(plan), facts_(facts), losses_(losses) {}

    void write(const Turns& turns) {
        json_.key("messages").begin_array();
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
    }

private:
    /// Texts of several messages or blocks are one message.
    void write_system(const std::vector<const Part*>& parts, bool ask_for_json) {
        std::string text;
        for (const auto* part : parts) {
            if (const auto* words = std::get_if<chat::Text>(&part->what)) {
                add_paragraph(text, words->text);
            } else if (std::holds_alternative<Media>(part->what)) {
                losses_.refuse(fmt::format("messages[{}]", index_), "the system's part may hold text only");
            }
        }
        if (ask_for_json) {
            add_paragraph(text, "Answer with one JSON object and nothing else.");
        }
        if (!text.empty()) {
            json_.begin_object().key("role").string(plan_.reasons ? "developer" : "system");
            json_.key("content").string(text).end_object();
        }
    }

    static void add_paragraph(std::string& text, std::string_view more) {
        text += text.empty() ? "" : "\n\n";
        text += more;
    }

    void write_user(const Turn& turn) {
        std::vector<const Media*> from_results;
        for (const auto& answered : turn.results) {
            write_result(answered, from_results);
        }
        if (turn.parts.empty() && from_results.empty()) {
            return;
        }
        json_.begin_object().key("role").string("user").key("content");
        const auto* only = turn.parts.size() == 1 && from_results.empty()
                               ? std::get_if<chat::Text>(&turn.parts.front()->what)
                               : nullptr;
        if (only != nullptr) {
            json_.string(only->text);
        } else {
            json_.begin_array();
            for (const auto* media : from_results) {
                write_media(*media);
            }
            for (const auto* part : turn.parts) {
                write_part(*part);
            }
            json_.end_array();
        }
        json_.end_object();
    }

    /// A tool's message holds text alone: pictures follow in the user's.
    void write_result(const Answered& answered, std::vector<const Media*>& from_results) {
        const auto& result = std::get<chat::ToolResult>(answered.result->what);
        std::string text;
        for (const auto& part : result.parts) {
            text += text.empty() ? "" : "\n";
            if (const auto* words = std::get_if<chat::Text>(&part)) {
                text += words->text;
            } else {
                const auto& media = std::get<Media>(part);
                text += media.kind == chat::MediaKind::image ? "[image below]" : "[file below]";
                from_results.push_back(&media);
            }
        }
        if (result.is_error) {
            text.insert(0, "Error: ");
        }
        json_.begin_object().key("role").string("tool").key("tool_call_id");
        json_.string(names_.id_of(*answered.call)).key("content").string(text).end_object();
    }

    void write_part(const Part& part) {
        if (const auto* text = std::get_if<chat::Text>(&part.what)) {
            write_text(text->text);
        } else if (const auto* refusal = std::get_if<chat::Refusal>(&part.what)) {
            write_text(refusal->text);
        } else if (const auto* media = std::get_if<Media>(&part.what)) {
            write_media(*media);
        }
    }

    void write_text(std::string_view text) {
        json_.begin_object().key("type").string("text").key("text").string(text).end_object();
    }

    void write_media(const Media& media) {
        switch (form_of_media(media, facts_, OpenaiForm::chat, index_, losses_)) {
            case OpenaiMediaForm::image:
                json_.begin_object().key("type").string("image_url").key("image_url").begin_object();
                json_.key("url").string(media.url.empty() ? data_url(media) : media.url);
                if (!media.detail.empty()) {
                    json_.key("detail").string(media.detail);
                }
                json_.end_object().end_object();
                break;
            case OpenaiMediaForm::audio:
                json_.begin_object().key("type").string("input_audio").key("input_audio").begin_object();
                json_.key("data").string(media.data);
                json_.key("format").string(audio_format(media.media_type)).end_object().end_object();
                break;
            case OpenaiMediaForm::file:
                write_file(media);
                break;
            case OpenaiMediaForm::text:
                write_text(text_of_document(media));
                break;
            case OpenaiMediaForm::refused:
                break;
        }
    }

    void write_file(const Media& media) {
        json_.begin_object().key("type").string("file").key("file").begin_object();
        if (!media.file_id.empty()) {
            json_.key("file_id").string(media.file_id);
        } else {
            json_.key("filename").string(media.name.empty() ? std::string_view("document.pdf") : media.name);
            json_.key("file_data").string(data_url(media));
        }
        json_.end_object().end_object();
    }

    void write_assistant(const Turn& turn, bool last) {
        if (last && !facts_.prefill) {
            losses_.refuse(fmt::format("messages[{}]", index_),
                           "the model does not continue a message of the assistant");
        }
        std::vector<std::string_view> texts;
        std::vector<const chat::ToolCall*> calls;
        std::string refusal;
        for (const auto* part : turn.parts) {
            if (const auto* text = std::get_if<chat::Text>(&part->what)) {
                texts.emplace_back(text->text);
            } else if (const auto* refused = std::get_if<chat::Refusal>(&part->what)) {
                refusal += refused->text;
            } else if (const auto* call = std::get_if<chat::ToolCall>(&part->what)) {
                calls.push_back(call);
            } else if (std::holds_alternative<Media>(part->what)) {
                losses_.refuse(fmt::format("messages[{}]", index_),
                               "the assistant's part may hold text only");
            }
        }
        json_.begin_object().key("role").string("assistant").key("content");
        write_texts(texts);
        if (!refusal.empty()) {
            json_.key("refusal").string(refusal);
        }
        if (!calls.empty()) {
            json_.key("tool_calls").begin_array();
            for (const auto* call : calls) {
                write_call(*call);
            }
            json_.end_array();
        }
        json_.end_object();
    }

    void write_texts(const std::vector<std::string_view>& texts) {
        if (texts.empty()) {
            json_.null();
        } else if (texts.size() == 1) {
            json_.string(texts.front());
        } else {
            json_.begin_array();
            for (const auto text : texts) {
                write_text(text);
            }
            json_.end_array();
        }
    }

    void write_call(const chat::ToolCall& call) {
        const bool custom = call.custom && keeps_custom_tools(facts_);
        const std::string_view type = custom ? "custom" : "function";
        json_.begin_object().key("id").string(names_.id_of(call)).key("type").string(type);
        json_.key(type).begin_object().key("name").string(OpenaiNames::tool(call.name));
        json_.key(custom ? "input" : "arguments").string(openai_arguments(call, custom));
        json_.end_object().end_object();
    }

    JsonOut& json_;
    const OpenaiPlan& plan_;
    const chat::ModelFacts& facts_;
    Losses& losses_;
    OpenaiNames names_{OpenaiForm::chat};
    std::size_t index_{0};
};

}  // namespace

void write_openai_chat_messages(JsonOut& json, const Turns& turns, const OpenaiPlan& plan,
                                const chat::ModelFacts& facts, Losses& losses) {
    MessagesWriter(json, plan, facts, losses).write(turns);
}

}  // namespace gatehouse::dialect

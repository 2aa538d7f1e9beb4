#include "blanks.hpp"
#include "field_reader.hpp"
#include "gemini_request.hpp"
#include "openai_words.hpp"
#include "signature_carrier.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <variant>

namespace gatehouse::dialect {
namespace {

using chat::Media;

constexpr wire::JsonLimits argument_limits{64};
// Google's word for calls of a history that was not made by this model (ai.google.dev, thought signatures).

/// False: no object, or one with a key `$ref`, which is Google's own.
bool may_be_response(wire::JsonReader& json) {
    if (json.peek() == wire::JsonType::object) {
        bool fine = true;
        json.begin_object();
        while (json.next_member()) {
            fine = json.key() != "$ref" && fine;
            fine = may_be_response(json) && fine;
        }
        return fine;
    }
    if (json.peek() == wire::JsonType::array) {
        bool fine = true;
        json.begin_array();
        while (json.next_element()) {
            fine = may_be_response(json) && fine;
        }
        return fine;
    }
    json.skip();
    return true;
}

bool is_json_arguments(std::string_view text) {
    wire::JsonReader json(text, argument_limits);
    if (json.peek() != wire::JsonType::object) {
        return false;
    }
    json.skip();
    return json.finish();
}

bool is_response(std::string_view text) {
    wire::JsonReader json(text, argument_limits);
    return json.peek() == wire::JsonType::object && may_be_response(json) && json.finish();
}

/// Clients that keep signatures as URL-safe base64 bring them back like that.
std::string standard_signature(std::string text) {
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    return text;
}

class ContentsWriter {
public:
    ContentsWriter(const GeminiTask& task, const Turns& turns, JsonOut& json)
        : task_(task), turns_(turns), json_(json) {}

    void write(std::string_view instruction) {
        collect_system(instruction);
        if (task_.facts.system_instruction && !system_.empty()) {
            json_.key("systemInstruction").begin_object().key("parts").begin_array();
            for (const auto text : system_) {
                write_text(text);
            }
            json_.end_array().end_object();
            system_.clear();
        }
        json_.key("contents").begin_array();
        if (!system_.empty() && !begins_with_words()) {
            begin_entry("user");
            write_text(system_as_one() + "\n\n");
            end_entry();
            system_.clear();
        }
        for (const auto& turn : turns_.turns) {
            if (turn.speaker == Speaker::assistant) {
                write_model(turn);
            } else {
                write_user(turn);
            }
        }
        json_.end_array();
        refuse_prefill();
    }

private:
    void collect_system(std::string_view instruction) {
        for (const auto* part : turns_.system) {
            if (const auto* text = std::get_if<chat::Text>(&part->what)) {
                system_.push_back(text->text);
            }
            note_cache(*part);
        }
        if (!instruction.empty()) {
            system_.push_back(instruction);
        }
    }

    std::string system_as_one() const { return fmt::format("{}", fmt::join(system_, "\n\n")); }

    /// The first turn is the user's, and what it begins with is text: the system's words can stand before it.
    bool begins_with_words() const {
        const auto& first = turns_.turns.front();
        return first.speaker != Speaker::assistant && first.results.empty() && !first.parts.empty() &&
               std::holds_alternative<chat::Text>(first.parts.front()->what);
    }

    void begin_entry(std::string_view role) {
        json_.begin_object().key("role").string(role).key("parts").begin_array();
    }
    void end_entry() { json_.end_array().end_object(); }

    void write_text(std::string_view text, std::string_view signature = {}) {
        json_.begin_object().key("text").string(text);
        if (!signature.empty()) {
            json_.key("thoughtSignature").string(standard_signature(std::string(signature)));
        }
        json_.end_object();
    }

    void write_model(const Turn& turn) {
        begin_entry("model");
        bool first_call = true;
        for (auto at = turn.parts.begin(); at != turn.parts.end(); ++at) {
            const auto* part = *at;
            note_cache(*part);
            if (const auto* call = std::get_if<chat::ToolCall>(&part->what)) {
                write_call(*call, first_call);
                first_call = false;
            } else if (const auto* refusal = std::get_if<chat::Refusal>(&part->what)) {
                write_text(refusal->text);
            } else if (const auto* thought = std::get_if<chat::Reasoning>(&part->what)) {
                write_text({}, thought->signature);
            } else if (const auto* text = std::get_if<chat::Text>(&part->what)) {
                const auto next = std::next(at);
                const auto* signed_by =
                    next == turn.parts.end() ? nullptr : std::get_if<chat::Reasoning>(&(*next)->what);
                write_text(text->text, signed_by == nullptr ? std::string_view() : signed_by->signature);
                at = signed_by == nullptr ? at : next;
            } else {
                write_part(*part);
            }
        }
        end_entry();
    }

    /// Answers to calls stay alone: Gemini counts them, and nothing may stand beside them.
    void write_user(const Turn& turn) {
        if (!turn.results.empty()) {
            begin_entry("user");
            for (const auto& answered : turn.results) {
                write_result(answered);
            }
            end_entry();
            write_result_media(turn);
        }
        if (turn.parts.empty()) {
            return;
        }
        begin_entry("user");
        for (const auto* part : turn.parts) {
            note_cache(*part);
            const auto* text = std::get_if<chat::Text>(&part->what);
            if (text != nullptr && !system_.empty()) {
                write_text(system_as_one() + "\n\n" + text->text);
                system_.clear();
            } else {
                write_part(*part);
            }
        }
        end_entry();
    }

    void write_part(const chat::Part& part) {
        if (const auto* text = std::get_if<chat::Text>(&part.what)) {
            write_text(text->text);
        } else if (const auto* media = std::get_if<Media>(&part.what)) {
            write_media(*media, &part);
        }
    }

    void write_call(const chat::ToolCall& call, bool first) {
        json_.begin_object().key("functionCall").begin_object();
        if (task_.facts.call_ids && !call.id.empty()) {
            json_.key("id").string(call.id);
        }
        json_.key("name").string(task_.names.of(call.name)).key("args");
        if (call.custom) {
            json_.begin_object().key("input").string(call.arguments).end_object();
        } else if (is_blank(call.arguments)) {
            json_.raw("{}");
        } else if (is_json_arguments(call.arguments)) {
            json_.raw(without_padding(call.arguments));
        } else {
            json_.begin_object().key("_raw").string(call.arguments).end_object();
        }
        json_.end_object();
        if (!call.signature.empty()) {
            json_.key("thoughtSignature").string(standard_signature(call.signature));
        } else if (first && task_.facts.signatures_required) {
            json_.key("thoughtSignature").string(no_signature_check);
        }
        json_.end_object();
    }

    void write_result(const Answered& answered) {
        const auto& result = std::get<chat::ToolResult>(answered.result->what);
        note_cache(*answered.result);
        std::string text;
        for (const auto& piece : result.parts) {
            if (const auto* words = std::get_if<chat::Text>(&piece)) {
                text += words->text;
            }
        }
        json_.begin_object().key("functionResponse").begin_object();
        if (task_.facts.call_ids && !answered.call->id.empty()) {
            json_.key("id").string(answered.call->id);
        }
        json_.key("name").string(task_.names.of(answered.call->name)).key("response");
        if (result.is_error) {
            json_.begin_object().key("error").string(text).end_object();
        } else if (is_response(text)) {
            json_.raw(with_whole_surrogates(without_padding(text)));
        } else {
            json_.begin_object().key("output").string(text).end_object();
        }
        if (task_.facts.media_in_results && has_media(result)) {
            json_.key("parts").begin_array();
            write_media_of(result, answered.result);
            json_.end_array();
        }
        json_.end_object().end_object();
    }

    /// Models that take no media in a result get them from the user, behind all results.
    void write_result_media(const Turn& turn) {
        const auto shows = [](const Answered& answered) {
            return has_media(std::get<chat::ToolResult>(answered.result->what));
        };
        if (task_.facts.media_in_results || std::none_of(turn.results.begin(), turn.results.end(), shows)) {
            return;
        }
        begin_entry("user");
        for (const auto& answered : turn.results) {
            write_media_of(std::get<chat::ToolResult>(answered.result->what), answered.result);
        }
        end_entry();
    }

    static bool has_media(const chat::ToolResult& result) {
        return std::any_of(result.parts.begin(), result.parts.end(),
                           [](const auto& piece) { return std::holds_alternative<Media>(piece); });
    }

    void write_media_of(const chat::ToolResult& result, const chat::Part* where) {
        for (const auto& piece : result.parts) {
            if (const auto* media = std::get_if<Media>(&piece)) {
                write_media(*media, where);
            }
        }
    }

    void write_media(const Media& media, const chat::Part* where) {
        const auto why = write_gemini_media(task_, media, json_);
        if (!why.empty()) {
            refuse(where, why);
        }
    }

    void note_cache(const chat::Part& part) {
        if (part.cache) {
            task_.losses.drop("cache_control");
        }
    }

    /// A part that was made when the turns were is of no message.
    void refuse(const chat::Part* part, std::string_view why) {
        if (task_.losses.refused()) {
            return;  // the first one counts; to look for each would cost the square of them
        }
        std::string field = "messages";
        for (const auto& message : task_.conversation.messages) {
            const auto is_it = [&](const chat::Part& own) { return &own == part; };
            if (std::any_of(message.parts.begin(), message.parts.end(), is_it)) {
                field = fmt::format("messages[{}]", message.index);
            }
        }
        task_.losses.refuse(field, why);
    }

    void refuse_prefill() {
        const auto& last = turns_.turns.back();
        if (last.speaker == Speaker::assistant && !task_.facts.prefill) {
            task_.losses.refuse(fmt::format("messages[{}]", last.index),
                                "the model cannot go on with an answer that was begun");
        }
    }

    const GeminiTask& task_;
    const Turns& turns_;
    JsonOut& json_;
    std::vector<std::string_view> system_;
};

}  // namespace

void write_gemini_contents(const GeminiTask& task, const Turns& turns, std::string_view instruction,
                           JsonOut& json) {
    ContentsWriter(task, turns, json).write(instruction);
}

}  // namespace gatehouse::dialect

#include "replay_json.hpp"
#include "replay_parts.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <utility>

namespace gatehouse::dialect {
namespace {

using Json = ReplayJson;

/// Empty where there is none: providers say `null` too, and who knows what else.
Json list_in(const Json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found != object.end() && found->is_array() ? *found : Json::array();
}

/// A response as the events that would have led to it.
class ResponseTeller {
public:
    explicit ResponseTeller(const Json& response) : response_(response) {}

    std::optional<std::vector<ToldEvent>> tell() {
        const auto output = response_.find("output");
        if (output == response_.end() || !output->is_array()) {
            return std::nullopt;
        }
        auto begun = response_;
        begun["status"] = "in_progress";
        begun["output"] = Json::array();
        for (const auto* name : {"usage", "completed_at"}) {
            if (begun.contains(name)) {
                begun[name] = nullptr;
            }
        }
        event("response.created", {{"response", begun}});
        event("response.in_progress", {{"response", std::move(begun)}});
        for (const auto& item : *output) {
            if (!item.is_object()) {
                return std::nullopt;
            }
            tell_item(item);
            ++output_index_;
        }
        event("response.completed", {{"response", response_}});
        return std::move(events_);
    }

private:
    void event(std::string_view type, const Json& members) {
        Json said{{"type", type}, {"sequence_number", events_.size()}};
        said.update(members);
        events_.push_back({type, written_answer(said)});
    }

    /// Of the item that is told.
    void item_event(std::string_view type, const Json& members) {
        Json said{{"item_id", id_}, {"output_index", output_index_}};
        said.update(members);
        event(type, said);
    }

    void tell_item(const Json& item) {
        id_ = answer_text(item, "id");
        const auto type = answer_text(item, "type");
        auto begun = item;
        if (begun.contains("status")) {
            begun["status"] = "in_progress";
        }
        for (const auto* list : {"content", "summary"}) {
            if (begun.contains(list) && begun[list].is_array()) {
                begun[list] = Json::array();
            }
        }
        const auto* const input = type == "function_call"      ? "arguments"
                                  : type == "custom_tool_call" ? "input"
                                                               : "";
        if (*input != '\0' && begun.contains(input)) {
            begun[input] = "";
        }
        event("response.output_item.added", {{"output_index", output_index_}, {"item", std::move(begun)}});
        if (type == "message") {
            tell_parts(item);
        } else if (type == "reasoning") {
            tell_summary(item);
            tell_reasoning(item);
        } else if (type == "function_call") {
            tell_text("response.function_call_arguments.delta", "response.function_call_arguments.done",
                      "arguments", answer_text(item, "arguments"), Json::object());
        } else if (type == "custom_tool_call") {
            tell_text("response.custom_tool_call_input.delta", "response.custom_tool_call_input.done",
                      "input", answer_text(item, "input"), Json::object());
        }
        event("response.output_item.done", {{"output_index", output_index_}, {"item", item}});
    }

    void tell_text(std::string_view delta, std::string_view done, const char* name, const std::string& text,
                   const Json& place) {
        Json said = place;
        said["delta"] = text;
        item_event(delta, said);
        Json whole = place;
        whole[name] = text;
        item_event(done, whole);
    }

    void tell_parts(const Json& item) {
        const auto content = list_in(item, "content");
        for (std::size_t i = 0; i < content.size(); ++i) {
            const auto& part = content[i];
            const auto type = answer_text(part, "type");
            Json place{{"content_index", i}};
            auto begun = part;
            const auto* const name = type == "refusal" ? "refusal" : "text";
            if (begun.is_object() && begun.contains(name)) {
                begun[name] = "";
            }
            for (const auto* list : {"annotations", "logprobs"}) {
                if (begun.is_object() && begun.contains(list) && begun[list].is_array()) {
                    begun[list] = Json::array();
                }
            }
            Json added = place;
            added["part"] = std::move(begun);
            item_event("response.content_part.added", added);
            if (type == "refusal") {
                tell_text("response.refusal.delta", "response.refusal.done", name, answer_text(part, name),
                          place);
            } else if (type == "output_text") {
                tell_output_text(part, place);
            }
            place["part"] = part;
            item_event("response.content_part.done", place);
        }
    }

    void tell_output_text(const Json& part, const Json& place) {
        const auto logprobs = list_in(part, "logprobs");
        Json said = place;
        said["logprobs"] = logprobs;
        const auto annotations = list_in(part, "annotations");
        Json delta = said;
        delta["delta"] = answer_text(part, "text");
        item_event("response.output_text.delta", delta);
        for (std::size_t i = 0; i < annotations.size(); ++i) {
            Json annotation = place;
            annotation["annotation_index"] = i;
            annotation["annotation"] = annotations[i];
            item_event("response.output_text.annotation.added", annotation);
        }
        said["text"] = answer_text(part, "text");
        item_event("response.output_text.done", said);
    }

    void tell_summary(const Json& item) {
        const auto summary = list_in(item, "summary");
        for (std::size_t i = 0; i < summary.size(); ++i) {
            Json place{{"summary_index", i}};
            Json added = place;
            added["part"] = {{"type", "summary_text"}, {"text", ""}};
            item_event("response.reasoning_summary_part.added", added);
            tell_text("response.reasoning_summary_text.delta", "response.reasoning_summary_text.done", "text",
                      answer_text(summary[i], "text"), place);
            place["part"] = summary[i];
            item_event("response.reasoning_summary_part.done", place);
        }
    }

    void tell_reasoning(const Json& item) {
        const auto content = list_in(item, "content");
        for (std::size_t i = 0; i < content.size(); ++i) {
            tell_text("response.reasoning_text.delta", "response.reasoning_text.done", "text",
                      answer_text(content[i], "text"), {{"content_index", i}});
        }
    }

    const Json& response_;
    std::vector<ToldEvent> events_;
    std::size_t output_index_{0};
    std::string id_;  // of the item that is told
};

}  // namespace

std::optional<std::vector<ToldEvent>> response_in_events(std::string_view whole) {
    const auto response = parsed_answer(whole);
    if (!response || !response->is_object()) {
        return std::nullopt;
    }
    return ResponseTeller(*response).tell();
}

}  // namespace gatehouse::dialect

#include "responses_client_reply.hpp"

#include "translation_parts.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace gatehouse::dialect {
namespace {

using chat::DeltaKind;
using chat::Event;
using chat::EventKind;
using chat::Finish;

void write_usage_counts(JsonOut& json, const chat::Usage& usage, std::string_view cost) {
    json.begin_object().key("input_tokens").integer(usage.prompt().value());
    json.key("input_tokens_details").begin_object();
    json.key("cached_tokens").integer(usage.cached_input.value());
    json.key("cache_write_tokens").integer(usage.written().value()).end_object();
    json.key("output_tokens").integer(usage.completion().value());
    json.key("output_tokens_details").begin_object();
    json.key("reasoning_tokens").integer(usage.reasoning.value()).end_object();
    json.key("total_tokens").integer(usage.prompt().value() + usage.completion().value());
    if (!cost.empty()) {
        json.key("cost").raw(cost);
    }
    json.end_object();
}

/// wire-formats 3.2, 3.3, 12.6: items one after the other, every event with its number.
class ResponsesWriter final : public ReplyWriter {
public:
    explicit ResponsesWriter(const ReplyIdentity& identity)
        : id_("resp_" + std::string(identity.id)),
          model_(identity.model),
          created_(
              std::chrono::duration_cast<std::chrono::seconds>(identity.created.time_since_epoch()).count()),
          request_(identity.request),
          settings_(request_, identity.previous_response),
          items_(identity.id, identity.origin, identity.show_reasoning, settings_.wants_encrypted()) {}

    DeltaKind write(std::span<const Event> events, std::string& out) override;
    void end(const chat::Usage& usage, std::string& out) override;
    void tell_cost(std::string cost) override { cost_ = std::move(cost); }
    std::string whole(std::span<const Event> events, const chat::Usage& usage) override;

private:
    enum class State : std::uint8_t { in_progress, ended };

    bool see(const Event& event);
    bool is_cut() const noexcept { return finish_ == Finish::length || finish_ == Finish::content_filter; }
    /// Begins `{"type":…,"sequence_number":n` of an event; the caller adds members and ends the object.
    JsonOut begin_event(std::string& data, std::string_view type);
    static void end_event(std::string& out, std::string_view type, const std::string& data);
    JsonOut begin_item_event(std::string& data, std::string_view type, const ResponseItem& item);
    void write_start(std::string& out);
    void write_response(JsonOut& json, State state, const chat::Usage* usage);
    void write_items(std::string& out);
    void begin_item(std::string& out, const ResponseItem& item);
    void go_on_with(std::string& out, const ResponseItem& item);
    void end_item(std::string& out, const ResponseItem& item);
    void write_part_event(std::string& out, std::string_view type, const ResponseItem& item);
    void write_text_event(std::string& out, std::string_view type, const ResponseItem& item,
                          std::string_view member, std::string_view text);

    std::string id_;
    std::string model_;
    std::int64_t created_;
    std::string request_;
    ResponseSettings settings_;
    ResponseItems items_;
    Finish finish_{Finish::stop};
    std::int64_t sequence_{0};
    bool started_{false};
    std::size_t told_{0};        // items that were told to their ends
    bool open_{false};           // the one behind them has begun
    std::size_t told_bytes_{0};  // of its text
    std::size_t told_marks_{0};  // of its annotations
    std::string cost_;           // a JSON number; empty: not told
};

/// Where the names of an item's events differ.
struct EventNames {
    std::string_view delta;
    std::string_view done;
    std::string_view member;  // of the whole text in the last one
};

EventNames names_of(ResponseItemKind kind) noexcept {
    switch (kind) {
        case ResponseItemKind::refusal:
            return {"response.refusal.delta", "response.refusal.done", "refusal"};
        case ResponseItemKind::reasoning:
            return {"response.reasoning_summary_text.delta", "response.reasoning_summary_text.done", "text"};
        case ResponseItemKind::call:
            return {"response.function_call_arguments.delta", "response.function_call_arguments.done",
                    "arguments"};
        case ResponseItemKind::custom_call:
            return {"response.custom_tool_call_input.delta", "response.custom_tool_call_input.done", "input"};
        case ResponseItemKind::text:
        case ResponseItemKind::image:
            break;
    }
    return {"response.output_text.delta", "response.output_text.done", "text"};
}

bool is_message(const ResponseItem& item) noexcept {
    return item.kind == ResponseItemKind::text || item.kind == ResponseItemKind::refusal;
}

JsonOut ResponsesWriter::begin_event(std::string& data, std::string_view type) {
    JsonOut json(data);
    json.begin_object().key("type").string(type).key("sequence_number").integer(sequence_++);
    return json;
}

void ResponsesWriter::end_event(std::string& out, std::string_view type, const std::string& data) {
    out += "event: ";
    out += type;
    out += "\ndata: ";
    out += data;
    out += "\n\n";
}

JsonOut ResponsesWriter::begin_item_event(std::string& data, std::string_view type,
                                          const ResponseItem& item) {
    auto json = begin_event(data, type);
    json.key("item_id").string(item.id).key("output_index").integer(static_cast<std::int64_t>(told_));
    if (is_message(item)) {
        json.key("content_index").integer(0);
    } else if (item.kind == ResponseItemKind::reasoning) {
        json.key("summary_index").integer(0);
    }
    return json;
}

void ResponsesWriter::write_response(JsonOut& json, State state, const chat::Usage* usage) {
    const bool ended = state == State::ended;
    const bool cut = ended && is_cut();
    json.begin_object().key("id").string(id_).key("object").string("response");
    json.key("created_at").integer(created_);
    json.key("status").string(cut ? "incomplete" : (ended ? "completed" : "in_progress"));
    json.key("completed_at");
    if (ended && !cut) {
        json.integer(created_);
    } else {
        json.null();
    }
    json.key("background").boolean(false).key("error").null().key("incomplete_details");
    if (cut) {
        json.begin_object().key("reason");
        json.string(finish_ == Finish::length ? "max_output_tokens" : "content_filter").end_object();
    } else {
        json.null();
    }
    json.key("model").string(model_).key("output").begin_array();
    for (const auto& item : items_.items()) {
        if (ended) {
            write_response_item(json, item, false);
        }
    }
    json.end_array();
    settings_.write(json);
    json.key("usage");
    if (usage != nullptr && usage->known) {
        write_usage_counts(json, *usage, cost_);
    } else {
        json.null();
    }
    json.end_object();
}

void ResponsesWriter::write_start(std::string& out) {
    if (std::exchange(started_, true)) {
        return;
    }
    for (const std::string_view type : {"response.created", "response.in_progress"}) {
        std::string data;
        auto json = begin_event(data, type);
        json.key("response");
        write_response(json, State::in_progress, nullptr);
        json.end_object();
        end_event(out, type, data);
    }
}

void ResponsesWriter::write_part_event(std::string& out, std::string_view type, const ResponseItem& item) {
    const bool begun = type.ends_with(".added");
    std::string data;
    auto json = begin_item_event(data, type, item);
    json.key("part");
    if (is_message(item)) {
        write_response_part(json, item, begun);
    } else {
        json.begin_object().key("type").string("summary_text");
        json.key("text").string(begun ? std::string_view() : item.text).end_object();
    }
    json.end_object();
    end_event(out, type, data);
}

void ResponsesWriter::write_text_event(std::string& out, std::string_view type, const ResponseItem& item,
                                       std::string_view member, std::string_view text) {
    std::string data;
    auto json = begin_item_event(data, type, item);
    json.key(member).string(text);
    if (item.kind == ResponseItemKind::text) {
        const bool all = type == "response.output_text.done";
        json.key("logprobs").raw("[" + (all ? item.logprobs : std::string()) + "]");
    } else if (type == "response.function_call_arguments.done") {
        json.key("name").string(item.name);
    }
    json.end_object();
    end_event(out, type, data);
}

void ResponsesWriter::begin_item(std::string& out, const ResponseItem& item) {
    open_ = true;
    told_bytes_ = 0;
    told_marks_ = 0;
    std::string data;
    auto json = begin_event(data, "response.output_item.added");
    json.key("output_index").integer(static_cast<std::int64_t>(told_)).key("item");
    write_response_item(json, item, true);
    json.end_object();
    end_event(out, "response.output_item.added", data);
    if (is_message(item)) {
        write_part_event(out, "response.content_part.added", item);
    } else if (item.kind == ResponseItemKind::reasoning && !item.text.empty()) {
        write_part_event(out, "response.reasoning_summary_part.added", item);
    }
}

void ResponsesWriter::go_on_with(std::string& out, const ResponseItem& item) {
    if (item.kind == ResponseItemKind::image) {
        return;
    }
    if (told_bytes_ < item.text.size()) {
        write_text_event(out, names_of(item.kind).delta, item, "delta",
                         std::string_view(item.text).substr(told_bytes_));
        told_bytes_ = item.text.size();
    }
    for (; told_marks_ < item.annotations.size(); ++told_marks_) {
        std::string data;
        auto json = begin_item_event(data, "response.output_text.annotation.added", item);
        json.key("annotation_index").integer(static_cast<std::int64_t>(told_marks_));
        json.key("annotation").raw(item.annotations[told_marks_]).end_object();
        end_event(out, "response.output_text.annotation.added", data);
    }
}

void ResponsesWriter::end_item(std::string& out, const ResponseItem& item) {
    const bool silent = item.kind == ResponseItemKind::reasoning && item.text.empty();
    if (item.kind == ResponseItemKind::image) {
        std::string data;
        auto json = begin_item_event(data, "response.image_generation_call.completed", item);
        json.end_object();
        end_event(out, "response.image_generation_call.completed", data);
    } else if (!silent) {
        const auto names = names_of(item.kind);
        write_text_event(out, names.done, item, names.member, item.text);
    }
    if (is_message(item)) {
        write_part_event(out, "response.content_part.done", item);
    } else if (item.kind == ResponseItemKind::reasoning && !silent) {
        write_part_event(out, "response.reasoning_summary_part.done", item);
    }
    std::string data;
    auto json = begin_event(data, "response.output_item.done");
    json.key("output_index").integer(static_cast<std::int64_t>(told_)).key("item");
    write_response_item(json, item, false);
    json.end_object();
    end_event(out, "response.output_item.done", data);
    open_ = false;
    ++told_;
}

void ResponsesWriter::write_items(std::string& out) {
    const auto& items = items_.items();
    while (told_ < items.size()) {
        const ResponseItem& item = items[told_];
        if (!open_) {
            begin_item(out, item);
        }
        go_on_with(out, item);
        if (!item.ended) {
            return;
        }
        end_item(out, item);
    }
}

bool ResponsesWriter::see(const Event& event) {
    if (event.choice != 0) {
        return false;
    }
    if (event.kind == EventKind::finish) {
        finish_ = event.finish;
        return false;
    }
    return items_.see(event);
}

DeltaKind ResponsesWriter::write(std::span<const Event> events, std::string& out) {
    write_start(out);
    auto kind = DeltaKind::opening;
    for (const auto& event : events) {
        if (see(event)) {
            kind = DeltaKind::content;
        } else if (event.kind == EventKind::finish && kind == DeltaKind::opening) {
            kind = DeltaKind::finish;
        }
    }
    write_items(out);
    return kind;
}

void ResponsesWriter::end(const chat::Usage& usage, std::string& out) {
    write_start(out);
    items_.end(is_cut());
    write_items(out);
    const std::string_view type = is_cut() ? "response.incomplete" : "response.completed";
    std::string data;
    auto json = begin_event(data, type);
    json.key("response");
    write_response(json, State::ended, &usage);
    json.end_object();
    end_event(out, type, data);
}

std::string ResponsesWriter::whole(std::span<const Event> events, const chat::Usage& usage) {
    for (const auto& event : events) {
        see(event);
    }
    items_.end(is_cut());
    std::string body;
    JsonOut json(body);
    write_response(json, State::ended, &usage);
    return body;
}

}  // namespace

std::unique_ptr<ReplyWriter> responses_writer(const ReplyIdentity& identity) {
    return std::make_unique<ResponsesWriter>(identity);
}

}  // namespace gatehouse::dialect

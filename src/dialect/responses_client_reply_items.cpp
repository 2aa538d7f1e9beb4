#include "kept_json.hpp"
#include "openai_thought.hpp"
#include "reply_words.hpp"
#include "responses_client_reply.hpp"
#include "signature_carrier.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::dialect {
namespace {

bool is_call(const ResponseItem& item) noexcept {
    return item.kind == ResponseItemKind::call || item.kind == ResponseItemKind::custom_call;
}

/// The chat dialect nests what Responses have flat, and counts from the beginning of the answer, where they
/// count from the beginning of the item, `before` characters later.
std::string flat_annotation(std::string_view annotation, std::int64_t before) {
    const auto cited = member_of(annotation, "url_citation");
    if (!cited.starts_with('{')) {
        return {};
    }
    std::string out;
    JsonOut written(out);
    written.begin_object().key("type").string("url_citation");
    auto json = kept_reader(cited);
    json.begin_object();
    while (json.next_member()) {
        const std::string key(json.key());
        if (key == "type") {
            json.skip();
            continue;
        }
        written.any_key(key);
        auto number = json;
        const bool index = key == "start_index" || key == "end_index";
        const auto value = index && number.peek() == wire::JsonType::number ? number.integer() : std::nullopt;
        const auto text = text_at(cited, json.skip());
        if (value) {
            written.integer(std::max<std::int64_t>(*value - before, 0));
        } else {
            written.raw(compact_json(text));
        }
    }
    written.end_object();
    return out;
}

}  // namespace

ResponseItem& ResponseItems::begin(ResponseItemKind kind, std::string_view prefix) {
    if (!items_.empty() && !is_call(items_.back())) {
        const auto& last = items_.back();
        if (last.kind == ResponseItemKind::text) {
            text_told_ += static_cast<std::int64_t>(characters_in(last.text));
        }
        items_.back().ended = true;
    }
    auto& item = items_.emplace_back();
    item.kind = kind;
    item.text_before = text_told_;
    item.id = prefix;
    item.id += id_;
    item.id += '_';
    item.id += std::to_string(items_.size() - 1);
    return item;
}

void ResponseItems::resume(std::string_view item, std::string_view text) {
    auto& begun = begin(ResponseItemKind::text, "msg_");
    begun.id = item;
    begun.text = text;
}

ResponseItem* ResponseItems::open(ResponseItemKind kind) {
    const bool is = !items_.empty() && items_.back().kind == kind && !items_.back().ended;
    return is ? &items_.back() : nullptr;
}

ResponseItem* ResponseItems::call(std::uint32_t tool) {
    for (auto& item : items_) {
        if (is_call(item) && item.tool == tool) {
            return &item;
        }
    }
    return nullptr;
}

bool ResponseItems::see(const chat::Event& event) {
    const bool of_text = event.kind == chat::EventKind::citation || event.kind == chat::EventKind::logprobs;
    const bool late = !of_text && tell_late_signature();
    return see_one(event) || late;
}

bool ResponseItems::see_one(const chat::Event& event) {
    switch (event.kind) {
        case chat::EventKind::text:
            return see_said(ResponseItemKind::text, event.text);
        case chat::EventKind::refusal:
            return see_said(ResponseItemKind::refusal, event.text);
        case chat::EventKind::reasoning:
            return show_ && see_said(ResponseItemKind::reasoning, event.text);
        case chat::EventKind::signature:
            return see_signature(event.text);
        case chat::EventKind::redacted:
            return see_redacted(event.text);
        case chat::EventKind::tool_start:
            return see_call(event);
        case chat::EventKind::tool_arguments:
            if (auto* item = call(event.tool)) {
                item->text += event.text;
                return true;
            }
            return false;
        case chat::EventKind::tool_end:
            if (auto* item = call(event.tool)) {
                end(*item);
                return true;
            }
            return false;
        case chat::EventKind::citation:
            return see_citation(event.text);
        case chat::EventKind::logprobs:
            if (auto* item = open(ResponseItemKind::text)) {
                item->logprobs += item->logprobs.empty() ? "" : ",";
                item->logprobs += event.text;
                return true;
            }
            return false;
        case chat::EventKind::image:
            return see_image(event);
        default:
            return false;
    }
}

bool ResponseItems::see_said(ResponseItemKind kind, std::string_view text) {
    if (text.empty()) {
        return false;
    }
    auto* item = open(kind);
    const bool thoughts = kind == ResponseItemKind::reasoning;
    (item != nullptr ? *item : begin(kind, thoughts ? "rs_" : "msg_")).text += text;
    return true;
}

bool ResponseItems::see_signature(std::string_view signature) {
    if (!encrypted_ || signature.empty()) {
        if (auto* item = open(ResponseItemKind::reasoning)) {
            item->ended = true;
            return true;
        }
        return false;
    }
    auto* item = open(ResponseItemKind::reasoning);
    if (item == nullptr) {
        late_signature_ = signature;
        return open(ResponseItemKind::text) == nullptr && tell_late_signature();
    }
    item->ended = true;
    if (origin_ != chat::Vendor::openai) {
        item->encrypted = carry_signature(*origin_, signature);
        return true;
    }
    const auto [id, encrypted] = openai_thought(signature);
    item->id = id.empty() ? item->id : std::string(id);  // as its content knows it
    item->encrypted = encrypted;
    return true;
}

bool ResponseItems::tell_late_signature() {
    if (late_signature_.empty()) {
        return false;
    }
    begin(ResponseItemKind::reasoning, "rs_");
    return see_signature(std::exchange(late_signature_, {}));
}

/// A block of its own: what is open before it has a signature to come, or none.
bool ResponseItems::see_redacted(std::string_view redacted) {
    if (auto* item = open(ResponseItemKind::reasoning)) {
        item->ended = true;
    }
    if (!encrypted_ || redacted.empty()) {
        return false;
    }
    auto& item = begin(ResponseItemKind::reasoning, "rs_");
    item.encrypted =
        origin_ == chat::Vendor::openai ? std::string(redacted) : carry_redacted(*origin_, redacted);
    item.ended = true;
    return true;
}

/// Whole when it comes.
bool ResponseItems::see_image(const chat::Event& event) {
    constexpr std::string_view type = "image/";
    auto& item = begin(ResponseItemKind::image, "ig_");
    item.format = event.name.starts_with(type) ? event.name.substr(type.size()) : event.name;
    item.text = event.text;
    item.ended = true;
    return true;
}

bool ResponseItems::see_call(const chat::Event& event) {
    if (encrypted_ && !event.signature.empty()) {
        begin(ResponseItemKind::reasoning, "rs_");  // of its own: thoughts before it have theirs
        see_signature(event.signature);
    }
    auto& item =
        event.custom ? begin(ResponseItemKind::custom_call, "ctc_") : begin(ResponseItemKind::call, "fc_");
    item.tool = event.tool;
    item.call_id = event.id;
    item.name = event.name;
    return true;
}

bool ResponseItems::see_citation(std::string_view annotation) {
    auto* item = open(ResponseItemKind::text);
    auto flat = item != nullptr ? flat_annotation(annotation, item->text_before) : std::string();
    if (flat.empty()) {
        return false;
    }
    item->annotations.push_back(std::move(flat));
    return true;
}

/// Clients parse the arguments of a call, even if there are none.
void ResponseItems::end(ResponseItem& item) {
    if (item.kind == ResponseItemKind::call && item.text.empty() && !item.cut) {
        item.text = "{}";
    }
    item.ended = true;
}

void ResponseItems::end(bool cut) {
    if (!items_.empty() && !items_.back().ended) {
        items_.back().cut = cut;
    }
    tell_late_signature();
    for (auto& item : items_) {
        end(item);
    }
}

void write_response_part(JsonOut& json, const ResponseItem& item, bool begun) {
    json.begin_object();
    if (item.kind == ResponseItemKind::refusal) {
        json.key("type").string("refusal").key("refusal").string(begun ? std::string_view() : item.text);
    } else {
        json.key("type").string("output_text").key("text").string(begun ? std::string_view() : item.text);
        json.key("annotations").begin_array();
        for (const auto& annotation : item.annotations) {
            if (!begun) {
                json.raw(annotation);
            }
        }
        json.end_array().key("logprobs").raw("[" + (begun ? std::string() : item.logprobs) + "]");
    }
    json.end_object();
}

void write_response_item(JsonOut& json, const ResponseItem& item, bool begun) {
    const std::string_view status = begun ? "in_progress" : (item.cut ? "incomplete" : "completed");
    json.begin_object().key("id").string(item.id);
    switch (item.kind) {
        case ResponseItemKind::text:
        case ResponseItemKind::refusal:
            json.key("type").string("message").key("status").string(status).key("role").string("assistant");
            json.key("content").begin_array();
            if (!begun) {
                write_response_part(json, item, false);
            }
            json.end_array();
            break;
        case ResponseItemKind::reasoning:
            json.key("type").string("reasoning").key("summary").begin_array();
            if (!begun && !item.text.empty()) {
                json.begin_object().key("type").string("summary_text").key("text").string(item.text);
                json.end_object();
            }
            json.end_array();
            if (!begun && !item.encrypted.empty()) {
                json.key("encrypted_content").string(item.encrypted);
            }
            break;
        case ResponseItemKind::call:
        case ResponseItemKind::custom_call: {
            const bool custom = item.kind == ResponseItemKind::custom_call;
            json.key("type").string(custom ? "custom_tool_call" : "function_call");
            json.key("status").string(status).key("call_id").string(item.call_id);
            json.key("name").string(item.name).key(custom ? "input" : "arguments");
            json.string(begun ? std::string_view() : item.text);
            break;
        }
        case ResponseItemKind::image:
            json.key("type").string("image_generation_call").key("status").string(status).key("result");
            if (begun) {
                json.null();
            } else {
                json.string(item.text).key("output_format").string(item.format);
            }
            break;
    }
    json.end_object();
}

}  // namespace gatehouse::dialect

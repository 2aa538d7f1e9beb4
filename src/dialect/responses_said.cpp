#include "responses_said.hpp"

#include "json_out.hpp"
#include "openai_words.hpp"

namespace gatehouse::dialect {
namespace {

using chat::EventKind;

constexpr std::string_view paragraph = "\n\n";

/// `{"type":"url_citation",…}` as the chat dialect nests it, its places moved by `begin`; empty if it is
/// another. REQUIRES: `annotation` is a JSON object.
std::string nested_citation(std::string_view annotation, std::size_t begin) {
    wire::JsonReader json(annotation, reply_limits);
    std::string out;
    std::string type;
    JsonOut cited(out);
    cited.begin_object().key("type").string("url_citation").key("url_citation").begin_object();
    json.begin_object();
    while (json.next_member()) {
        const std::string key(json.key());
        if (key == "type" && json.peek() == wire::JsonType::string) {
            type = json.string();
            continue;
        }
        const bool place = key == "start_index" || key == "end_index";
        const auto value = read_json(json, annotation);
        wire::JsonReader number(value, reply_limits);
        const auto at = place && number.peek() == wire::JsonType::number ? number.integer() : std::nullopt;
        if (at && *at >= 0 && *at <= most_tokens) {
            cited.any_key(key).integer(*at + static_cast<std::int64_t>(begin));
        } else {
            cited.any_key(key).raw(value);
        }
    }
    cited.end_object().end_object();
    return type == "url_citation" ? out : std::string();
}

}  // namespace

chat::Event& ResponsesSaid::emit(EventKind kind, std::string_view text) const {
    auto& event = events_->emplace_back();
    event.kind = kind;
    event.text = text;
    return event;
}

void ResponsesSaid::say(HeardItem& item, SaidAs as, std::int64_t part, std::string_view text) {
    if (text.empty()) {
        return;
    }
    const bool begins = item.told.insert({as, part}).second;
    if (as == SaidAs::refusal) {
        emit(EventKind::refusal, text);
        return;
    }
    if (as != SaidAs::text || (item.comment && answer_alone_)) {
        if (begins && std::exchange(thought_, true)) {
            emit(EventKind::reasoning, paragraph);
        }
        emit(EventKind::reasoning, text);
        return;
    }
    if (speaks_ != nullptr && speaks_ != &item) {
        emit(EventKind::text, paragraph);
        characters_ += paragraph.size();
    }
    speaks_ = &item;
    item.begin = begins ? characters_ : item.begin;
    characters_ += characters_in(text);
    emit(EventKind::text, text);
}

void ResponsesSaid::say_whole(HeardItem& item, SaidAs as, std::int64_t part, std::string_view text) {
    if (!item.told.contains({as, part})) {
        say(item, as, part, text);
    }
}

void ResponsesSaid::cite(const HeardItem& item, std::int64_t part, std::string_view annotation) {
    if (annotation.empty() || speaks_ != &item || !item.told.contains({SaidAs::text, part})) {
        return;
    }
    if (auto nested = nested_citation(annotation, item.begin); !nested.empty()) {
        emit(EventKind::citation, texts_->keep(std::move(nested)));
    }
}

}  // namespace gatehouse::dialect

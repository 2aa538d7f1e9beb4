#include "gatehouse/dialect/stream_so_far.hpp"

#include "kept_json.hpp"
#include "openai_words.hpp"
#include "translation_parts.hpp"

#include "gatehouse/core/text.hpp"

#include <algorithm>

namespace gatehouse::dialect {
namespace {

using chat::DeltaKind;
using chat::Endpoint;
using chat::EventKind;

std::string text_member(std::string_view object, std::string_view name) {
    return string_of(member_of(object, name));
}

/// Negative: there is no such number.
std::int64_t number_member(std::string_view object, std::string_view name) {
    const auto number = parse_unsigned(member_of(object, name));
    constexpr std::uint64_t most = 1ULL << 62U;
    return number && *number < most ? static_cast<std::int64_t>(*number) : -1;
}

/// An object or a list with something in it.
bool holds_anything(std::string_view value) {
    const bool container = value.starts_with('{') || value.starts_with('[');
    return container && !is_blank_json(inside_of(value));
}

}  // namespace

StreamSoFar::StreamSoFar(Endpoint client, bool json_array)
    : client_(client), json_array_(json_array), reader_(make_reader(client, no_reply_map(), "")) {}

StreamSoFar::~StreamSoFar() = default;

bool StreamSoFar::plain() const noexcept {
    const bool known =
        client_ != Endpoint::responses || (!position_.item.empty() && position_.next_number > 0);
    return plain_ && known && said_ == text_.size();
}

void StreamSoFar::see(std::span<const chat::Delta> run) {
    for (const auto& delta : run) {
        if (delta.kind == DeltaKind::end) {
            ended_ = true;
            return;
        }
        ended_ = ended_ || delta.kind == DeltaKind::finish;
        if (json_array_) {
            see_elements(delta.bytes);
            continue;
        }
        plain_ = plain_ && splitter_.feed(delta.bytes);
        while (const auto event = splitter_.next()) {
            see_event(*event);
        }
    }
}

/// `[{…}` or `,{…}`, or several.
void StreamSoFar::see_elements(std::string_view bytes) {
    const auto begin = bytes.find('{');
    if (begin == std::string_view::npos) {
        return;
    }
    std::string array = "[";
    array += bytes.substr(begin);
    array += ']';
    for (const auto element : elements_of(array)) {
        wire::SseEvent event;
        event.data = element;
        see_event(event);
    }
}

void StreamSoFar::see_event(const wire::SseEvent& event) {
    const auto events = reader_->feed(event);
    if (!events) {
        plain_ = false;
        return;
    }
    for (const auto& said : *events) {
        switch (said.kind) {
            case EventKind::start:
                break;
            case EventKind::text:
                plain_ = plain_ && said.choice == 0;
                add_text(said.text);
                break;
            case EventKind::finish:
                ended_ = true;
                break;
            case EventKind::tool_arguments:
                only_texts_ = false;
                [[fallthrough]];
            case EventKind::refusal:
            case EventKind::reasoning:
                said_ += said.text.size();
                plain_ = false;
                break;
            case EventKind::tool_start:
            case EventKind::image:
                only_texts_ = false;
                plain_ = false;
                break;
            default:
                plain_ = false;
                break;
        }
    }
    const auto data = without_padding(event.data);
    switch (client_) {
        case Endpoint::messages:
            note_message_event(data);
            break;
        case Endpoint::responses:
            note_response_event(data);
            break;
        case Endpoint::generate_content:
            note_reply(data, "responseId", "modelVersion", "");
            note_grounding(data);
            break;
        default:
            note_reply(data, "id", "model", "created");
            note_documents(data);
            break;
    }
}

void StreamSoFar::add_text(std::string_view text) {
    said_ += text.size();
    if (said_ <= most_text) {
        text_ += text;
    }
}

void StreamSoFar::note_reply(std::string_view data, std::string_view id, std::string_view model,
                             std::string_view created) {
    if (!position_.id.empty()) {
        return;
    }
    position_.id = text_member(data, id);
    position_.model = text_member(data, model);
    position_.created = std::max<std::int64_t>(created.empty() ? 0 : number_member(data, created), 0);
}

void StreamSoFar::note_message_event(std::string_view data) {
    const auto type = text_member(data, "type");
    if (type == "content_block_start") {
        position_.blocks = number_member(data, "index") + 1;
        const auto kind = text_member(member_of(data, "content_block"), "type");
        plain_ = plain_ && kind == "text";
        only_texts_ = only_texts_ && (kind == "text" || kind == "thinking" || kind == "redacted_thinking");
    } else if (type == "content_block_delta") {
        plain_ = plain_ && text_member(member_of(data, "delta"), "type") != "citations_delta";
    } else if (type == "content_block_stop" || type == "message_delta" || type == "message_stop") {
        ended_ = true;  // the text, with its block
    }
}

/// What a passage leans on; the reader tells it at the end only.
void StreamSoFar::note_grounding(std::string_view data) {
    for (const auto candidate : elements_of(member_of(data, "candidates"))) {
        for (const auto* name : {"groundingMetadata", "citationMetadata", "urlContextMetadata"}) {
            plain_ = plain_ && !holds_anything(member_of(candidate, name));
        }
    }
}

/// Citations of documents are the gateway's own words, which no reader of OpenAI's knows.
void StreamSoFar::note_documents(std::string_view data) {
    for (const auto choice : elements_of(member_of(data, "choices"))) {
        plain_ = plain_ && !holds_anything(member_of(member_of(choice, "delta"), "citations"));
    }
}

void StreamSoFar::note_response_event(std::string_view data) {
    const auto type = text_member(data, "type");
    position_.next_number = number_member(data, "sequence_number") + 1;
    if (type == "response.created") {
        note_reply(member_of(data, "response"), "id", "model", "created_at");
    } else if (type == "response.output_item.added") {
        const auto item = member_of(data, "item");
        const auto kind = text_member(item, "type");
        only_texts_ = only_texts_ && (kind == "message" || kind == "reasoning");
        plain_ =
            plain_ && position_.item.empty() && number_member(data, "output_index") == 0 && kind == "message";
        position_.item = text_member(item, "id");
    } else if (type == "response.content_part.added") {
        plain_ = plain_ && number_member(data, "content_index") == 0;
    } else if (type == "response.output_text.annotation.added") {
        plain_ = false;
    } else if (type.ends_with(".done")) {
        ended_ = true;
    }
}

}  // namespace gatehouse::dialect

#include "openai_chat_request.hpp"
#include "signature_carrier.hpp"

#include <iterator>
#include <utility>

namespace gatehouse::dialect {
namespace {

constexpr std::string_view signature_mark = "__thought__";

}  // namespace

bool Thoughts::read(FieldReader& fields, std::string_view member) {
    if (member == "thinking_blocks") {
        read_blocks(fields);
    } else if (member == "reasoning_details") {
        read_details(fields);
    } else if (member == "reasoning_content" || member == "reasoning") {
        auto text = fields.any_string();
        if (!text.empty()) {
            text_ = std::move(text);
        }
    } else {
        return false;
    }
    return true;
}

void Thoughts::read_blocks(FieldReader& fields) {
    if (fields.peek() != wire::JsonType::array) {
        fields.skip();
        return;
    }
    fields.array({});
    while (fields.next_element()) {
        read_block(fields);
    }
}

void Thoughts::read_block(FieldReader& fields) {
    if (fields.peek() != wire::JsonType::object) {
        fields.skip();
        return;
    }
    std::string type;
    chat::Reasoning block;
    fields.object({});
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "type") {
            type = fields.any_string();
        } else if (key == "thinking") {
            block.text = fields.any_string();
        } else if (key == "signature") {
            block.signature = fields.any_string();
        } else if (key == "data") {
            block.redacted = fields.any_string();
        } else {
            fields.skip();
        }
    }
    if (type == "thinking") {
        block.redacted.clear();
        blocks_.push_back(std::move(block));
    } else if (type == "redacted_thinking" && !block.redacted.empty()) {
        blocks_.push_back({{}, {}, std::move(block.redacted)});
    }
}

void Thoughts::read_details(FieldReader& fields) {
    if (fields.peek() != wire::JsonType::array) {
        fields.skip();
        return;
    }
    fields.array({});
    while (fields.next_element()) {
        read_detail(fields);
    }
}

void Thoughts::read_detail(FieldReader& fields) {
    if (fields.peek() != wire::JsonType::object) {
        fields.skip();
        return;
    }
    std::string type;
    std::string format;
    std::string id;
    std::string index;
    chat::Reasoning detail;
    fields.object({});
    while (fields.next_member()) {
        const auto key = fields.key();
        if (key == "type") {
            type = fields.any_string();
        } else if (key == "text" || key == "summary") {
            detail.text = fields.any_string();
        } else if (key == "signature") {
            detail.signature = fields.any_string();
        } else if (key == "data") {
            detail.redacted = fields.any_string();
        } else if (key == "format") {
            format = fields.any_string();
        } else if (key == "id") {
            id = fields.any_string();
        } else if (key == "index") {
            index = fields.json();
        } else {
            fields.skip();
        }
    }
    if (type == "reasoning.text" || type == "reasoning.summary") {
        // Clients that only gather a stream bring its fragments back as they came, the signature in the last.
        if (detail_open_ && index == detail_index_) {
            details_.back().text += detail.text;
            details_.back().signature = std::move(detail.signature);
        } else {
            detail.redacted.clear();
            details_.push_back(std::move(detail));
        }
        detail_open_ = details_.back().signature.empty();
        detail_index_ = std::move(index);
        return;
    }
    detail_open_ = false;
    if (type != "reasoning.encrypted" || detail.redacted.empty()) {
        return;
    }
    if (format.starts_with("google-") && !id.empty()) {
        cut_thought_signature(id);
        of_calls_.push_back({std::move(id), std::move(detail.redacted)});
    } else if (!format.starts_with("openai-") && !format.starts_with("xai-")) {
        // What these two encrypted, only they can read.
        details_.push_back({{}, {}, std::move(detail.redacted)});
    }
}

void Thoughts::append_to(std::vector<chat::Part>& parts) && {
    auto& chosen = blocks_.empty() ? details_ : blocks_;
    if (chosen.empty() && !text_.empty()) {
        chosen.push_back({std::move(text_), {}, {}});
    }
    for (auto& reasoning : chosen) {
        if (auto carried = carried_signature(reasoning.signature)) {
            if (!carried->origin) {
                continue;  // nobody can read it
            }
            reasoning.origin = carried->origin;
            reasoning.signature = std::move(carried->signature);
        }
        parts.push_back({std::move(reasoning), std::nullopt});
    }
}

std::string Thoughts::signature_of(std::string_view call_id) const {
    for (const auto& of_call : of_calls_) {
        if (of_call.id == call_id) {
            return of_call.signature;
        }
    }
    return {};
}

std::string read_thought_signature(FieldReader& fields) {
    if (fields.peek() != wire::JsonType::object) {
        fields.skip();
        return {};
    }
    std::string signature;
    fields.object({});
    while (fields.next_member()) {
        if (fields.key() == "thought_signature") {
            signature = fields.any_string();
        } else {
            fields.skip();
        }
    }
    return signature;
}

std::string read_google_signature(FieldReader& fields) {
    if (fields.peek() != wire::JsonType::object) {
        fields.skip();
        return {};
    }
    std::string signature;
    fields.object({});
    while (fields.next_member()) {
        if (fields.key() == "google") {
            signature = read_thought_signature(fields);
        } else {
            fields.skip();
        }
    }
    return signature;
}

std::string cut_thought_signature(std::string& call_id) {
    const std::size_t at = call_id.find(signature_mark);
    if (at == std::string::npos) {
        return {};
    }
    std::string signature = call_id.substr(at + signature_mark.size());
    call_id.resize(at);
    return signature;
}

}  // namespace gatehouse::dialect

#include "element_cuts.hpp"
#include "gemini_parts.hpp"
#include "signature_carrier.hpp"

#include <utility>

namespace gatehouse::dialect {

using wire::ByteRange;
using wire::JsonType;

struct GeminiContentsCheck::Part {
    ByteRange signature;  // a string with its quotes; empty: none
    bool foreign{false};  // the signature is of another provider's thought
    bool thought{false};
    bool empty{true};  // no data, and no text
    bool call{false};
};

void GeminiContentsCheck::read_all(const Place& at) {
    if (fields_.peek() == JsonType::string) {
        fields_.skip();
        return;
    }
    if (fields_.peek() != JsonType::array) {
        read(at);
        return;
    }
    std::size_t count = 0;
    fields_.array(at);
    ElementCuts cuts(foreign_);
    while (fields_.next_element()) {
        const Place content(at, count++);
        if (fields_.peek() == JsonType::string) {
            cuts.keep(fields_.skip());
            continue;
        }
        const std::size_t begin = fields_.offset();
        const std::size_t found = foreign_.size();
        const bool null = fields_.peek() != JsonType::object;
        const bool nothing_left = read(content);
        const auto range =
            null ? ByteRange{begin, begin + 4} : container_range(body_, begin, fields_.offset(), '}');
        cuts.settle(range, found, nothing_left);
    }
    cuts.end();
    if (count == 0) {
        fields_.invalid(at, "at least one content");
    }
}

bool GeminiContentsCheck::read(const Place& at) {
    if (!fields_.optional_object(at)) {
        return false;
    }
    bool model = false;
    bool nothing_left = false;
    has_call_ = false;
    unsigned_call_.reset();
    while (fields_.next_member()) {
        const auto key = fields_.key();
        if (key == "parts") {
            nothing_left = read_parts({at, "parts"});
        } else if (key == "role") {
            model = fields_.optional_string({at, "role"}) == "model";
        } else {
            fields_.skip();
        }
    }
    if (model && unsigned_call_ && !turn_has_call_) {
        unsigned_calls_.push_back(*unsigned_call_);
    }
    turn_has_call_ = model && (turn_has_call_ || has_call_);
    return nothing_left;
}

bool GeminiContentsCheck::read_parts(const Place& at) {
    const auto type = fields_.peek();
    if (type == JsonType::object || type == JsonType::null) {
        fields_.skip();
        return false;
    }
    std::size_t count = 0;
    if (!fields_.array(at)) {
        return false;
    }
    ElementCuts cuts(foreign_);
    std::optional<ByteRange> thoughts;  // that have no signature: the part behind them has it
    while (fields_.next_element()) {
        const Place element(at, count++);
        if (fields_.peek() != JsonType::object) {
            fields_.wrong_type(element, "an object");
            continue;
        }
        const std::size_t begin = fields_.offset();
        const auto part = read_part();
        const auto range = container_range(body_, begin, fields_.offset(), '}');
        if (part.thought && part.signature.size() == 0) {
            thoughts = {thoughts ? thoughts->begin : begin, range.end};
            continue;
        }
        const bool goes = part.foreign && (part.thought || part.empty);
        if (thoughts && goes) {
            cuts.cut(*thoughts);
        } else if (thoughts) {
            cuts.keep(*thoughts);
        }
        thoughts.reset();
        if (goes) {
            cuts.cut(range);
            continue;
        }
        cuts.keep(range);
        if (part.foreign) {
            cut_member(body_, part.signature, foreign_);
        }
        if (part.call && !std::exchange(has_call_, true) && (part.foreign || part.signature.size() == 0)) {
            unsigned_call_ = begin + 1;
        }
    }
    if (thoughts) {
        cuts.keep(*thoughts);
    }
    cuts.end();
    return cuts.nothing_left();
}

GeminiContentsCheck::Part GeminiContentsCheck::read_part() {
    Part part;
    fields_.object({});
    while (fields_.next_member()) {
        const auto key = fields_.key();
        const auto type = fields_.peek();
        if (key == "thought") {
            const auto value = fields_.skip();
            part.thought = type == JsonType::boolean && value.size() == 4;
        } else if (type == JsonType::string && (key == "thoughtSignature" || key == "thought_signature")) {
            const auto range = fields_.skip();
            part.signature = range.size() > 2 ? range : ByteRange{};
            part.foreign =
                range.size() > 2 && body_.substr(range.begin + 1).starts_with(carrier_mark_in_base64);
        } else if (type == JsonType::string) {
            const bool text = key == "text";
            part.empty = fields_.skip().size() <= 2 && part.empty && text;
        } else {
            const bool data = type != JsonType::null;
            part.call = part.call || (data && (key == "functionCall" || key == "function_call"));
            part.empty = part.empty && !data;
            fields_.skip();
        }
    }
    return part;
}

}  // namespace gatehouse::dialect

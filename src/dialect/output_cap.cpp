#include "gatehouse/dialect/output_cap.hpp"

#include "kept_json.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using wire::ByteRange;
using wire::JsonType;

/// Moves what stands behind a piece of the body that was replaced. An empty range at 0 stands for nothing.
class Mover {
public:
    Mover(ByteRange replaced, std::size_t length) : replaced_(replaced), length_(length) {}

    void move(std::size_t& offset) const noexcept {
        if (offset >= replaced_.end && offset > replaced_.begin) {
            offset = offset - replaced_.size() + length_;
        }
    }
    /// What begins where something is inserted stands behind it.
    void move(ByteRange& range) const noexcept {
        if (range.end == 0 || range.end <= replaced_.begin) {
            return;
        }
        if (range.begin >= replaced_.end) {
            range.begin = range.begin - replaced_.size() + length_;
        }
        range.end = range.end - replaced_.size() + length_;
    }
    template <typename Offsets>
    void move_all(Offsets& offsets) const noexcept {
        for (auto& offset : offsets) {
            move(offset);
        }
    }

private:
    ByteRange replaced_;
    std::size_t length_;
};

void replace(chat::Original& original, ByteRange range, std::string_view text) {
    original.bytes.replace(range.begin, range.size(), text);
    const Mover mover(range, text.size());
    mover.move(original.model);
    mover.move_all(original.models);
    mover.move(original.stream_options);
    mover.move(original.include_usage);
    mover.move_all(original.foreign);
    mover.move_all(original.carriers);
    mover.move_all(original.unsigned_calls);
    mover.move(original.object_begin);
    if (original.size) {
        *original.size += text.size() - range.size();
    }
}

struct Member {
    JsonType type{JsonType::invalid};  // invalid: there is none
    ByteRange value;
};

/// The last member of one of the names; offsets are those of `body`.
Member member_at(std::string_view body, ByteRange object, std::initializer_list<std::string_view> names) {
    Member found;
    auto json = kept_reader(text_at(body, object));
    if (!json.begin_object()) {
        return found;
    }
    while (json.next_member()) {
        bool named = false;
        for (const auto name : names) {
            named = named || json.key() == name;
        }
        const auto type = json.peek();
        const auto value = json.skip();
        if (named) {
            found = {type, {object.begin + value.begin, object.begin + value.end}};
        }
    }
    return found;
}

bool is_empty(std::string_view body, ByteRange object) {
    auto json = kept_reader(text_at(body, object));
    return json.begin_object() && !json.next_member();
}

/// Writes the member into an object, in place of one that says nothing or in front of all.
void write_member(chat::Original& original, ByteRange object, std::string_view name,
                  std::initializer_list<std::string_view> names, const std::string& value) {
    const auto there = member_at(original.bytes, object, names);
    if (there.type != JsonType::invalid) {
        return replace(original, there.value, value);
    }
    const auto inside = original.bytes.find('{', object.begin) + 1;
    const std::string_view comma = is_empty(original.bytes, object) ? "" : ",";
    std::string text = "\"";
    text.append(name).append("\":").append(value).append(comma);
    replace(original, {inside, inside}, text);
}

ByteRange whole_of(const chat::Original& original) noexcept {
    return {0, original.bytes.size()};
}

// Gemini's names, and those that it takes for the same.
constexpr std::string_view gemini_cap = "maxOutputTokens";
constexpr std::string_view gemini_cap_too = "max_output_tokens";
constexpr std::string_view gemini_config = "generationConfig";
constexpr std::string_view gemini_config_too = "generation_config";

void cap_gemini(chat::Original& original, const std::string& value) {
    const std::initializer_list<std::string_view> configs = {gemini_config, gemini_config_too};
    const auto config = member_at(original.bytes, whole_of(original), configs);
    if (config.type == JsonType::object) {
        return write_member(original, config.value, gemini_cap, {gemini_cap, gemini_cap_too}, value);
    }
    std::string object = "{\"";
    object.append(gemini_cap).append("\":").append(value).append("}");
    write_member(original, whole_of(original), gemini_config, configs, object);
}

/// false: nothing would be left of the number of this name.
bool lessen(chat::Original& original, ByteRange object, std::string_view name, std::int64_t used) {
    const auto limit = member_at(original.bytes, object, {name});
    if (limit.type != JsonType::number) {
        return true;
    }
    auto json = kept_reader(text_at(original.bytes, limit.value));
    const auto asked = json.integer();
    if (!asked) {
        return true;  // nobody's limit: whoever reads it refuses it
    }
    if (*asked <= used) {
        return false;
    }
    replace(original, limit.value, std::to_string(*asked - used));
    return true;
}

bool lessen_gemini(chat::Original& original, std::int64_t used) {
    for (const auto config_name : {gemini_config, gemini_config_too}) {
        for (const auto name : {gemini_cap, gemini_cap_too}) {
            const auto config = member_at(original.bytes, whole_of(original), {config_name});
            if (config.type == JsonType::object && !lessen(original, config.value, name, used)) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

void cap_output(chat::Request& request, std::int64_t most, ChatCap chat_cap) {
    auto& original = request.original;
    const auto value = std::to_string(most);
    const auto write = [&](std::string_view name) {
        write_member(original, whole_of(original), name, {name}, value);
    };
    switch (request.endpoint) {
        case chat::Endpoint::chat_completions:
            return write(chat_cap == ChatCap::max_tokens ? "max_tokens" : "max_completion_tokens");
        case chat::Endpoint::completions:
        case chat::Endpoint::messages:
            return write("max_tokens");
        case chat::Endpoint::responses:
            return write("max_output_tokens");
        case chat::Endpoint::generate_content:
            return cap_gemini(original, value);
        default:
            return;
    }
}

bool lessen_output_cap(chat::Request& request, std::int64_t used) {
    auto& original = request.original;
    const auto lessened = [&](std::string_view name) {
        return lessen(original, whole_of(original), name, used);
    };
    switch (request.endpoint) {
        case chat::Endpoint::chat_completions:
            return lessened("max_completion_tokens") && lessened("max_tokens");
        case chat::Endpoint::completions:
        case chat::Endpoint::messages:
            return lessened("max_tokens");
        case chat::Endpoint::responses:
            return lessened("max_output_tokens");
        case chat::Endpoint::generate_content:
            return lessen_gemini(original, used);
        default:
            return true;
    }
}

}  // namespace gatehouse::dialect

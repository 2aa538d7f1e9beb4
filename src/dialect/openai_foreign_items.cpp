#include "openai_parts.hpp"
#include "signature_carrier.hpp"

namespace gatehouse::dialect {
namespace {

/// `rs_`, 24 of make_id's characters, `_` and a number: no id of OpenAI's has a second `_`.
bool is_own_id(std::string_view id) noexcept {
    constexpr std::string_view prefix = "rs_";
    constexpr std::string_view digits = "0123456789";
    constexpr std::string_view drawn = "0123456789abcdefghijklmnopqrstuvwxyz";
    if (!id.starts_with(prefix)) {
        return false;
    }
    id.remove_prefix(prefix.size());
    const auto end = id.find('_');
    return end == 24 && id.find_first_not_of(drawn) == end && id.size() > end + 1 &&
           id.find_first_not_of(digits, end + 1) == std::string_view::npos;
}

}  // namespace

bool read_foreign_item(FieldReader& fields, std::string_view body) {
    bool thought = false;
    bool own = false;
    std::string_view encrypted;
    fields.object({});
    while (fields.next_member()) {
        const auto key = fields.key();
        const bool is_type = key == "type";
        const bool is_id = key == "id";
        const bool is_encrypted = key == "encrypted_content";
        const bool text = fields.peek() == wire::JsonType::string;
        const auto range = fields.skip();
        if (!text || range.size() < 2) {
            continue;
        }
        const auto value = body.substr(range.begin + 1, range.size() - 2);
        if (is_type) {
            thought = value == "reasoning";
        } else if (is_id) {
            own = is_own_id(value);
        } else if (is_encrypted) {
            encrypted = value;
        }
    }
    return thought && (encrypted.empty() ? own : encrypted.starts_with(carrier_mark));
}

}  // namespace gatehouse::dialect

// A thought of OpenAI's as one signature: its encrypted content, and the id of its item, which the content is
// bound to ("Encrypted content item_id did not match the target item id").
//
// Room: dialect, private. May include: standard library only.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::dialect {

struct OpenaiThought {
    std::string_view id;  // of the item; empty: nobody said
    std::string_view encrypted;
};

/// `<id>:<encrypted>`; neither has a colon, so that a signature without one is encrypted content alone.
inline std::string openai_signature(std::string_view id, std::string_view encrypted) {
    std::string signature(id);
    signature += id.empty() ? "" : ":";
    signature += encrypted;
    return signature;
}

inline OpenaiThought openai_thought(std::string_view signature) noexcept {
    const auto colon = signature.find(':');
    return colon == std::string_view::npos
               ? OpenaiThought{{}, signature}
               : OpenaiThought{signature.substr(0, colon), signature.substr(colon + 1)};
}

}  // namespace gatehouse::dialect

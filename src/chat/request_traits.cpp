#include "gatehouse/chat/request_traits.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::chat {
namespace {

constexpr std::array<std::string_view, content_count> content_names = {"image", "audio", "file", "tools",
                                                                       "schema"};

}  // namespace

std::string_view name_of(Content content) noexcept {
    return content_names[static_cast<std::size_t>(content)];
}

std::optional<Content> content_named(std::string_view name) noexcept {
    for (std::size_t i = 0; i < content_count; ++i) {
        if (content_names[i] == name) {
            return static_cast<Content>(i);
        }
    }
    return std::nullopt;
}

std::string_view beginning_of(std::string_view text, std::size_t most) noexcept {
    const auto continues = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; };
    auto kept = std::min(text.size(), most);
    while (kept > 0 && kept < text.size() && continues(text[kept])) {
        --kept;
    }
    return text.substr(0, kept);
}

}  // namespace gatehouse::chat

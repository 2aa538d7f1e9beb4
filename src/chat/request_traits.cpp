#include "gatehouse/chat/request_traits.hpp"

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

}  // namespace gatehouse::chat

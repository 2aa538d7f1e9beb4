// What texts take beside the objects that hold them. Room: store, private.
#pragma once

#include <cstddef>
#include <string>

namespace gatehouse::store {

inline std::size_t string_bytes(const std::string& text) noexcept {
    constexpr std::size_t inside = 15;  // shorter ones lie in the string itself
    return text.capacity() > inside ? text.capacity() + 16 : 0;
}

}  // namespace gatehouse::store

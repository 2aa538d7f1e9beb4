// What a fuzz target says when an oracle is wrong: a crash that the fuzzer keeps.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

inline void check(bool holds) {
    if (!holds) {
        std::abort();
    }
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
    return size == 0 ? std::string_view() : std::string_view(reinterpret_cast<const char*>(data), size);
}

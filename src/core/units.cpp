#include "gatehouse/core/units.hpp"

#include <array>
#include <charconv>

namespace gatehouse::inline core {

std::string usd_text(PicoUsd amount) {
    constexpr std::uint64_t dollar = 1'000'000'000'000;
    constexpr std::size_t places = 12;
    const bool negative = amount.value() < 0;
    const auto bits = static_cast<std::uint64_t>(amount.value());
    const std::uint64_t size = negative ? 0 - bits : bits;  // right for the least number, too
    std::array<char, 32> text{};
    char* at = text.data();
    if (negative) {
        *at++ = '-';
    }
    at = std::to_chars(at, text.data() + text.size(), size / dollar).ptr;
    std::uint64_t rest = size % dollar;
    if (rest != 0) {
        *at++ = '.';
        for (std::size_t place = places; place-- > 0; rest /= 10) {
            at[place] = static_cast<char>('0' + rest % 10);
        }
        at += places;
        while (at[-1] == '0') {
            --at;
        }
    }
    return {text.data(), at};
}

}  // namespace gatehouse::inline core

// Sums of money where there are no 128 bits: in a database, in text.
// Room: core.
#pragma once

#include "gatehouse/core/units.hpp"

#include <cstdint>
#include <string>

namespace gatehouse::inline core {

/// Whole dollars, and the PicoUsd above them: from 0 to below a dollar, also of negative sums.
struct Dollars {
    std::int64_t whole{0};
    std::int64_t above{0};
};

inline constexpr std::int64_t pico_per_dollar = 1'000'000'000'000;

/// So many dollars fit into one PicoUsd; larger sums are taken apart in steps of them.
inline constexpr std::int64_t dollars_at_once = 9'000'000;

constexpr PicoUsdSum sum_of(Dollars dollars) noexcept {
    constexpr PicoUsd step(dollars_at_once * pico_per_dollar);
    PicoUsdSum sum;
    for (; dollars.whole > dollars_at_once; dollars.whole -= dollars_at_once) {
        sum += step;
    }
    for (; dollars.whole < 0; dollars.whole += dollars_at_once) {
        sum -= step;
    }
    sum += PicoUsd(dollars.whole * pico_per_dollar);
    return sum += PicoUsd(dollars.above);
}

constexpr Dollars dollars_of(PicoUsdSum sum) noexcept {
    constexpr PicoUsd step(dollars_at_once * pico_per_dollar);
    Dollars dollars;
    for (; sum >= PicoUsdSum(step); sum -= step) {
        dollars.whole += dollars_at_once;
    }
    for (; sum < PicoUsdSum(); sum += step) {
        dollars.whole -= dollars_at_once;
    }
    const std::int64_t rest = sum.clamped().value();
    dollars.whole += rest / pico_per_dollar;
    dollars.above = rest % pico_per_dollar;
    return dollars;
}

/// As the text of one amount: exact, without zeros at its end.
std::string usd_text(PicoUsdSum amount);

}  // namespace gatehouse::inline core

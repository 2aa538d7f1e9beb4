// Quantities that must not be mixed up.
// Room: core.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace gatehouse::inline core {

/// A number of model tokens. Never negative when it comes from outside (readers check).
class TokenCount {
public:
    constexpr TokenCount() = default;
    constexpr explicit TokenCount(std::int64_t value) : value_(value) {}
    constexpr std::int64_t value() const noexcept { return value_; }
    constexpr TokenCount& operator+=(TokenCount other) noexcept {
        value_ += other.value_;
        return *this;
    }
    constexpr auto operator<=>(const TokenCount&) const noexcept = default;

private:
    std::int64_t value_{0};
};

/// Money in millionths of a millionth of a US dollar. A price of so many dollars per million tokens is a
/// million times as many PicoUsd per token, so that prices with six decimals are whole numbers.
class PicoUsd {
public:
    constexpr PicoUsd() = default;
    constexpr explicit PicoUsd(std::int64_t value) : value_(value) {}
    constexpr std::int64_t value() const noexcept { return value_; }
    constexpr auto operator<=>(const PicoUsd&) const noexcept = default;

private:
    std::int64_t value_{0};
};

/// A sum of amounts, in 128 bits: what years of spending come to cannot overflow it.
class PicoUsdSum {
public:
    constexpr PicoUsdSum() = default;
    constexpr PicoUsdSum(PicoUsd amount) : value_(amount.value()) {}
    constexpr PicoUsdSum& operator+=(PicoUsdSum other) noexcept {
        value_ += other.value_;
        return *this;
    }
    constexpr PicoUsdSum& operator-=(PicoUsdSum other) noexcept {
        value_ -= other.value_;
        return *this;
    }
    friend constexpr PicoUsdSum operator+(PicoUsdSum a, PicoUsdSum b) noexcept { return a += b; }
    friend constexpr PicoUsdSum operator-(PicoUsdSum a, PicoUsdSum b) noexcept { return a -= b; }
    constexpr auto operator<=>(const PicoUsdSum&) const noexcept = default;
    /// The nearest amount that one PicoUsd can hold (about 9.2 million dollars either way).
    constexpr PicoUsd clamped() const noexcept {
        constexpr auto most = std::numeric_limits<std::int64_t>::max();
        constexpr auto least = std::numeric_limits<std::int64_t>::min();
        return PicoUsd(value_ > most ? most : value_ < least ? least : static_cast<std::int64_t>(value_));
    }

private:
    __extension__ using Wide = __int128;
    Wide value_{0};
};

/// US dollars as a plain decimal number, exact, without zeros at its end: `0.000425`, `12`, `0`.
std::string usd_text(PicoUsd amount);

}  // namespace gatehouse::inline core

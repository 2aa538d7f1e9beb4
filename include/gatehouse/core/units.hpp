// Quantities that must not be mixed up.
// Room: core.
#pragma once

#include <compare>
#include <cstdint>

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

}  // namespace gatehouse::inline core

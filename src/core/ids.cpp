#include "gatehouse/core/ids.hpp"

#include "generator.hpp"

#include "gatehouse/core/secret.hpp"

#include <array>
#include <cstdint>

namespace gatehouse::inline core {
namespace {

constexpr std::string_view base36 = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::size_t traceparent_size = 55;  // 00-<32>-<16>-<2>

void append_hex(std::string& out, std::uint64_t value) {
    std::array<char, 16> digits{};
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, value >>= 4U) {
        *digit = hex_digits[value & 15U];
    }
    out.append(digits.data(), digits.size());
}

/// Never zero: the W3C forbids all-zero ids.
std::uint64_t random_id() {
    std::uint64_t id = generator()();
    while (id == 0) {
        id = generator()();
    }
    return id;
}

bool lower_hex(std::string_view text) noexcept {
    return text.find_first_not_of(hex_digits) == std::string_view::npos;
}

bool all_zero(std::string_view text) noexcept {
    return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

std::string make_id(std::string_view prefix) {
    constexpr std::size_t per_draw =
        12;  // 36^12 is 2^62.04: four values of a draw fold onto one, nearly evenly
    constexpr std::size_t draws = 2;
    std::array<char, per_draw * draws> drawn{};
    for (std::size_t at = 0; at < drawn.size();) {
        std::uint64_t bits = generator()();
        for (std::size_t i = 0; i < per_draw; ++i, bits /= base36.size()) {
            drawn[at++] = base36[bits % base36.size()];
        }
    }
    std::string id;
    id.reserve(prefix.size() + drawn.size());
    id.append(prefix);
    id.append(drawn.data(), drawn.size());
    return id;
}

std::string make_api_key() {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const std::string bytes = random_bytes(32);
    std::string key = "gh-";
    key.reserve(46);
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char byte : bytes) {
        bits = (bits << 8U) | static_cast<unsigned char>(byte);
        held += 8;
        while (held >= 6) {
            held -= 6;
            key.push_back(alphabet[(bits >> held) & 63U]);
        }
    }
    key.push_back(alphabet[(bits << (6U - held)) & 63U]);
    return key;
}

bool acceptable_request_id(std::string_view id) noexcept {
    if (id.empty() || id.size() > 128) {
        return false;
    }
    for (const char c : id) {
        if (c <= ' ' || c > '~') {
            return false;
        }
    }
    return true;
}

bool valid_traceparent(std::string_view text) noexcept {
    if (text.size() != traceparent_size || text.substr(0, 3) != "00-" || text[35] != '-' || text[52] != '-') {
        return false;
    }
    const std::string_view trace = text.substr(3, 32);
    const std::string_view span = text.substr(36, 16);
    return lower_hex(trace) && lower_hex(span) && lower_hex(text.substr(53)) && !all_zero(trace) &&
           !all_zero(span);
}

std::string continue_traceparent(std::string_view parent) {
    const bool valid = valid_traceparent(parent);
    std::string result;
    result.reserve(traceparent_size);
    result.append("00-");
    if (valid) {
        result.append(parent.substr(3, 32));
    } else {
        append_hex(result, random_id());
        append_hex(result, random_id());
    }
    result.push_back('-');
    append_hex(result, random_id());
    result.append(valid ? parent.substr(52) : "-01");
    return result;
}

}  // namespace gatehouse::inline core

#include "rank_table.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace gatehouse::tokens {
namespace {

constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio

template <class T>
std::uint64_t load(const char* from) noexcept {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

std::uint64_t mixed(std::uint64_t value) noexcept {
    value *= odd;
    return value ^ value >> 32;
}

/// Two to eight bytes as a number; together with the length it says them exactly.
std::uint64_t key_of(std::string_view bytes) noexcept {
    const char* const from = bytes.data();
    const std::size_t size = bytes.size();
    if (size >= 4) {
        return load<std::uint32_t>(from) | load<std::uint32_t>(from + size - 4) << 32;
    }
    return load<std::uint16_t>(from) | load<std::uint16_t>(from + size - 2) << 16;
}

/// More than eight bytes. Not secret: the table is fixed, and its longest row of taken places bounds every
/// search.
std::uint64_t hash_of(std::string_view bytes) noexcept {
    std::uint64_t hash = bytes.size();
    std::size_t at = 0;
    for (; at + 8 < bytes.size(); at += 8) {
        hash = mixed(hash ^ load<std::uint64_t>(bytes.data() + at));
    }
    return mixed(mixed(hash ^ load<std::uint64_t>(bytes.data() + bytes.size() - 8)));
}

std::size_t place_of(std::uint64_t key, std::size_t length) noexcept {
    return static_cast<std::size_t>(mixed(key + length * odd));
}

}  // namespace

RankTable::RankTable(const std::vector<std::string>& tokens) : single_(256, none) {
    std::size_t all = 0;
    std::size_t shorts = 0;
    for (const auto& token : tokens) {
        all += token.size();
        shorts += token.size() <= 8 ? 1 : 0;
        longest_ = std::max(longest_, token.size());
    }
    text_.reserve(all);
    begins_.reserve(tokens.size() + 1);
    begins_.push_back(0);
    for (const auto& token : tokens) {
        text_ += token;
        begins_.push_back(static_cast<std::uint32_t>(text_.size()));
    }
    short_.resize(std::bit_ceil(2 * shorts + 1));
    long_.resize(std::bit_ceil(2 * (tokens.size() - shorts) + 1));
    for (TokenId id = 0; id < tokens.size(); ++id) {
        add(id);
    }
}

void RankTable::add(TokenId id) {
    const std::string_view token = bytes(id);
    if (token.size() == 1) {
        single_[static_cast<unsigned char>(token[0])] = id;
    } else if (token.size() <= 8) {
        const std::uint64_t key = key_of(token);
        std::size_t place = place_of(key, token.size()) & (short_.size() - 1);
        while (short_[place].id != none) {
            place = (place + 1) & (short_.size() - 1);
        }
        short_[place] = {key, id, static_cast<std::uint32_t>(token.size())};
    } else {
        const std::uint64_t hash = hash_of(token);
        std::size_t place = static_cast<std::size_t>(hash) & (long_.size() - 1);
        while (long_[place].id != none) {
            place = (place + 1) & (long_.size() - 1);
        }
        long_[place] = {hash, id};
    }
}

TokenId RankTable::find_short(std::string_view bytes) const noexcept {
    if (bytes.empty()) {
        return none;
    }
    const std::uint64_t key = key_of(bytes);
    std::size_t place = place_of(key, bytes.size()) & (short_.size() - 1);
    while (short_[place].id != none) {
        if (short_[place].key == key && short_[place].length == bytes.size()) {
            return short_[place].id;
        }
        place = (place + 1) & (short_.size() - 1);
    }
    return none;
}

TokenId RankTable::find_long(std::string_view bytes) const noexcept {
    if (bytes.size() > longest_) {
        return none;
    }
    const std::uint64_t hash = hash_of(bytes);
    std::size_t place = static_cast<std::size_t>(hash) & (long_.size() - 1);
    while (long_[place].id != none) {
        if (long_[place].hash == hash && this->bytes(long_[place].id) == bytes) {
            return long_[place].id;
        }
        place = (place + 1) & (long_.size() - 1);
    }
    return none;
}

}  // namespace gatehouse::tokens

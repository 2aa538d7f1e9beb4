#include "code_points.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

namespace gatehouse::tokens {

const CodePointTable& CodePointTable::get() {
    static const CodePointTable table;
    return table;
}

CodePointTable::CodePointTable() {
    const auto runs = code_point_runs();
    std::map<std::vector<std::uint8_t>, std::uint16_t> known;
    std::size_t run = 0;
    for (std::size_t block = 0; block < index_.size(); ++block) {
        std::vector<std::uint8_t> kinds(256);
        for (std::size_t low = 0; low < 256; ++low) {
            while (run + 1 < runs.size() && runs[run + 1] >> 4 <= block * 256 + low) {
                ++run;
            }
            kinds[low] = static_cast<std::uint8_t>(1U << (runs[run] & 15));
        }
        const auto [entry, added] = known.try_emplace(kinds, static_cast<std::uint16_t>(known.size()));
        if (added) {
            blocks_.insert(blocks_.end(), kinds.begin(), kinds.end());
        }
        index_[block] = entry->second;
    }
    std::copy_n(blocks_.begin(), ascii_.size(), ascii_.begin());
}

Character long_character(const CodePointTable& table, const char* at, const char* end) noexcept {
    constexpr Character stray{symbol, 1};
    const auto byte = [&](std::ptrdiff_t place) { return static_cast<unsigned char>(at[place]); };
    const unsigned first = byte(0);
    const std::ptrdiff_t left = end - at;
    const auto follows = [&](std::ptrdiff_t place) { return (byte(place) & 0xC0) == 0x80; };

    if (first < 0xC2 || first > 0xF4 || left < 2 || !follows(1)) {
        return stray;
    }
    if (first < 0xE0) {
        return {table.kind((first & 0x1FU) << 6 | (byte(1) & 0x3FU)), 2};
    }
    if (left < 3 || !follows(2)) {
        return stray;
    }
    if (first < 0xF0) {
        const std::uint32_t code = (first & 0x0FU) << 12 | (byte(1) & 0x3FU) << 6 | (byte(2) & 0x3FU);
        const bool surrogate = code >= 0xD800 && code < 0xE000;
        return code < 0x800 || surrogate ? stray : Character{table.kind(code), 3};
    }
    if (left < 4 || !follows(3)) {
        return stray;
    }
    const std::uint32_t code =
        (first & 0x07U) << 18 | (byte(1) & 0x3FU) << 12 | (byte(2) & 0x3FU) << 6 | (byte(3) & 0x3FU);
    return code < 0x10000 || code > 0x10FFFF ? stray : Character{table.kind(code), 4};
}

}  // namespace gatehouse::tokens

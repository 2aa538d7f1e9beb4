#include "fitting_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace gatehouse::dialect {

std::string fitting_id(std::string_view id, std::size_t longest) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    if (!id.empty() && id.size() <= longest && std::all_of(id.begin(), id.end(), fits)) {
        return std::string(id);
    }
    std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a: tells apart what the replacing made alike
    for (const char c : id) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    std::string out(id.substr(0, longest - 17));
    std::replace_if(out.begin(), out.end(), [&](char c) { return !fits(c); }, '_');
    return out + fmt::format("_{:016x}", hash);
}

bool DistinctIds::take(const std::string& name) {
    ++tried_;
    return numbers_.try_emplace(name, 2).second;
}

std::string DistinctIds::next(std::string_view id) {
    auto name = fitting_id(id, longest_);
    if (take(name)) {
        return name;
    }
    // Where the counting stopped the last time: from the start, a history of one id would cost its square.
    auto& number = numbers_.find(name)->second;
    do {
        name = fitting_id(fmt::format("{}.{}", id, number++), longest_);
    } while (!take(name));
    return name;
}

}  // namespace gatehouse::dialect

// How many tokens a text is, about, where nobody has told. Room: upstream, private.
#pragma once

#include "gatehouse/core/units.hpp"

#include <cstdint>

namespace gatehouse::upstream {

/// A token for each four bytes begun: about, of the texts that people and models write.
inline TokenCount tokens_in(std::uint64_t bytes) noexcept {
    constexpr std::uint64_t bytes_per_token = 4;
    return TokenCount(static_cast<std::int64_t>((bytes + bytes_per_token - 1) / bytes_per_token));
}

}  // namespace gatehouse::upstream

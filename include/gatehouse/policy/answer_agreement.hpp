// Whether two answers to questions that were taken for the same one say the same: the label of a hit that was
// checked against a fresh answer.
//
// Models word one answer in many ways, so that most of the time nobody can tell without reading. Only what is
// plain counts: the same words in the same order but for articles; or, in a short answer, another number or
// name, a yes for a no, and in any, hardly a word in common. The rest is no label. Pure. Room: policy. May
// include: core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::policy {

enum class Agreement : std::uint8_t { same, different, unclear };

/// Longer texts are `unclear`, unless they are the same byte for byte.
inline constexpr std::size_t agreement_window = std::size_t{16} * 1024;

/// Symmetric.
Agreement agreement_of(std::string_view one, std::string_view other);

}  // namespace gatehouse::policy

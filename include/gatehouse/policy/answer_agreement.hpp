// Whether two answers to questions that were taken for the same one say the same: the label of a hit that was
// checked against a fresh answer.
//
// Models word one answer in many ways, so that most of the time nobody can tell without reading. Only what is
// plain counts: the same words, nearly the same words with the same numbers; another number in a short
// answer, a yes for a no, hardly a word in common. The rest is no label. Pure. Room: policy. May include:
// core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::policy {

enum class Agreement : std::uint8_t { same, different, unclear };

/// Of the beginnings of both, `agreement_window` bytes at most.
Agreement agreement_of(std::string_view one, std::string_view other);
inline constexpr std::size_t agreement_window = std::size_t{16} * 1024;

}  // namespace gatehouse::policy

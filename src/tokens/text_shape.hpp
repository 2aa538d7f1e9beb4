// What the look of a text says about its tokens, without a vocabulary.
#pragma once

#include "gatehouse/tokens/estimate.hpp"

#include <cstdint>
#include <string_view>

namespace gatehouse::tokens {

/// The script that makes most of the text's tokens.
Script script_of(std::string_view text) noexcept;

/// About as many tokens as o200k_base has for the text: within a tenth or so for English and code, within a
/// third for nearly all of the other languages tried (docs/benchmarks.md, "Tokens").
std::int64_t tokens_by_shape(std::string_view text) noexcept;

}  // namespace gatehouse::tokens

// The shape of a text: its length, what it is made of, whether it looks like code, formulas or a list of
// demands. Room: policy (private).
#pragma once

#include "gatehouse/policy/prompt_features.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace gatehouse::policy {

/// Each within [0, 1]. `excerpt` is what is read of a text of `length` bytes, `tokens` are its words in lower
/// case.
std::array<float, prompt_shapes> shape_of(std::string_view excerpt, std::size_t length,
                                          const std::vector<std::string_view>& tokens);

}  // namespace gatehouse::policy

// A text in the form that the encoder's vocabulary is written in. Room: vector, private.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::vector {

/// NFKC (Unicode Standard Annex 15), with a space for each control character that is white space. Bytes that
/// are no UTF-8 become U+FFFD.
std::string normal_form(std::string_view text);

}  // namespace gatehouse::vector

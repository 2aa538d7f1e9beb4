// Which language a text is written in, as far as that can be told for sure.
//
// Pure: the tables are compiled in (Compact Language Detector 2). Room: policy. May include: core.
#pragma once

#include <span>
#include <string_view>

namespace gatehouse::policy {

/// The codes that `detect_language` may answer with, in alphabetical order: ISO 639-1, and 639-2 or -3 where
/// there is none.
std::span<const std::string_view> known_languages() noexcept;

/// Of a text in natural language; empty when it is too short, mixed, no UTF-8 or no language at all. Takes
/// about 0.3 ms for 4 KiB, so callers bound the text.
std::string_view detect_language(std::string_view text);

}  // namespace gatehouse::policy

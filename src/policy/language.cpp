#include "gatehouse/policy/language.hpp"

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

#include <algorithm>
#include <array>
#include <cstdio>  // the detector's header needs FILE

namespace gatehouse::policy {
namespace {

// The languages of the detector's small tables (https://github.com/CLD2Owners/cld2, README).
constexpr std::array<std::string_view, 82> languages = {
    "af", "ar", "az", "be",  "bg", "bh", "bn", "ca", "ceb", "chr", "cs", "cy",  "da",  "de", "dv", "el", "en",
    "es", "et", "eu", "fa",  "fi", "fr", "ga", "gd", "gl",  "gu",  "he", "hi",  "hmn", "hr", "ht", "hu", "hy",
    "id", "is", "it", "iu",  "ja", "jv", "ka", "km", "kn",  "ko",  "lg", "lif", "lo",  "lt", "lv", "mk", "ml",
    "mr", "ms", "mt", "ne",  "nl", "no", "or", "pa", "pl",  "pt",  "ro", "ru",  "rw",  "si", "sk", "sl", "sq",
    "sr", "sv", "sw", "syr", "ta", "te", "th", "tl", "tr",  "uk",  "ur", "vi",  "yi",  "zh"};

/// The detector's names, of which some are older than the standard's.
std::string_view standard_code(std::string_view code) noexcept {
    if (code == "iw") {
        return "he";
    }
    if (code == "jw") {
        return "jv";
    }
    return code.substr(0, code.find('-'));  // `zh-Hant`, `sr-ME`
}

}  // namespace

std::span<const std::string_view> known_languages() noexcept {
    return languages;
}

std::string_view detect_language(std::string_view text) {
    constexpr bool plain_text = true;
    const CLD2::CLDHints no_hints{nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
    std::array<CLD2::Language, 3> best{};
    std::array<int, 3> percent{};
    std::array<double, 3> scores{};
    int text_bytes = 0;
    int valid_bytes = 0;
    bool reliable = false;
    const auto language = CLD2::ExtDetectLanguageSummaryCheckUTF8(
        text.data(), static_cast<int>(text.size()), plain_text, &no_hints, 0, best.data(), percent.data(),
        scores.data(), nullptr, &text_bytes, &reliable, &valid_bytes);
    if (!reliable) {
        return {};
    }
    const auto code = standard_code(CLD2::LanguageCode(language));
    const auto* const known = std::lower_bound(languages.begin(), languages.end(), code);
    return known != languages.end() && *known == code ? *known : std::string_view();
}

}  // namespace gatehouse::policy

#include "prompt_shape.hpp"

#include "prompt_words.hpp"

#include "gatehouse/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>

namespace gatehouse::policy {
namespace {

bool is_numeral(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_foreign(char c) {
    return (static_cast<unsigned char>(c) & 0x80U) != 0;
}

struct Letters {
    double letters{0};
    double capitals{0};
    double digits{0};
    double numbers{0};
    double foreign{0};
    double marks{0};      // brackets and signs that code is made of
    double operators{0};  // of formulas
    double sentences{0};
    double questions{0};
    double quotes{0};
    double words{0};
};

Letters letters_of(std::string_view text) {
    constexpr std::string_view code_marks = "{}[]();<>=_&|#$@`\\/:";
    constexpr std::string_view formula_marks = "+-*/=^<>%";
    Letters found;
    char before = ' ';
    for (const char c : text) {
        found.letters += is_lower(c) || is_upper(c) ? 1 : 0;
        found.capitals += is_upper(c) ? 1 : 0;
        found.digits += is_numeral(c) ? 1 : 0;
        found.numbers += is_numeral(c) && !is_numeral(before) ? 1 : 0;
        found.foreign += is_foreign(c) ? 1 : 0;
        found.marks += code_marks.find(c) != std::string_view::npos ? 1 : 0;
        found.operators += formula_marks.find(c) != std::string_view::npos ? 1 : 0;
        found.sentences +=
            (c == ' ' || c == '\n') && (before == '.' || before == '!' || before == '?') ? 1 : 0;
        found.questions += c == '?' ? 1 : 0;
        found.quotes += c == '"' ? 1 : 0;
        found.words += (c == ' ' || c == '\n') && before != ' ' && before != '\n' ? 1 : 0;
        before = c;
    }
    found.words += text.empty() ? 0 : 1;
    return found;
}

struct Lines {
    double all{0};
    double indented{0};
    double listed{0};  // "- …", "* …", "1. …"
    double closed{0};  // ends as statements and blocks do
};

Lines lines_of(std::string_view text) {
    Lines found;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto bare = trim(line);
        if (bare.empty()) {
            continue;
        }
        ++found.all;
        found.indented += line.front() == '\t' || line.starts_with("  ") ? 1 : 0;
        const bool bullet = bare.size() > 1 && (bare[0] == '-' || bare[0] == '*') && bare[1] == ' ';
        const bool number = bare.size() > 1 && is_numeral(bare[0]) && (bare[1] == '.' || bare[1] == ')');
        found.listed += bullet || number ? 1 : 0;
        const char last = bare.back();
        found.closed += last == ';' || last == '{' || last == '}' || last == ')' ? 1 : 0;
    }
    return found;
}

bool starts_with_any(std::string_view text, std::span<const std::string_view> words) {
    return std::any_of(words.begin(), words.end(), [&](auto word) { return text.starts_with(word); });
}

constexpr std::array<std::string_view, 12> question_words = {"what ",  "what's ", "who ",      "when ",
                                                             "where ", "which ",  "is ",       "are ",
                                                             "does ",  "do ",     "how many ", "how old "};

/// `number` on a scale on which `full` is 1.
float on_scale(double number, double full) {
    return static_cast<float>(std::min(1.0, number / full));
}

float as_logarithm(double number, double full) {
    return static_cast<float>(std::min(1.0, std::log2(1.0 + number) / std::log2(1.0 + full)));
}

}  // namespace

std::array<float, prompt_shapes> shape_of(std::string_view excerpt, std::size_t length,
                                          const std::vector<std::string_view>& tokens) {
    const auto letters = letters_of(excerpt);
    const auto lines = lines_of(excerpt);
    const double size = std::max<double>(1, static_cast<double>(excerpt.size()));
    const double rows = std::max(1.0, lines.all);
    const auto bare = trim(excerpt);
    const auto opening = to_lower(bare.substr(0, 16));
    const auto whole = static_cast<double>(length);
    const auto hits = hits_of(tokens);
    const double words = std::max<double>(4, static_cast<double>(tokens.size()));
    return {
        as_logarithm(whole, 65'536),
        length < 40 ? 1.0F : 0.0F,
        length < 120 ? 1.0F : 0.0F,
        length > 1000 ? 1.0F : 0.0F,
        as_logarithm(lines.all, 128),
        on_scale(lines.indented / rows, 1),
        on_scale(lines.listed / rows, 1),
        on_scale(lines.closed / rows, 1),
        on_scale(letters.digits / size, 0.2),
        as_logarithm(letters.numbers, 64),
        on_scale(letters.foreign / size, 1),
        on_scale(letters.capitals / std::max(1.0, letters.letters), 0.3),
        on_scale(letters.marks / size, 0.15),
        on_scale(letters.operators / size, 0.1),
        as_logarithm(letters.sentences, 32),
        as_logarithm(letters.questions, 8),
        bare.ends_with('?') ? 1.0F : 0.0F,
        as_logarithm(letters.quotes, 16),
        on_scale(letters.letters / std::max(1.0, letters.words), 10),
        starts_with_any(opening, question_words) ? 1.0F : 0.0F,
        as_logarithm(hits.code, 16),
        on_scale(hits.code / words, 0.25),
        as_logarithm(hits.near_code, 16),
        on_scale(hits.near_code / words, 0.25),
        as_logarithm(hits.math, 16),
        on_scale(hits.math / words, 0.25),
        as_logarithm(hits.near_math, 16),
        as_logarithm(hits.creative, 8),
        on_scale(hits.creative / words, 0.2),
        as_logarithm(hits.near_creative, 8),
        as_logarithm(hits.demands, 32),
        on_scale(hits.demands / words, 0.25),
        excerpt.find("```") != std::string_view::npos ? 1.0F : 0.0F,
    };
}

}  // namespace gatehouse::policy

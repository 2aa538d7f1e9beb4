// Numbers in words, units that are written together with their number, currencies and percent.
#include "question_form.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace gatehouse::policy {
namespace {

bool all_of_digits(std::string_view text) noexcept {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// `1,000` is 1000; what groups digits otherwise is left alone.
std::string without_grouping(std::string_view number) {
    const auto first = number.find(',');
    const auto sign = number.starts_with('-') ? 1U : 0U;
    if (first == std::string_view::npos || first <= sign || first - sign > 3 || number[sign] == '0') {
        return std::string(number);
    }
    std::string made(number.substr(0, first));
    auto rest = number.substr(first);
    while (rest.size() >= 4 && rest[0] == ',' && all_of_digits(rest.substr(1, 3))) {
        made += rest.substr(1, 3);
        rest.remove_prefix(4);
    }
    const bool ended = rest.empty() || (rest[0] == '.' && all_of_digits(rest.substr(1)));
    return ended ? made + std::string(rest) : std::string(number);
}

/// `gb` in small letters are bytes; `Mb` and `mW` are not `MB` and `MW`.
std::string unit_of(std::string_view written) {
    std::string small;
    bool capitals = false;
    for (const char c : written) {
        capitals = capitals || (c >= 'A' && c <= 'Z');
        small += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const bool bytes = small == "kb" || small == "mb" || small == "gb" || small == "tb";
    const bool as_written = capitals && (bytes || small == "mw") && written != "KB" && written != "MB" &&
                            written != "GB" && written != "TB";
    return as_written ? std::string(written) : small;
}

FormWord number_of(std::string text) {
    return {.kind = PieceKind::number, .text = std::move(text)};
}

/// Splits `5km`, `-3pm` and `1st`.
void split_word(const FormWord& word, FormWords& out) {
    const std::string_view text = word.text;
    const auto digits = text.find_first_not_of("0123456789.,:", text.starts_with('-') ? 1 : 0);
    const bool numeric =
        digits != std::string_view::npos && digits > 0 && text[digits - 1] >= '0' && text[digits - 1] <= '9';
    if (!numeric) {
        out.push_back(word);
        return;
    }
    if (const auto ordinal = ordinal_word(text); !ordinal.empty()) {
        out.push_back(form_word(ordinal));
        return;
    }
    const auto suffix = text.substr(digits);
    const auto spelt = usual_spelling(suffix);
    const bool is_unit = (kinds_of_word(spelt) & WordKind::unit) != 0 && (spelt.size() > 1 || spelt == "g");
    if (is_unit || suffix == "am" || suffix == "pm") {
        out.push_back(number_of(without_grouping(text.substr(0, digits))));
        auto unit = form_word(spelt);
        unit.written = word.written.size() > digits ? word.written.substr(digits) : std::string(spelt);
        unit.text = spelt == suffix ? unit_of(unit.written) : unit.text;
        out.push_back(std::move(unit));
        return;
    }
    // 4K, 2FA, 5G: letter and case belong to it.
    auto literal = word;
    literal.text = word.written.empty() ? word.text : word.written;
    out.push_back(std::move(literal));
}

std::string_view currency_of(const FormWord& word) noexcept {
    if (word.kind != PieceKind::sign) {
        return {};
    }
    return word.text == "$" ? "dollar" : word.text == "€" ? "euro" : std::string_view();
}

/// Currency in front of its number goes behind it; signs behind a number become words.
void fold_units(FormWords& words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto currency = currency_of(words[i]);
        const bool number_behind = i + 1 < words.size() && words[i + 1].kind == PieceKind::number;
        const bool number_before = i > 0 && words[i - 1].kind == PieceKind::number;
        if (!currency.empty() && number_behind) {
            const bool scaled = i + 2 < words.size() && number_word(words[i + 2].text) >= 1000;
            words[i] = words[i + 1];
            words[i + 1] = scaled ? words[i + 2] : form_word(currency);
            if (scaled) {
                words[i + 2] = form_word(currency);
            }
        } else if (number_before && (!currency.empty() || words[i].is("usd") || words[i].is("eur"))) {
            words[i] = form_word(!currency.empty() ? currency : words[i].is("usd") ? "dollar" : "euro");
        } else if (number_before && words[i].kind == PieceKind::sign && words[i].text == "%") {
            words[i] = form_word("percent");
        } else if (number_before && words[i].kind == PieceKind::sign && words[i].text == "'") {
            words[i] = form_word("foot");
        }
    }
}

void fold_degrees(FormWords& words) {
    FormWords out;
    out.reserve(words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool sign = words[i].kind == PieceKind::sign && words[i].text == "°";
        const auto behind = i + 1 < words.size() ? std::string_view(words[i + 1].text) : std::string_view();
        if (sign && (behind == "c" || behind == "f")) {
            out.push_back(form_word(behind == "c" ? "celsius" : "fahrenheit"));
            ++i;
        } else if ((words[i].is("degrees") || words[i].is("degree")) &&
                   (behind == "celsius" || behind == "fahrenheit")) {
            continue;
        } else if (words[i].is("per") && behind == "cent") {
            out.push_back(form_word("percent"));
            ++i;
        } else {
            out.push_back(words[i]);
        }
    }
    words = std::move(out);
}

/// Reads `one hundred and five thousand` from `at` on; the number and how many words it has.
struct SpelledNumber {
    std::int64_t value{};
    std::size_t words{};
};

class NumberReader {
public:
    NumberReader(const FormWords& words, std::size_t at) : words_(words), at_(at), from_(at) {}

    std::optional<SpelledNumber> read() {
        std::int64_t sum = 0;
        std::int64_t last_scale = most;
        while (true) {
            if (at_ > from_ && opens_compound(at_)) {
                break;
            }
            const auto before = at_;
            const bool lone_scale = at_ == from_ && scale_at(at_) != 0;  // a thousand
            const auto group = lone_scale ? std::optional<std::int64_t>(1) : below_thousand();
            if (!group) {
                break;
            }
            const auto scale = scale_at(at_);
            if (scale == 0) {
                sum += *group;
                break;
            }
            if (scale >= last_scale) {
                at_ = before;  // `one thousand two million` are two numbers
                break;
            }
            last_scale = scale;
            sum += *group * scale;
            ++at_;
        }
        return at_ == from_ ? std::optional<SpelledNumber>() : SpelledNumber{sum, at_ - from_};
    }

private:
    static constexpr std::int64_t most = 1'000'000'000'000'000;

    std::int64_t word_at(std::size_t at) const noexcept {
        if (at >= words_.size() || words_[at].anybody || words_[at].identifier) {
            return -1;
        }
        const auto& word = words_[at];
        if (word.kind == PieceKind::number) {
            return at == from_ && all_of_digits(word.text) && word.text.size() <= 3 && word.text[0] != '0'
                       ? std::stoll(word.text)
                       : -1;
        }
        return word.kind == PieceKind::word ? number_word(word.text) : -1;
    }
    /// `fifty two-year bonds` are 50 of two years; `fifty-two-year bonds` are of 52.
    bool opens_compound(std::size_t at) const noexcept {
        return at + 1 < words_.size() && !words_[at].after_dash && words_[at + 1].after_dash &&
               word_at(at + 1) < 0;
    }
    std::int64_t scale_at(std::size_t at) const noexcept {
        const auto value = word_at(at);
        return value >= 1000 ? value : 0;
    }
    /// `two hundred and five`, `hundred`, `twenty one`, `seven`.
    std::optional<std::int64_t> below_thousand() {
        auto value = word_at(at_);
        if (value < 0 || value >= 1000) {
            return {};
        }
        const bool digits = words_[at_].kind == PieceKind::number;
        if (value == 100 && !digits) {
            ++at_;
            return 100 + tail();
        }
        if (digits || (value < 10 && value > 0)) {
            ++at_;
            if (word_at(at_) == 100 && value < 10) {
                ++at_;
                return value * 100 + tail();
            }
            return value;
        }
        return below_hundred();
    }
    std::int64_t tail() {
        const bool joined = at_ < words_.size() && words_[at_].is("and");
        const auto saved = at_;
        at_ += joined ? 1 : 0;
        const auto value = word_at(at_);
        if (value <= 0 || value >= 100 || words_[at_].kind == PieceKind::number || opens_compound(at_)) {
            at_ = saved;
            return 0;
        }
        const auto small = below_hundred();
        // `two hundred and three hundred` are two numbers.
        if (joined && word_at(at_) >= 100) {
            at_ = saved;
            return 0;
        }
        return small;
    }
    std::int64_t below_hundred() {
        const auto value = word_at(at_++);
        const auto ones = value >= 20 && value % 10 == 0 ? word_at(at_) : -1;
        const bool takes = ones > 0 && ones < 10 && words_[at_].kind == PieceKind::word &&
                           word_at(at_ + 1) != 100 && !opens_compound(at_);
        at_ += takes ? 1 : 0;
        return value + (takes ? ones : 0);
    }

    const FormWords& words_;
    std::size_t at_;
    std::size_t from_;
};

/// `1.5 million`.
std::string scaled_decimal(std::string_view number, std::int64_t scale) {
    const auto point = number.find('.');
    const auto fraction = number.substr(point + 1);
    auto zeros = std::to_string(scale).size() - 1;
    if (point == 0 || !all_of_digits(number.substr(0, point)) || !all_of_digits(fraction) ||
        fraction.size() > zeros || number[0] == '0') {
        return {};
    }
    return std::string(number.substr(0, point)) + std::string(fraction) +
           std::string(zeros - fraction.size(), '0');
}

void fold_spelled(FormWords& words) {
    FormWords out;
    out.reserve(words.size());
    for (std::size_t i = 0; i < words.size();) {
        const bool decimal =
            words[i].kind == PieceKind::number && words[i].text.find('.') != std::string::npos;
        if (decimal && i + 1 < words.size() && number_word(words[i + 1].text) >= 1000) {
            auto scaled = scaled_decimal(words[i].text, number_word(words[i + 1].text));
            if (!scaled.empty()) {
                out.push_back(number_of(std::move(scaled)));
                i += 2;
                continue;
            }
        }
        if (const auto number = NumberReader(words, i).read()) {
            out.push_back(number_of(std::to_string(number->value)));
            i += number->words;
            continue;
        }
        out.push_back(std::move(words[i++]));
    }
    words = std::move(out);
}

}  // namespace

void fold_numbers(FormWords& words) {
    FormWords out;
    out.reserve(words.size() + 4);
    for (const auto& word : words) {
        if (word.kind == PieceKind::number) {
            out.push_back(number_of(without_grouping(word.text)));
        } else if (word.kind == PieceKind::word) {
            split_word(word, out);
        } else {
            out.push_back(word);
        }
    }
    words = std::move(out);
    fold_units(words);
    fold_degrees(words);
    fold_spelled(words);
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (words[i - 1].kind == PieceKind::number && words[i].has(WordKind::unit) &&
            !words[i].written.empty()) {
            words[i].text = unit_of(words[i].written);
        }
    }
}

}  // namespace gatehouse::policy

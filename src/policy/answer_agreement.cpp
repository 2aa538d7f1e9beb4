#include "gatehouse/policy/answer_agreement.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace gatehouse::policy {
namespace {

/// In an answer of so many words another number or name is another answer.
constexpr std::size_t short_answer = 60;
/// Cosine of the counts of words.
constexpr double hardly_anything = 0.2;

constexpr bool ascii_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

constexpr bool ascii_capital(char c) noexcept {
    return c >= 'A' && c <= 'Z';
}

/// Letters of other scripts are bytes from 0x80 on.
constexpr bool word_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || ascii_capital(c) || static_cast<unsigned char>(c) >= 0x80;
}

constexpr char small_letter(char c) noexcept {
    return ascii_capital(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

bool says_nothing(std::string_view word) noexcept {
    static constexpr std::array words{"a", "an", "the"};
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Typographic dashes and quotes (U+2010 to U+201F) are marks, whatever they stand for.
bool begins_typographic_mark(std::string_view text, std::size_t at) noexcept {
    return at + 2 < text.size() && text[at] == '\xE2' && text[at + 1] == '\x80' && text[at + 2] >= '\x90' &&
           text[at + 2] <= '\x9F';
}

class AnswerWords {
public:
    explicit AnswerWords(std::string_view text) {
        std::size_t at = 0;
        while (at < text.size()) {
            const char c = text[at];
            if (ascii_digit(c)) {
                at = number(text, at);
            } else if (begins_typographic_mark(text, at)) {
                at += 3;
            } else if (word_letter(c)) {
                at = word(text, at);
            } else {
                mark(c);
                ++at;
            }
        }
    }

    const std::vector<std::string>& words() const noexcept { return words_; }
    const std::vector<std::string>& numbers() const noexcept { return numbers_; }
    const std::set<std::string>& names() const noexcept { return names_; }
    /// What stands between words and may change what they say: `a + b`.
    const std::string& marks() const noexcept { return marks_; }

    std::map<std::string_view, double> counts() const {
        std::map<std::string_view, double> counts;
        for (const auto& word : words_) {
            ++counts[word];
        }
        return counts;
    }

private:
    void mark(char c) {
        static constexpr std::string_view of_sentences = " \t\r\n.,;:!?'\"*#()";
        begins_sentence_ = begins_sentence_ || c == '.' || c == '!' || c == '?' || c == '\n' || c == ':';
        begins_line_ = begins_line_ || c == '\n';
        if (of_sentences.find(c) == std::string_view::npos) {
            marks_ += c;
        }
    }

    std::size_t word(std::string_view text, std::size_t at) {
        std::string word;
        const bool capital = ascii_capital(text[at]);
        while (at < text.size() && (word_letter(text[at]) || ascii_digit(text[at])) &&
               !begins_typographic_mark(text, at)) {
            word += small_letter(text[at++]);
        }
        if (capital && !begins_sentence_) {
            names_.insert(word);
        }
        begins_sentence_ = begins_line_ = false;
        if (!says_nothing(word)) {
            words_.push_back(std::move(word));
        }
        return at;
    }

    /// With its fraction, its groups (1,000) and its sign; the number of a list's item is none.
    std::size_t number(std::string_view text, std::size_t at) {
        const bool signed_number =
            at > 0 && text[at - 1] == '-' && (at == 1 || text[at - 2] == ' ' || text[at - 2] == '\n');
        std::string number = signed_number ? "-" : "";
        while (at < text.size()) {
            const bool joins =
                (text[at] == '.' || text[at] == ',') && at + 1 < text.size() && ascii_digit(text[at + 1]);
            if (!ascii_digit(text[at]) && !joins) {
                break;
            }
            number += text[at] == ',' ? "" : std::string(1, text[at]);
            ++at;
        }
        const bool of_list = begins_line_ && at < text.size() && (text[at] == '.' || text[at] == ')') &&
                             at + 1 < text.size() && text[at + 1] == ' ';
        begins_line_ = false;
        if (!of_list) {
            begins_sentence_ = false;
            words_.push_back(number);
            numbers_.push_back(std::move(number));
        }
        return at;
    }

    std::vector<std::string> words_;
    std::vector<std::string> numbers_;
    std::set<std::string> names_;
    std::string marks_;
    bool begins_sentence_{true};
    bool begins_line_{true};
};

double likeness(const AnswerWords& one, const AnswerWords& other) {
    const auto a = one.counts();
    const auto b = other.counts();
    double product = 0;
    double length_a = 0;
    double length_b = 0;
    for (const auto& [word, count] : a) {
        const auto found = b.find(word);
        product += found == b.end() ? 0 : count * found->second;
        length_a += count * count;
    }
    for (const auto& [word, count] : b) {
        length_b += count * count;
    }
    return length_a > 0 && length_b > 0 ? product / std::sqrt(length_a * length_b) : 0;
}

/// `yes` for `no`, at their beginnings.
bool contradict(const AnswerWords& one, const AnswerWords& other) {
    const auto verdict = [](const AnswerWords& answer) {
        static constexpr std::array<std::string_view, 4> verdicts{"yes", "no", "true", "false"};
        const std::string_view first = answer.words().front();
        return std::find(verdicts.begin(), verdicts.end(), first) == verdicts.end() ? std::string_view()
                                                                                    : first;
    };
    const auto a = verdict(one);
    const auto b = verdict(other);
    return !a.empty() && !b.empty() && a != b;
}

/// Does one name somebody of whom the other has no word?
bool names_more(const AnswerWords& one, const AnswerWords& other) {
    const auto& words = other.words();
    return std::any_of(one.names().begin(), one.names().end(), [&](const std::string& name) {
        return std::find(words.begin(), words.end(), name) == words.end();
    });
}

/// As often as they are told, in whatever order.
bool numbers_differ(std::vector<std::string> one, std::vector<std::string> other) {
    std::sort(one.begin(), one.end());
    std::sort(other.begin(), other.end());
    return one != other;
}

}  // namespace

Agreement agreement_of(std::string_view one, std::string_view other) {
    if (one.size() > agreement_window || other.size() > agreement_window) {
        return one == other ? Agreement::same : Agreement::unclear;
    }
    const AnswerWords a(one);
    const AnswerWords b(other);
    if (a.words().empty() || b.words().empty()) {
        return Agreement::unclear;
    }
    if (a.words() == b.words()) {
        return a.marks() == b.marks() ? Agreement::same : Agreement::unclear;
    }
    const bool both_short = a.words().size() <= short_answer && b.words().size() <= short_answer;
    const bool other_facts =
        both_short && (numbers_differ(a.numbers(), b.numbers()) || (names_more(a, b) && names_more(b, a)));
    return contradict(a, b) || other_facts || likeness(a, b) < hardly_anything ? Agreement::different
                                                                               : Agreement::unclear;
}

}  // namespace gatehouse::policy

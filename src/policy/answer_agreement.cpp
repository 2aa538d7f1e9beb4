#include "gatehouse/policy/answer_agreement.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace gatehouse::policy {
namespace {

/// In an answer of so many words another number is another answer.
constexpr std::size_t short_answer = 60;
/// Cosine of the counts of words.
constexpr double nearly_the_same = 0.8;
constexpr double hardly_anything = 0.2;

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Words and numbers, without what stands between them.
class AnswerWords {
public:
    explicit AnswerWords(std::string_view text) {
        text = text.substr(0, agreement_window);
        std::size_t at = 0;
        while (at < text.size()) {
            const char c = lower(text[at]);
            if (is_digit(c)) {
                at = number(text, at);
            } else if (is_letter(c)) {
                at = word(text, at);
            } else {
                // What stands before or between numbers may be all that two answers differ in.
                if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
                    marks_ += c;
                }
                ++at;
            }
        }
    }

    const std::vector<std::string>& words() const noexcept { return words_; }
    const std::set<std::string>& numbers() const noexcept { return numbers_; }
    bool operator==(const AnswerWords& other) const = default;

    std::map<std::string_view, double> counts() const {
        std::map<std::string_view, double> counts;
        for (const auto& word : words_) {
            ++counts[word];
        }
        return counts;
    }

private:
    std::size_t word(std::string_view text, std::size_t at) {
        auto& word = words_.emplace_back();
        while (at < text.size() && (is_letter(lower(text[at])) || is_digit(text[at]))) {
            word += lower(text[at++]);
        }
        return at;
    }
    /// With its fraction, its groups (1,000) and its sign.
    std::size_t number(std::string_view text, std::size_t at) {
        std::string number = at > 0 && text[at - 1] == '-' ? "-" : "";
        while (at < text.size()) {
            const bool joins =
                (text[at] == '.' || text[at] == ',') && at + 1 < text.size() && is_digit(text[at + 1]);
            if (!is_digit(text[at]) && !joins) {
                break;
            }
            number += text[at] == ',' ? "" : std::string(1, text[at]);
            ++at;
        }
        words_.push_back(number);
        numbers_.insert(std::move(number));
        return at;
    }

    std::vector<std::string> words_;
    std::set<std::string> numbers_;
    std::string marks_;
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
    const auto answers = [](const AnswerWords& words) {
        const std::string_view first = words.words().empty() ? std::string_view() : words.words().front();
        return first == "yes" || first == "no" || first == "true" || first == "false" ? first
                                                                                      : std::string_view();
    };
    const auto a = answers(one);
    const auto b = answers(other);
    return !a.empty() && !b.empty() && a != b;
}

}  // namespace

Agreement agreement_of(std::string_view one, std::string_view other) {
    const AnswerWords a(one);
    const AnswerWords b(other);
    if (a.words().empty() || b.words().empty()) {
        return Agreement::unclear;
    }
    if (a == b) {
        return Agreement::same;
    }
    const bool both_short = a.words().size() <= short_answer && b.words().size() <= short_answer;
    if (contradict(a, b) || (both_short && a.numbers() != b.numbers())) {
        return Agreement::different;
    }
    const double alike = likeness(a, b);
    if (alike < hardly_anything) {
        return Agreement::different;
    }
    return alike >= nearly_the_same && a.numbers() == b.numbers() ? Agreement::same : Agreement::unclear;
}

}  // namespace gatehouse::policy

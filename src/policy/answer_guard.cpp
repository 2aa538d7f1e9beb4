#include "gatehouse/policy/answer_guard.hpp"

#include "question_form.hpp"
#include "question_rewording.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace gatehouse::policy {
namespace {

constexpr auto refusal_names = std::to_array<std::string_view>(
    {"none",    "not_comparable", "language",    "other_language", "quoted_text", "code",
     "address", "number",         "unit",        "sign",           "negation",    "question_word",
     "person",  "time",           "mood",        "opposite",       "quantity",    "particle",
     "name",    "content_word",   "helper_word", "word_order"});
static_assert(refusal_names.size() == guard_refusal_count);

/// Kinds stand in front of words as bytes that no readable text has: control characters but for blanks.
constexpr char mark_of(GuardRefusal kind) noexcept {
    const auto number = static_cast<int>(kind);  // quoted_text is the first
    return static_cast<char>(number - 4 < 8 ? number - 4 + 1 : number - 12 + 0x0e);
}
constexpr bool is_mark(char c) noexcept {
    return (c >= 0x01 && c <= 0x08) || (c >= 0x0e && c <= 0x1f);
}
constexpr GuardRefusal kind_of(char mark) noexcept {
    return static_cast<GuardRefusal>(mark <= 0x08 ? mark - 1 + 4 : mark - 0x0e + 12);
}
static_assert(kind_of(mark_of(GuardRefusal::sign)) == GuardRefusal::sign &&
              kind_of(mark_of(GuardRefusal::question_word)) == GuardRefusal::question_word &&
              kind_of(mark_of(GuardRefusal::person)) == GuardRefusal::person &&
              kind_of(mark_of(GuardRefusal::helper_word)) == GuardRefusal::helper_word);

struct KindOfDifference {
    WordKinds kinds;
    GuardRefusal refusal;
};
/// A word that is several things is the first.
constexpr auto kinds_of_difference = std::to_array<KindOfDifference>({
    {WordKind::negation, GuardRefusal::negation},
    {WordKind::question, GuardRefusal::question_word},
    {WordKind::person, GuardRefusal::person},
    {WordKind::time, GuardRefusal::time},
    {WordKind::mood, GuardRefusal::mood},
});
constexpr auto kinds_of_small_difference = std::to_array<KindOfDifference>({
    {WordKind::degree, GuardRefusal::quantity},
    {WordKind::particle, GuardRefusal::particle},
    {WordKind::link | WordKind::article, GuardRefusal::helper_word},
});

template <typename Kinds>
GuardRefusal first_of(WordKinds kinds, const Kinds& list) noexcept {
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const auto& entry) { return (kinds & entry.kinds) != 0; });
    return found == list.end() ? GuardRefusal::none : found->refusal;
}

GuardRefusal difference_by(const FormWord& word, bool behind_number, bool first) {
    switch (word.kind) {
        case PieceKind::number:
            return GuardRefusal::number;
        case PieceKind::sign:
            return GuardRefusal::sign;
        case PieceKind::quoted:
            return GuardRefusal::quoted_text;
        case PieceKind::code:
            return GuardRefusal::code;
        case PieceKind::address:
            return GuardRefusal::address;
        case PieceKind::word:
            break;
    }
    if (behind_number && word.has(WordKind::unit)) {
        return GuardRefusal::unit;
    }
    if (const auto kind = first_of(word.kinds, kinds_of_difference); kind != GuardRefusal::none) {
        return kind;
    }
    if (const auto kind = first_of(word.kinds, kinds_of_small_difference); kind != GuardRefusal::none) {
        return kind;
    }
    if (has_opposite(word.text)) {
        return GuardRefusal::opposite;
    }
    const bool capital = !word.written.empty() && word.written[0] >= 'A' && word.written[0] <= 'Z';
    return capital && !first ? GuardRefusal::name : GuardRefusal::content_word;
}

std::string marked(const FormWords& words) {
    std::string made;
    std::size_t size = 0;
    for (const auto& word : words) {
        size += word.text.size() + 1;
    }
    made.reserve(size);
    bool behind_number = false;
    for (const auto& word : words) {
        made += mark_of(difference_by(word, behind_number, made.empty()));
        made += word.text;
        behind_number = word.kind == PieceKind::number;
    }
    return made;
}

struct MarkedWord {
    std::string_view text;
    GuardRefusal kind;
};

std::vector<MarkedWord> words_of(std::string_view marked_text) {
    std::vector<MarkedWord> words;
    while (!marked_text.empty()) {
        const auto end = static_cast<std::size_t>(
            std::find_if(marked_text.begin() + 1, marked_text.end(), is_mark) - marked_text.begin());
        words.push_back({marked_text.substr(1, end - 1), kind_of(marked_text[0])});
        marked_text.remove_prefix(end);
    }
    return words;
}

/// A name in a text without capitals is a plain word; where both texts have capitals, they count.
enum class Names : std::uint8_t { count, are_words };

GuardRefusal comparable(GuardRefusal kind, Names names) noexcept {
    return names == Names::are_words && kind == GuardRefusal::name ? GuardRefusal::content_word : kind;
}

bool has_names(const std::vector<MarkedWord>& words) noexcept {
    return std::any_of(words.begin(), words.end(),
                       [](const auto& word) { return word.kind == GuardRefusal::name; });
}

/// The most telling word that only one of the two has.
GuardRefusal difference(std::vector<MarkedWord> a, std::vector<MarkedWord> b) {
    const auto names = has_names(a) && has_names(b) ? Names::count : Names::are_words;
    const auto same = [names](const MarkedWord& one, const MarkedWord& other) {
        return one.text == other.text && comparable(one.kind, names) == comparable(other.kind, names);
    };
    const auto before = [names](const MarkedWord& one, const MarkedWord& other) {
        return one.text != other.text ? one.text < other.text
                                      : comparable(one.kind, names) < comparable(other.kind, names);
    };
    if (std::equal(a.begin(), a.end(), b.begin(), b.end(), same)) {
        return GuardRefusal::none;
    }
    std::sort(a.begin(), a.end(), before);
    std::sort(b.begin(), b.end(), before);
    auto told = GuardRefusal::word_order;
    const auto tell = [&](const MarkedWord& word) { told = std::min(told, word.kind); };
    auto i = a.begin();
    auto j = b.begin();
    while (i != a.end() || j != b.end()) {
        if (j == b.end() || (i != a.end() && before(*i, *j))) {
            tell(*i++);
        } else if (i == a.end() || before(*j, *i)) {
            tell(*j++);
        } else {
            ++i;
            ++j;
        }
    }
    return told;
}

}  // namespace

std::string_view name_of(GuardRefusal refusal) noexcept {
    return refusal_names.at(static_cast<std::size_t>(refusal));
}

std::string_view name_of(GuardMatch match) noexcept {
    return match == GuardMatch::same_words ? "same_words" : "reworded";
}

GuardFeatures::GuardFeatures(std::string_view text) {
    auto form = read_question(text);
    if (form.refusal != SignatureRefusal::none || form.content_words == 0) {
        return;
    }
    form_ = form.english ? Form::english : Form::plain;
    reworded_ = form.english && !form.about_words && reword(form.words);
    words_ = form.english ? marked(form.words) : std::move(form.plain);
    words_.shrink_to_fit();
}

struct GuardCheck {
    static GuardVerdict run(const GuardFeatures& a, const GuardFeatures& b) {
        using Form = GuardFeatures::Form;
        if (a.form_ == Form::none || b.form_ == Form::none) {
            return {.refusal = GuardRefusal::not_comparable};
        }
        if (a.form_ != b.form_) {
            return {.refusal = GuardRefusal::language};
        }
        const auto match = a.reworded_ || b.reworded_ ? GuardMatch::reworded : GuardMatch::same_words;
        if (a.words_ == b.words_) {
            return {.match = match};
        }
        if (a.form_ == Form::plain) {
            return {.refusal = GuardRefusal::other_language};
        }
        return {.refusal = difference(words_of(a.words_), words_of(b.words_)), .match = match};
    }
};

GuardVerdict guard_check(const GuardFeatures& asked, const GuardFeatures& kept) {
    return GuardCheck::run(asked, kept);
}

}  // namespace gatehouse::policy

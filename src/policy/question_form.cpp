#include "question_form.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::policy {
namespace {

constexpr bool is_small(char c) noexcept {
    return c >= 'a' && c <= 'z';
}
constexpr bool is_capital(char c) noexcept {
    return c >= 'A' && c <= 'Z';
}

std::string in_small_letters(std::string_view text) {
    std::string made(text);
    for (std::size_t i = 0; i < made.size(); ++i) {
        const auto c = static_cast<unsigned char>(made[i]);
        if (is_capital(made[i])) {
            made[i] = static_cast<char>(c + 0x20);
        } else if (c == 0xc3 && i + 1 < made.size()) {
            // Latin-1: U+00C0 to U+00DE but for the multiplication sign.
            const auto next = static_cast<unsigned char>(made[i + 1]);
            if (next >= 0x80 && next <= 0x9e && next != 0x97) {
                made[i + 1] = static_cast<char>(next + 0x20);
            }
            ++i;
        }
    }
    return made;
}

/// `u.s` is `us`, of which the capitals are kept in what was written; empty for anything else.
std::string without_dots(std::string_view word) {
    std::string made;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const bool dot = i % 2 == 1;
        if (dot != (word[i] == '.') || (!dot && !is_small(word[i]) && !is_capital(word[i]))) {
            return {};
        }
        if (!dot) {
            made += word[i];
        }
    }
    return made.size() > 1 && word.size() > made.size() && word != "e.g" && word != "i.e" ? made
                                                                                          : std::string();
}

/// `foo.Bar` and `README.md`, but for names of products and hosts: there case says something.
bool is_dotted_identifier(std::string_view word) {
    static constexpr auto names = std::to_array<std::string_view>({"js", "net", "io", "ai", "com", "org"});
    const auto dot = word.rfind('.');
    if (dot == std::string_view::npos || dot == 0) {
        return false;
    }
    const auto behind = in_small_letters(word.substr(dot + 1));
    return !behind.empty() && is_small(behind[0]) &&
           std::find(names.begin(), names.end(), behind) == names.end();
}

/// `addUser` and `getItems`; `iPhone`, `eBay` and `macOS` are names, which people write in any case.
bool is_camel_case(std::string_view word) noexcept {
    const auto hump = std::find_if(word.begin(), word.end(), is_capital) - word.begin();
    const auto at = static_cast<std::size_t>(hump);
    return at >= 2 && at + 1 < word.size() && is_small(word[at + 1]) &&
           std::all_of(word.begin(), word.begin() + hump, is_small);
}

/// `AddUsers`, also `YouTubers`: a plural with a capital inside is a word of its own.
bool has_inner_capital(std::string_view word) noexcept {
    for (std::size_t i = 2; i + 1 < word.size(); ++i) {
        if (is_capital(word[i]) && is_small(word[i - 1]) && is_small(word[i + 1])) {
            return true;
        }
    }
    return false;
}

/// `items[0]` and `print(x)`.
bool opens_access(const TextPiece& piece) noexcept {
    return piece.kind == PieceKind::sign && !piece.after_blank && (piece.text == "[" || piece.text == "(");
}

FormWord identifier_of(std::string_view written) {
    return {.kind = PieceKind::word,
            .text = std::string(written),
            .written = std::string(written),
            .kinds = kinds_of_word(in_small_letters(written)),
            .identifier = true};
}

void push_word(std::string_view written, FormWords& out) {
    if (is_camel_case(written)) {
        out.push_back(identifier_of(written));
        return;
    }
    const auto small = in_small_letters(written);
    if (const auto contracted = contraction_of(small); !contracted.empty()) {
        auto rest = contracted;
        while (!rest.empty()) {
            const auto end = std::min(rest.find(' '), rest.size());
            out.push_back(form_word(rest.substr(0, end)));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        return;
    }
    if (const auto acronym = without_dots(written); !acronym.empty()) {
        auto word = form_word(in_small_letters(acronym));
        word.written = acronym;
        out.push_back(std::move(word));
        return;
    }
    auto word = form_word(is_dotted_identifier(written) ? written : std::string_view(small));
    word.written = std::string(written);
    out.push_back(std::move(word));
}

/// Kinds of a word in small letters also for one with a capital; a marked acronym has none of its namesake's.
WordKinds kinds_of_form(const FormWord& word) {
    const auto small = kinds_of_word(in_small_letters(word.text));
    constexpr auto of_acronyms = WordKind::programming_language | WordKind::unit | WordKind::case_matters;
    return word.text.size() > 1 && is_capital(word.text[0]) && is_capital(word.text[1]) ? small & of_acronyms
                                                                                        : small;
}

/// Words of English against words that only other languages have.
bool is_english(const FormWords& words) noexcept {
    int english = 0;
    int foreign = 0;
    if (!words.empty() && words[0].has(WordKind::opens_question | WordKind::request)) {
        english = 2;
    }
    for (const auto& word : words) {
        english += word.has(WordKind::english) ? 2 : word.has(WordKind::english_maybe) ? 1 : 0;
        foreign += word.has(WordKind::foreign) ? 1 : 0;
    }
    return english >= 2 && english >= 6 * foreign;
}

enum class Capitals : std::uint8_t { none, mean_names };

/// A text all in capitals, or with a capital to every word, says nothing by them.
Capitals capitals_of(const FormWords& words) noexcept {
    bool any_small = false;
    bool long_small = false;
    bool link_capital = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& written = words[i].written;
        if (written.empty()) {
            continue;
        }
        const bool capital = is_capital(written[0]);
        any_small = any_small || std::any_of(written.begin(), written.end(), is_small);
        long_small = long_small || (!capital && written.size() > 3);
        constexpr auto links = WordKind::article | WordKind::link | WordKind::particle;
        link_capital = link_capital || (i > 0 && capital && words[i].has(links) && written.size() > 1 &&
                                        is_small(written[1]));
    }
    return any_small && (long_small || !link_capital) ? Capitals::mean_names : Capitals::none;
}

bool is_all_capitals(std::string_view written) noexcept {
    return written.size() > 1 && std::all_of(written.begin(), written.end(), is_capital);
}

/// US and WHO are no pronouns.
void mark_acronyms(FormWords& words, Capitals capitals) {
    for (auto& word : words) {
        if (capitals == Capitals::mean_names && is_all_capitals(word.written) &&
            word.has(WordKind::case_matters)) {
            word.text = word.written;
            word.kinds = kinds_of_form(word);
        }
    }
}

bool is_superlative(const FormWord& word) noexcept {
    static constexpr auto others = std::to_array<std::string_view>(
        {"interest", "request", "forest",   "harvest", "suggest", "invest",   "contest",
         "protest",  "honest",  "digest",   "modest",  "arrest",  "budapest", "guest",
         "quest",    "midwest", "conquest", "pytest",  "jest",    "chest"});
    return word.kind == PieceKind::word &&
           (word.has(WordKind::superlative) ||
            (word.text.size() > 5 && word.text.ends_with("est") &&
             std::find(others.begin(), others.end(), word.text) == others.end()));
}

/// Whether the article at `i` says nothing: `the who` and `vitamin a` are no articles' business.
bool is_idle_article(const FormWords& words, std::size_t i) {
    if (i + 1 >= words.size()) {
        return false;
    }
    const auto& next = words[i + 1];
    constexpr auto holds = WordKind::question | WordKind::link | WordKind::particle | WordKind::article |
                           WordKind::negation | WordKind::person | WordKind::mood;
    static constexpr auto quantities = std::to_array<std::string_view>(
        {"few", "little", "most", "least", "same", "other", "only", "bit", "while"});
    if (next.kind == PieceKind::sign || next.kind == PieceKind::code || next.has(holds) ||
        std::find(quantities.begin(), quantities.end(), next.text) != quantities.end()) {
        return false;
    }
    const bool letter = words[i].is("a") && ((i > 0 && words[i - 1].has(WordKind::letter_behind)) ||
                                             (next.kind == PieceKind::word && next.text.size() == 1));
    return !letter;
}

/// `what is the exchange rate` asks for one that is known, `what is an exchange rate` for what it is; `what
/// is the capital of France` can be asked without the article.
bool points_at_known(const FormWords& words, std::size_t i) {
    constexpr auto open = WordKind::question | WordKind::link | WordKind::particle | WordKind::person |
                          WordKind::mood | WordKind::negation | WordKind::superlative | WordKind::degree |
                          WordKind::article | WordKind::unit;
    return i == 2 && words[0].is("what") && words[1].is("is") && words[2].is("the") &&
           std::all_of(words.begin() + 3, words.end(),
                       [](const FormWord& word) { return word.kind == PieceKind::word && !word.has(open); });
}

void drop_articles(FormWords& words, Capitals capitals) {
    FormWords out;
    out.reserve(words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool article = words[i].kind == PieceKind::word && words[i].has(WordKind::article);
        const bool title = capitals == Capitals::mean_names && !out.empty() && !words[i].written.empty() &&
                           is_capital(words[i].written[0]);
        if (!article || title || !is_idle_article(words, i) || points_at_known(words, i)) {
            out.push_back(words[i]);
        }
    }
    words = std::move(out);
}

/// A word as it will be compared: small, in the singular, and with capitals where they mean something.
void settle_word(FormWord& word, bool first, Capitals capitals, bool keep_plurals) {
    const auto& written = word.written;
    const bool may_mean = capitals == Capitals::mean_names && !written.empty() && is_capital(written[0]);
    const bool acronym = may_mean && is_all_capitals(written);
    const bool name = acronym || (may_mean && !first);
    if (name && (word.has(WordKind::case_matters) || word.has(WordKind::article)) && written.size() > 1) {
        word.text = acronym ? written : std::string(1, written[0]) + word.text.substr(1);
        return;
    }
    if (name && word.has(WordKind::article)) {
        word.text = written;
        return;
    }
    if (keep_plurals || has_inner_capital(written)) {
        return;
    }
    const bool plural_acronym = may_mean && written.size() > 2 && written.back() == 's' &&
                                is_all_capitals(std::string_view(written).substr(0, written.size() - 1));
    if (plural_acronym) {
        word.text.pop_back();
        return;
    }
    auto single = std::string(usual_spelling(word.text));
    if (single == word.text) {
        single = singular(word.text);
    }
    if (name && single != word.text) {
        word.text = acronym ? written : std::string(1, written[0]) + word.text.substr(1);  // Adams, Beatles
        return;
    }
    word.text = std::move(single);
}

/// `recommend a book about whales` wants one, `recommend books about whales` several: how many words stand in
/// front of what it is about. 0 for a text that asks for nothing of the kind.
std::size_t words_of_wanted(const FormWords& words) noexcept {
    static constexpr auto wanting =
        std::to_array<std::string_view>({"name", "suggest", "recommend", "provide", "write", "create",
                                         "generate", "find", "make", "draft", "give", "show", "tell"});
    const bool wants = !words.empty() && words[0].kind == PieceKind::word &&
                       std::find(wanting.begin(), wanting.end(), words[0].text) != wanting.end();
    const auto about = std::find_if(words.begin(), words.end(),
                                    [](const FormWord& word) { return word.has(WordKind::particle); });
    return wants ? static_cast<std::size_t>(about - words.begin()) : 0;
}

void settle_words(FormWords& words, Capitals capitals, bool about_words) {
    // The largest city and the largest cities are different questions; so is what `glass` and `glasses` mean.
    const bool one_of_many = std::any_of(words.begin(), words.end(), [](const auto& word) {
        return is_superlative(word) || word.is("mean") || word.is("meaning") || word.is("define");
    });
    const auto wanted = words_of_wanted(words);
    for (std::size_t i = 0; i < words.size(); ++i) {
        auto& word = words[i];
        if (word.kind == PieceKind::word && !word.anybody && !word.identifier) {
            const bool any_way = word.text == "ways" || word.text == "methods";
            settle_word(word, i == 0, capitals, about_words || i < wanted || (one_of_many && !any_way));
            word.kinds = kinds_of_form(word);
        }
    }
}

bool has_content(const FormWord& word) noexcept {
    constexpr auto idle = WordKind::article | WordKind::question | WordKind::person | WordKind::mood |
                          WordKind::particle | WordKind::link | WordKind::filler | WordKind::negation;
    if (word.kind == PieceKind::sign) {
        return false;
    }
    return word.kind != PieceKind::word || (!word.has(idle) && !word.anybody);
}

SignatureRefusal refusal_of(std::string_view text, const CutText& cut) noexcept {
    if (text.size() > question_text_limit) {
        return SignatureRefusal::too_long;
    }
    if (cut.unreadable) {
        return SignatureRefusal::unreadable;
    }
    if (cut.unmarked_code) {
        return SignatureRefusal::unmarked_code;
    }
    return cut.layout ? SignatureRefusal::layout : SignatureRefusal::none;
}

/// Two words, or four letters where words are not written apart.
bool has_two_words(const CutText& cut) noexcept {
    if (cut.pieces.size() >= 2) {
        return true;
    }
    const auto letters = cut.pieces.empty()
                             ? 0
                             : std::count_if(cut.pieces[0].text.begin(), cut.pieces[0].text.end(),
                                             [](char c) { return (c & '\xc0') != '\x80'; });
    return cut.other_script && letters >= 4;
}

}  // namespace

FormWord form_word(std::string_view text) {
    return {.kind = PieceKind::word, .text = std::string(text), .kinds = kinds_of_word(text)};
}

FormWords form_words(const std::vector<TextPiece>& pieces) {
    FormWords words;
    words.reserve(pieces.size() + 4);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const auto& piece = pieces[i];
        const auto from = words.size();
        if (piece.kind == PieceKind::word && i + 1 < pieces.size() && opens_access(pieces[i + 1])) {
            words.push_back(identifier_of(piece.text));
        } else if (piece.kind == PieceKind::word) {
            push_word(piece.text, words);
        } else if (piece.kind == PieceKind::sign && piece.text == "&") {
            words.push_back(form_word("and"));
        } else {
            words.push_back({.kind = piece.kind, .text = piece.text});
        }
        words[from].after_stop = piece.after_stop;
        words[from].after_dash = piece.after_dash;
    }
    return words;
}

QuestionForm read_question(std::string_view text) {
    QuestionForm form;
    if (text.size() > question_text_limit) {
        form.refusal = SignatureRefusal::too_long;
        return form;
    }
    const auto cut = cut_text(text);
    form.refusal = refusal_of(text, cut);
    if (form.refusal != SignatureRefusal::none) {
        return form;
    }
    auto words = cut.other_script ? FormWords() : form_words(cut.pieces);
    form.english = is_english(words);
    if (!form.english) {
        form.plain = plain_form(text);
        form.content_words = has_two_words(cut) && !form.plain.empty() ? 2 : 0;
        return form;
    }
    const auto capitals = capitals_of(words);
    mark_acronyms(words, capitals);
    drop_politeness(words);
    form.about_words = std::any_of(words.begin(), words.end(),
                                   [](const auto& word) { return word.has(WordKind::about_words); });
    fold_frames(words);
    fold_numbers(words);
    drop_articles(words, capitals);
    settle_words(words, capitals, form.about_words);
    if (capitals == Capitals::none) {
        for (auto& word : words) {
            word.written.clear();
        }
    }
    form.content_words = static_cast<std::size_t>(std::count_if(words.begin(), words.end(), has_content));
    form.words = std::move(words);
    return form;
}

std::string written_form(const FormWords& words) {
    std::string text;
    bool accessed = false;
    for (const auto& word : words) {
        const bool opens = word.kind == PieceKind::sign && (word.text == "[" || word.text == "(");
        if (!text.empty() && !(accessed && opens)) {
            text += ' ';
        }
        accessed = word.identifier;
        if (word.kind == PieceKind::quoted) {
            text += '"' + word.text + '"';
        } else if (word.kind == PieceKind::code) {
            const std::string_view fence = word.text.find('`') == std::string::npos ? "`" : "```";
            text += fence;
            text += word.text;
            text += fence;
        } else {
            text += word.text;
        }
    }
    return text;
}

}  // namespace gatehouse::policy

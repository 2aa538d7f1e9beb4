#include "question_rewording.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <unordered_map>

namespace gatehouse::policy {
namespace {

bool said_at(const FormWords& words, std::size_t at, std::initializer_list<std::string_view> phrase) {
    return at + phrase.size() <= words.size() &&
           std::equal(phrase.begin(), phrase.end(), words.begin() + static_cast<std::ptrdiff_t>(at),
                      [](std::string_view said, const FormWord& word) { return word.is(said); });
}

/// Puts `made` in the place of the `count` words from `at` on.
void put(FormWords& words, std::size_t at, std::size_t count, std::initializer_list<std::string_view> made) {
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(at);
    const auto behind = words.erase(first, first + static_cast<std::ptrdiff_t>(count));
    FormWords fresh;
    std::transform(made.begin(), made.end(), std::back_inserter(fresh),
                   [](std::string_view word) { return form_word(word); });
    words.insert(behind, fresh.begin(), fresh.end());
}

struct FoundSynonym {
    std::string_view head{};
    std::size_t words{0};
    std::string said{};
};

/// A part of a name: the shop of the Body Shop is no store.
bool is_part_of_name(const FormWord& word, std::size_t at) {
    const auto& written = word.written;
    return at > 0 && written.size() > 1 && written[0] >= 'A' && written[0] <= 'Z' &&
           !word.has(WordKind::programming_language) &&
           std::none_of(written.begin() + 1, written.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string small(std::string text) {
    // An acronym that is marked by its capitals is looked up with them.
    const bool acronym = text.size() > 1 && text[1] >= 'A' && text[1] <= 'Z';
    if (!acronym && text[0] >= 'A' && text[0] <= 'Z') {
        text[0] = static_cast<char>(text[0] - 'A' + 'a');
    }
    return text;
}

/// The longest entry of the synonyms that begins at `at`.
FoundSynonym synonym_at(const FormWords& words, std::size_t at) {
    FoundSynonym found;
    std::string said;
    for (std::size_t count = 1; count <= longest_synonym && at + count <= words.size(); ++count) {
        const auto& word = words[at + count - 1];
        if ((word.kind != PieceKind::word && word.kind != PieceKind::number) || word.identifier) {
            break;
        }
        said += (count > 1 ? " " : "") + small(word.text);
        if (count == 1 && is_part_of_name(word, at)) {
            continue;
        }
        if (const auto head = synonym_of(said); !head.empty()) {
            found = {head, count, said};
        }
        if (count == 1 && !opens_synonym(said)) {
            break;
        }
    }
    return found;
}

/// Two members of one group in a text are contrasted: `is a film a movie`. Then nothing is folded.
bool contrasts(const FormWords& words) {
    std::unordered_map<std::string_view, std::string> met;
    for (std::size_t i = 0; i < words.size();) {
        auto found = synonym_at(words, i);
        if (found.words == 0) {
            ++i;
            continue;
        }
        const auto [at, fresh] = met.emplace(found.head, found.said);
        if (!fresh && at->second != found.said) {
            return true;
        }
        i += found.words;
    }
    return false;
}

bool fold_synonyms(FormWords& words) {
    if (contrasts(words)) {
        return false;
    }
    bool changed = false;
    FormWords out;
    out.reserve(words.size());
    for (std::size_t i = 0; i < words.size();) {
        const auto found = synonym_at(words, i);
        if (found.words == 0 || (found.words == 1 && found.head == words[i].text)) {
            out.push_back(std::move(words[i++]));
            continue;
        }
        auto word = form_word(found.head);
        word.written = words[i].written;
        out.push_back(std::move(word));
        i += found.words;
        changed = true;
    }
    words = std::move(out);
    return changed;
}

bool drop_fillers(FormWords& words) {
    return std::erase_if(words, [](const FormWord& word) { return word.has(WordKind::filler); }) > 0;
}

/// `what is meaning of X`, `what X mean` are `meaning of X`; `definition of X` is `define X`. The two are
/// kept apart: the meaning of life is not its definition.
bool fold_definitions(FormWords& words) {
    for (const auto* const noun : {"meaning", "definition"}) {
        const auto from = said_at(words, 0, {"what", "is", noun, "of"}) ? 4U
                          : said_at(words, 0, {noun, "of"})             ? 2U
                                                                        : 0U;
        if (from > 0 && from < words.size()) {
            put(words, 0, from, {*noun == 'm' ? "meaning" : "define"});
            return true;
        }
    }
    if (words.size() > 2 && words[0].is("what") && words.back().is("mean") &&
        !words[1].has(WordKind::person)) {
        words.pop_back();
        put(words, 0, 1, {"meaning"});
        return true;
    }
    return false;
}

bool fold_demands(FormWords& words) {
    for (const auto* const verb : {"give", "make", "show", "provide", "write", "create"}) {
        const bool for_me = said_at(words, 0, {verb, "me", "list", "of"});
        if (for_me || said_at(words, 0, {verb, "list", "of"})) {
            put(words, 0, for_me ? 4 : 3, {"list"});
            return true;
        }
    }
    if (said_at(words, 0, {"list", "of"})) {
        put(words, 0, 2, {"list"});
        return true;
    }
    if (said_at(words, 0, {"what", "is", "way", "to"})) {
        put(words, 0, 4, {"how", "to"});
        return true;
    }
    for (const auto* const verb : {"show", "tell", "teach"}) {
        if (said_at(words, 0, {verb, "me", "how", "to"})) {
            put(words, 0, 2, {});
            return true;
        }
    }
    return false;
}

/// What is done with a tool behind it, to something that is no tool itself. Of others (`replace`, `compare`,
/// `convert`, `combine`) the language may be the other side.
bool takes_tool(const FormWord& verb) {
    static constexpr auto verbs = std::to_array<std::string_view>(
        {"build", "calculate", "compute", "create", "download", "draw", "generate", "make", "parse", "plot",
         "read", "scrape", "sort", "write"});
    return verb.kind == PieceKind::word && std::find(verbs.begin(), verbs.end(), verb.text) != verbs.end();
}

/// Where the verb of `how to sort a list` or `write a server` stands, if it takes a tool; else the end.
std::size_t verb_with_tool(const FormWords& words) {
    const bool asks_how = said_at(words, 0, {"how", "to"});
    const std::size_t verb = asks_how ? 2 : 0;
    const bool asked = verb < words.size() && (asks_how || words[verb].has(WordKind::request));
    return asked && takes_tool(words[verb]) ? verb : words.size();
}

/// `using Python` is `in Python`. `sort a list with Python` is so too: behind a verb that takes a tool, at
/// the end (`read a file with Python code` has no tool), and where no other language is spoken of.
bool fold_tools(FormWords& words) {
    const auto languages = std::count_if(words.begin(), words.end(), [](const FormWord& word) {
        return word.has(WordKind::programming_language);
    });
    const auto verb = verb_with_tool(words);
    bool changed = false;
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
        const bool with = words[i].is("with") && i > verb + 1 && i + 2 == words.size() && languages == 1;
        if ((with || words[i].is("using")) && words[i + 1].has(WordKind::programming_language)) {
            words[i] = form_word("in");
            changed = true;
        }
    }
    return changed;
}

}  // namespace

bool reword(FormWords& words) {
    // What a word means is not what its synonym means, and a filler may be the word.
    const bool about_a_word = std::any_of(words.begin(), words.end(), [](const FormWord& word) {
        return word.is("define") || word.is("mean") || word.is("meaning") || word.is("definition");
    });
    if (about_a_word) {
        return fold_definitions(words);
    }
    bool changed = drop_fillers(words);
    changed = fold_demands(words) || changed;
    changed = fold_tools(words) || changed;
    return fold_synonyms(words) || changed;
}

}  // namespace gatehouse::policy

// What is known of single words of English questions: their kind, and the words that may stand for each
// other.
//
// The lists are data of our own in question_word_lists.cpp and question_synonyms.cpp; this is the look-up.
// Words are in small letters. Room: policy (private).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace gatehouse::policy {

/// Bits of what a word is; a word may be several things.
using WordKinds = std::uint32_t;
struct WordKind {
    static constexpr WordKinds article = 1U << 0U;
    static constexpr WordKinds question = 1U << 1U;
    static constexpr WordKinds person = 1U << 2U;
    static constexpr WordKinds negation = 1U << 3U;
    static constexpr WordKinds mood = 1U << 4U;
    static constexpr WordKinds time = 1U << 5U;
    static constexpr WordKinds particle = 1U << 6U;
    /// How much or how many, also superlatives: `more`, `only`, `best`.
    static constexpr WordKinds degree = 1U << 7U;
    /// Carries no content: forms of `be`, `do`, `have`, conjunctions.
    static constexpr WordKinds link = 1U << 8U;
    static constexpr WordKinds unit = 1U << 9U;
    /// The `s` at its end is no plural, or the plural means something else: `news`, `goods`.
    static constexpr WordKinds keeps_s = 1U << 10U;
    /// Means something else with a capital or in capitals: `turkey`, `us`.
    static constexpr WordKinds case_matters = 1U << 11U;
    /// Says nothing about the question: `actually`.
    static constexpr WordKinds filler = 1U << 12U;
    /// Makes the wording itself the topic (`spell`, `synonym`) or contrasts near words (`difference`).
    static constexpr WordKinds about_words = 1U << 13U;
    /// Points at one of several, so that singular and plural ask for different things.
    static constexpr WordKinds superlative = 1U << 14U;
    /// Only English has it, or only another language has it.
    static constexpr WordKinds english = 1U << 15U;
    static constexpr WordKinds foreign = 1U << 16U;
    /// What polite people ask somebody to do: `explain`, `list`.
    static constexpr WordKinds request = 1U << 17U;
    /// What one may or may not do, whoever asks: `can I freeze`.
    static constexpr WordKinds anybody = 1U << 18U;
    /// States of a mind, so that the subject is no generic one: `how do you feel`.
    static constexpr WordKinds of_mind = 1U << 19U;
    static constexpr WordKinds programming_language = 1U << 20U;
    static constexpr WordKinds points_back = 1U << 21U;
    static constexpr WordKinds goes_on = 1U << 22U;
    /// A fresh answer is wanted: `another joke`.
    static constexpr WordKinds wants_other = 1U << 23U;
    /// English, and some other language's too: `hotel`.
    static constexpr WordKinds english_maybe = 1U << 24U;
    /// An `a` behind it is a letter and no article: `vitamin`.
    static constexpr WordKinds letter_behind = 1U << 25U;
    /// In front of a text it says that an English question follows: `is`, `can`.
    static constexpr WordKinds opens_question = 1U << 26U;
    /// What asks for the moment or for a fresh answer begins with it: of the words that question_context
    /// knows, those that may come first.
    static constexpr WordKinds opens_context = 1U << 27U;
    /// What an assistant or a shop is asked about itself: `can you access`, `can you deliver`.
    static constexpr WordKinds of_assistant = 1U << 28U;
};

/// None for a word that is on no list.
WordKinds kinds_of_word(std::string_view word) noexcept;

/// `don't` is `do not`; empty for what is no contraction.
std::string_view contraction_of(std::string_view word) noexcept;
/// One spelling for words that are spelt in two ways, and regular forms for irregular plurals; the word
/// itself otherwise.
std::string_view usual_spelling(std::string_view word) noexcept;
/// 1 to 19, the tens, hundred, thousand, million ...; 0 is `zero`, nothing below it.
std::int64_t number_word(std::string_view word) noexcept;
/// `1st` is `first`.
std::string_view ordinal_word(std::string_view digits_with_suffix) noexcept;
/// The word that stands for its synonyms, of one or several words with single blanks; empty for none.
std::string_view synonym_of(std::string_view words) noexcept;
/// Whether an entry of several words begins with the word.
bool opens_synonym(std::string_view word) noexcept;
/// The most words that one entry of the synonyms has.
inline constexpr std::size_t longest_synonym = 4;
/// Whether the word is one side of a listed pair: `increase` and `decrease`.
bool has_opposite(std::string_view word) noexcept;

/// The lists behind the look-ups.
struct WordList {
    WordKinds kinds;
    std::string_view words;  // with blanks between them
};
std::span<const WordList> word_lists() noexcept;
/// `from to`, with bars between the pairs.
std::string_view contraction_list() noexcept;
std::string_view spelling_list() noexcept;
/// Groups with bars between them; within a group members with commas between them, the first stands for all.
std::string_view synonym_list() noexcept;
/// `this that`, with bars between the pairs.
std::string_view opposite_list() noexcept;

}  // namespace gatehouse::policy

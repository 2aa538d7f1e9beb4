#include "question_words.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace gatehouse::policy {
namespace {

/// Calls `use` with each part of `text` between separators.
template <typename Use>
void each_part(std::string_view text, char separator, Use use) {
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        if (end > 0) {
            use(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

using KindsOfWords = std::unordered_map<std::string_view, WordKinds>;
using WordForWord = std::unordered_map<std::string_view, std::string_view>;

KindsOfWords read_kinds() {
    KindsOfWords read;
    for (const auto& list : word_lists()) {
        each_part(list.words, ' ', [&](std::string_view word) { read[word] |= list.kinds; });
    }
    return read;
}

WordForWord read_pairs(std::string_view list) {
    WordForWord read;
    each_part(list, '|', [&](std::string_view pair) {
        const auto blank = pair.find(' ');
        read.emplace(pair.substr(0, blank), pair.substr(blank + 1));
    });
    return read;
}

WordForWord read_synonyms() {
    WordForWord read;
    each_part(synonym_list(), '|', [&](std::string_view group) {
        const auto head = group.substr(0, group.find(','));
        each_part(group, ',', [&](std::string_view member) { read.emplace(member, head); });
    });
    return read;
}

/// Words that entries of several words begin with.
std::unordered_set<std::string_view> read_synonym_openings() {
    std::unordered_set<std::string_view> read;
    each_part(synonym_list(), '|', [&](std::string_view group) {
        each_part(group, ',', [&](std::string_view member) {
            if (const auto blank = member.find(' '); blank != std::string_view::npos) {
                read.insert(member.substr(0, blank));
            }
        });
    });
    return read;
}

std::unordered_set<std::string_view> read_opposites() {
    std::unordered_set<std::string_view> read;
    each_part(opposite_list(), '|', [&](std::string_view pair) {
        each_part(pair, ' ', [&](std::string_view side) { read.insert(side); });
    });
    return read;
}

template <typename Map>
auto found_in(const Map& map, std::string_view word) {
    const auto found = map.find(word);
    return found == map.end() ? typename Map::mapped_type{} : found->second;
}

constexpr auto words_of_numbers = std::to_array<std::pair<std::string_view, std::int64_t>>({
    {"zero", 0},
    {"one", 1},
    {"two", 2},
    {"three", 3},
    {"four", 4},
    {"five", 5},
    {"six", 6},
    {"seven", 7},
    {"eight", 8},
    {"nine", 9},
    {"ten", 10},
    {"eleven", 11},
    {"twelve", 12},
    {"thirteen", 13},
    {"fourteen", 14},
    {"fifteen", 15},
    {"sixteen", 16},
    {"seventeen", 17},
    {"eighteen", 18},
    {"nineteen", 19},
    {"twenty", 20},
    {"thirty", 30},
    {"forty", 40},
    {"fourty", 40},
    {"fifty", 50},
    {"sixty", 60},
    {"seventy", 70},
    {"eighty", 80},
    {"ninety", 90},
    {"hundred", 100},
    {"thousand", 1'000},
    {"million", 1'000'000},
    {"billion", 1'000'000'000},
    {"trillion", 1'000'000'000'000},
});

constexpr auto ordinal_words = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"1st", "first"},        {"2nd", "second"},      {"3rd", "third"},       {"4th", "fourth"},
    {"5th", "fifth"},        {"6th", "sixth"},       {"7th", "seventh"},     {"8th", "eighth"},
    {"9th", "ninth"},        {"10th", "tenth"},      {"11th", "eleventh"},   {"12th", "twelfth"},
    {"13th", "thirteenth"},  {"14th", "fourteenth"}, {"15th", "fifteenth"},  {"16th", "sixteenth"},
    {"17th", "seventeenth"}, {"18th", "eighteenth"}, {"19th", "nineteenth"}, {"20th", "twentieth"},
});

}  // namespace

WordKinds kinds_of_word(std::string_view word) noexcept {
    static const auto kinds = read_kinds();
    return found_in(kinds, word);
}

std::string_view contraction_of(std::string_view word) noexcept {
    static const auto contractions = read_pairs(contraction_list());
    return found_in(contractions, word);
}

std::string_view usual_spelling(std::string_view word) noexcept {
    static const auto spellings = read_pairs(spelling_list());
    const auto usual = found_in(spellings, word);
    return usual.empty() ? word : usual;
}

std::int64_t number_word(std::string_view word) noexcept {
    static const std::unordered_map<std::string_view, std::int64_t> numbers(words_of_numbers.begin(),
                                                                            words_of_numbers.end());
    const auto found = numbers.find(word);
    return found == numbers.end() ? -1 : found->second;
}

std::string_view ordinal_word(std::string_view digits_with_suffix) noexcept {
    static const WordForWord ordinals(ordinal_words.begin(), ordinal_words.end());
    return found_in(ordinals, digits_with_suffix);
}

std::string_view synonym_of(std::string_view words) noexcept {
    static const auto synonyms = read_synonyms();
    return found_in(synonyms, words);
}

bool opens_synonym(std::string_view word) noexcept {
    static const auto openings = read_synonym_openings();
    return openings.contains(word);
}

bool has_opposite(std::string_view word) noexcept {
    static const auto opposites = read_opposites();
    return opposites.contains(word);
}

}  // namespace gatehouse::policy

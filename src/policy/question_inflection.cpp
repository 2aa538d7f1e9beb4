#include "question_form.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::policy {
namespace {

bool ends_with_any(std::string_view word, std::initializer_list<std::string_view> endings) {
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return word.ends_with(ending); });
}

}  // namespace

// Only `s` is taken off. Folding `-ing` or `-ed` would make one of `host` and `hosting`, `market` and
// `marketing`, or of what is and what was.
std::string singular(std::string_view word) {
    const bool is_plain = std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (word.size() < 4 || !is_plain || word.back() != 's' || ends_with_any(word, {"ss", "us", "is"}) ||
        (kinds_of_word(word) & WordKind::keeps_s) != 0) {
        return std::string(word);
    }
    const auto without = [&](std::size_t letters) {
        return std::string(word.substr(0, word.size() - letters));
    };
    if (word.ends_with("ies") && word.size() > 4) {
        return without(3) + "y";
    }
    const bool hissing = ends_with_any(word, {"sses", "shes", "ches", "xes", "zzes"});
    if (hissing || (word.size() > 6 && ends_with_any(word, {"nuses", "puses", "ruses", "tuses"})) ||
        (word.size() > 5 && ends_with_any(word, {"toes", "roes"}))) {
        return without(2);
    }
    return without(1);
}

}  // namespace gatehouse::policy

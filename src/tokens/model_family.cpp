// Which family a model's name says.
#include "gatehouse/core/text.hpp"
#include "gatehouse/tokens/estimate.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

namespace gatehouse::tokens {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The numbers in a name, dates left out: `claude-opus-4-7-20260101` has 4 and 7.
std::vector<int> version_in(std::string_view name) {
    std::vector<int> numbers;
    for (std::size_t at = 0; at < name.size();) {
        std::size_t end = at;
        while (end < name.size() && is_digit(name[end])) {
            ++end;
        }
        const bool stands_alone = at > 0 && (name[at - 1] == '-' || name[at - 1] == '.');
        if (end > at && end - at <= 2 && stands_alone) {
            numbers.push_back(std::stoi(std::string(name.substr(at, end - at))));
        }
        at = std::max(end, at + 1);
    }
    return numbers;
}

/// "Opus 4.7 and later, Sonnet 5" (Anthropic's word, 2026): and whatever has the number 5 or none.
bool has_newer_tokenizer(std::string_view name) {
    const auto version = version_in(name);
    if (version.empty() || version[0] >= 5) {
        return true;
    }
    const bool opus = name.find("opus") != std::string_view::npos;
    return opus && version.size() > 1 && version[0] == 4 && version[1] >= 7;
}

bool begins_with_any(std::string_view name, std::initializer_list<std::string_view> beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [name](std::string_view one) { return name.starts_with(one); });
}

/// o1, o3-mini, o4: the letter and a number.
bool is_o_series(std::string_view name) {
    return name.size() >= 2 && name[0] == 'o' && is_digit(name[1]);
}

}  // namespace

ModelFamily family_of(std::string_view model) {
    const std::string whole = to_lower(model);
    std::string_view name = whole;
    if (name.starts_with("ft:")) {
        name = name.substr(3, name.find(':', 3) - 3);  // a tuned model: ft:gpt-4o-mini:acme::id
    } else {
        name.remove_prefix(name.rfind('/') + 1);  // npos + 1 is 0
    }
    if (const auto claude = name.find("claude"); claude != std::string_view::npos) {
        return has_newer_tokenizer(name.substr(claude, name.find_first_of("@:", claude) - claude))
                   ? ModelFamily::claude_newer
                   : ModelFamily::claude;
    }
    // Google has models called text-embedding-004 and 005.
    if (begins_with_any(name, {"gemini", "gemma", "text-embedding-00", "text-multilingual-embedding"})) {
        return ModelFamily::gemini;
    }
    if (begins_with_any(name, {"gpt-4o", "gpt-4.", "chatgpt-"}) || is_o_series(name)) {
        return ModelFamily::o200k;
    }
    if (begins_with_any(name, {"gpt-4", "gpt-3.5", "gpt-35", "text-embedding-3-", "text-embedding-ada"})) {
        return ModelFamily::cl100k;
    }
    // Newer than any here, or gpt-oss.
    return name.starts_with("gpt-") ? ModelFamily::o200k : ModelFamily::other;
}

}  // namespace gatehouse::tokens

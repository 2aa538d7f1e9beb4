#include "nearest.hpp"

#include "findings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

// Comparing is quadratic in the lengths; no key or sensible name is longer.
constexpr std::size_t longest_compared = 100;
constexpr std::size_t most_listed = 20;
// Of a list longer than any written by hand, the first part is enough for a hint.
constexpr std::size_t most_compared = 1000;

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        above[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before.swap(above);
        above.swap(row);
    }
    return above[b.size()];
}

std::optional<std::string> nearest(std::string_view name, const std::vector<std::string>& known) {
    if (name.size() > longest_compared) {
        return std::nullopt;
    }
    std::optional<std::string> best;
    std::size_t least = longest_compared;
    for (std::size_t i = 0; i < std::min(known.size(), most_compared); ++i) {
        const std::string& candidate = known[i];
        if (candidate.size() > longest_compared) {
            continue;
        }
        const std::size_t distance = edit_distance(name, candidate);
        if (distance < least && distance * 2 <= candidate.size()) {
            least = distance;
            best = candidate;
        }
    }
    return best;
}

std::string suggestion(std::string_view name, const std::vector<std::string>& known) {
    if (const auto near = nearest(name, known)) {
        return fmt::format("; did you mean {}?", quote(*near));
    }
    if (known.empty()) {
        return "; none is defined";
    }
    std::vector<std::string> listed;
    for (std::size_t i = 0; i < std::min(known.size(), most_listed); ++i) {
        listed.push_back(quote(known[i]));
    }
    return fmt::format("; known: {}{}", fmt::join(listed, ", "), known.size() > most_listed ? ", ..." : "");
}

}  // namespace gatehouse::config

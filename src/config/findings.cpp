#include "findings.hpp"

#include "document.hpp"

#include "gatehouse/core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace gatehouse::config {
namespace {

constexpr std::size_t most_shown = 1000;
constexpr std::size_t longest_quote = 60;

}  // namespace

std::string quote(std::string_view text) {
    if (text.size() <= longest_quote) {
        return fmt::format("`{}`", without_controls(text));
    }
    std::size_t end = longest_quote;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;  // not inside a UTF-8 sequence
    }
    return fmt::format("`{}...`", without_controls(text.substr(0, end)));
}

void Findings::error(const Node& where, std::string text) {
    error(where.line, where.column, std::move(text));
}

void Findings::error(int line, int column, std::string text) {
    errors_.push_back({line, column, std::move(text)});
}

void Findings::warning(const Node& where, std::string text) {
    warning(where.line, where.column, std::move(text));
}

void Findings::warning(int line, int column, std::string text) {
    warnings_.push_back({line, column, std::move(text)});
}

void Findings::add(const std::string& file, Findings other) {
    const auto take = [&](std::vector<Finding> from, std::vector<Finding>& into) {
        for (Finding& finding : from) {
            finding.file = file;
            into.push_back(std::move(finding));
        }
    };
    take(std::move(other.errors_), errors_);
    take(std::move(other.warnings_), warnings_);
}

std::vector<Finding> Findings::tidy(std::vector<Finding> found) {
    const auto order = [](const Finding& f) { return std::tie(f.file, f.line, f.column, f.text); };
    std::sort(found.begin(), found.end(),
              [&](const Finding& a, const Finding& b) { return order(a) < order(b); });
    const auto repeated = std::unique(
        found.begin(), found.end(), [&](const Finding& a, const Finding& b) { return order(a) == order(b); });
    found.erase(repeated, found.end());
    if (found.size() > most_shown) {
        const std::size_t dropped = found.size() - most_shown;
        found.resize(most_shown);
        found.push_back({0, 0, fmt::format("and {} more", dropped)});
    }
    return found;
}

}  // namespace gatehouse::config

#include "gatehouse/policy/model_match.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::policy {

ModelPattern::ModelPattern(std::string text) : text_(std::move(text)), star_(text_.find('*')) {}

std::size_t ModelPattern::literal_length() const noexcept {
    return is_pattern() ? text_.size() - 1 : text_.size();
}

std::optional<std::string_view> ModelPattern::match(std::string_view name) const noexcept {
    if (!is_pattern()) {
        if (name == text_) {
            return std::string_view{};
        }
        return std::nullopt;
    }
    const std::string_view prefix = std::string_view(text_).substr(0, star_);
    const std::string_view suffix = std::string_view(text_).substr(star_ + 1);
    // The length first: in `ab*ba` the two parts may not share the middle of `aba`.
    if (name.size() < literal_length() || !name.starts_with(prefix) || !name.ends_with(suffix)) {
        return std::nullopt;
    }
    return name.substr(star_, name.size() - literal_length());
}

ModelAllowList::ModelAllowList(std::vector<std::string> entries) {
    entries_.reserve(entries.size());
    for (std::string& entry : entries) {
        entries_.emplace_back(std::move(entry));
    }
}

bool ModelAllowList::allows(std::string_view model) const noexcept {
    return std::any_of(entries_.begin(), entries_.end(),
                       [model](const ModelPattern& entry) { return entry.match(model).has_value(); });
}

}  // namespace gatehouse::policy

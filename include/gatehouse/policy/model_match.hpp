// Model names and patterns: an exact name beats a pattern; one `*` stands for any text, also empty or with
// `/`; among patterns the longest literal part wins. Pure text: which entry wins among several is the
// caller's comparison of `literal_length`. Room: policy. May include: core, chat.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::policy {

/// `claude/*`, `*-mini`, `gpt-*-preview`, or an exact name.
class ModelPattern {
public:
    /// REQUIRES: at most one `*`.
    explicit ModelPattern(std::string text);
    const std::string& text() const noexcept { return text_; }
    bool is_pattern() const noexcept { return star_ != std::string::npos; }
    /// Bytes that are not the `*`: the larger, the more specific.
    std::size_t literal_length() const noexcept;
    /// What `*` stood for (empty for an exact match); nothing if the name does not match.
    std::optional<std::string_view> match(std::string_view name) const noexcept;

private:
    std::string text_;
    std::size_t star_;
};

/// The models a key may use: names and patterns.
class ModelAllowList {
public:
    explicit ModelAllowList(std::vector<std::string> entries);
    bool allows(std::string_view model) const noexcept;

private:
    std::vector<ModelPattern> entries_;
};

}  // namespace gatehouse::policy

// The settings of one caller key as JSON: what the admin API takes and gives, and what the store keeps.
//
// Checked against the same table as `keys` in the YAML file, so that both mean the same: `models`, limits,
// `budget`, `team`, `tags`, `expires`, `debug`, `admin`. Never holds the key itself or its hash. Pure.
// Room: config. May include: core, pipeline's options.
#pragma once

#include "gatehouse/config/load.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/pipeline/options.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::config {

struct KeyDocumentLimits {
    static constexpr std::size_t bytes = 64UL * 1024;  // of what is sent, and of what it comes to
    static constexpr std::size_t depth = 8;
    static constexpr std::size_t name = 128;  // bytes
};

class KeyDocument {
public:
    /// A whole document; members that are null count as absent. Problems: invalid_json, request_too_large;
    /// missing_parameter, invalid_type and invalid_value with the member's path as `param`.
    static Result<KeyDocument> read(std::string_view json, const KeyNames& names);
    /// As `read`, for text that was one once: models and teams that are gone by now are no fault, nor is its
    /// size.
    static Result<KeyDocument> restored(std::string_view text);
    /// This one with the members of `patch` in place of its own; null removes one (JSON Merge Patch, RFC
    /// 7396). Models and team are looked up where the patch names them. A key keeps its name: everything that
    /// is counted and kept for it hangs on it. Problems as of `read`.
    Result<KeyDocument> patched(std::string_view patch, const KeyNames& names) const;

    const std::string& name() const noexcept { return options_.name; }
    /// Canonical: members sorted, counts as numbers, booleans as such, all else as text.
    const std::string& text() const noexcept { return text_; }
    /// Without the hash.
    const pipeline::KeyOptions& options() const noexcept { return options_; }
    /// What differs in a later one: `{"member": {"from": …, "to": …}}`, null for absent.
    std::string changes_to(const KeyDocument& later) const;

private:
    KeyDocument(std::string text, pipeline::KeyOptions options)
        : text_(std::move(text)), options_(std::move(options)) {}
    struct Reader;

    std::string text_;
    pipeline::KeyOptions options_;
};

}  // namespace gatehouse::config

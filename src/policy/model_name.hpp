// The many ways to write one model's name: what platforms put before it, and versions and dates behind it.
// Pure text, without copies. Room: policy. May include: the standard library.
#pragma once

#include <string_view>

namespace gatehouse::policy {

/// Without `models/`, `vendor/`, `anthropic.`, and of a fine-tuned `ft:base:...` the base.
std::string_view without_owner(std::string_view name) noexcept;
/// A fine-tuned model: behaves like its base, but costs what it wants.
bool is_tuned(std::string_view name) noexcept;
/// Without `-v1:0`, then without `-20251001`, `@20251001` or `-2026-04-01`.
std::string_view without_date(std::string_view name) noexcept;
/// Is what follows a known name and a separator another version (the `7` of `claude-opus-5-7`), so that the
/// two are different models?
bool is_other_version(std::string_view rest) noexcept;

}  // namespace gatehouse::policy

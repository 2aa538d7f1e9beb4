// What a prompt asks for, as far as the choice of a model cares.
//
// Room: policy. May include: the standard library.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::policy {

enum class PromptClass : std::uint8_t {
    simple,    // a greeting, a short fact, a small rewrite
    general,   // explaining, summarising, translating, extracting, advising
    complex,   // several demands at once: planning, analysis, argument
    code,      // programs: writing, reading, repairing, running them
    math,      // to be calculated or proved
    creative,  // stories, poems, roles, slogans
};
inline constexpr std::size_t prompt_class_count = 6;

std::string_view name_of(PromptClass prompt_class) noexcept;
std::optional<PromptClass> prompt_class_named(std::string_view name) noexcept;

/// How much a class asks of a model: a conversation may move to a class of a higher tier, not to a lower one.
int tier_of(PromptClass prompt_class) noexcept;

/// One number for each class, in the order of the enumeration.
using ClassScores = std::array<double, prompt_class_count>;

}  // namespace gatehouse::policy

#include "gatehouse/policy/prompt_class.hpp"

#include <algorithm>

namespace gatehouse::policy {
namespace {

constexpr std::array<std::string_view, prompt_class_count> class_names = {"simple", "general", "complex",
                                                                          "code",   "math",    "creative"};

}  // namespace

std::string_view name_of(PromptClass prompt_class) noexcept {
    return class_names[static_cast<std::size_t>(prompt_class)];
}

std::optional<PromptClass> prompt_class_named(std::string_view name) noexcept {
    const auto* const found = std::find(class_names.begin(), class_names.end(), name);
    if (found == class_names.end()) {
        return std::nullopt;
    }
    return static_cast<PromptClass>(found - class_names.begin());
}

int tier_of(PromptClass prompt_class) noexcept {
    switch (prompt_class) {
        case PromptClass::simple:
            return 0;
        case PromptClass::general:
            return 1;
        case PromptClass::creative:
        case PromptClass::math:
        case PromptClass::code:
            return 2;
        case PromptClass::complex:
            break;
    }
    return 3;
}

}  // namespace gatehouse::policy

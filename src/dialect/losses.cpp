#include "losses.hpp"

#include <fmt/format.h>

namespace gatehouse::dialect {

void Losses::drop(std::string_view field) {
    if (strict_) {
        refuse(field, "the provider of this model cannot honour it");
    }
    dropped_.emplace(field);
}

void Losses::refuse(std::string_view field, std::string_view why) {
    if (!refused_) {
        refused_ =
            Problem(ProblemKind::unsupported_parameter, fmt::format("Unsupported `{}`: {}.", field, why))
                .with_param(std::string(field));
    }
}

std::optional<Problem> Losses::problem() const {
    return refused_;
}

}  // namespace gatehouse::dialect

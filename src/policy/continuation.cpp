#include "gatehouse/policy/continuation.hpp"

#include "gatehouse/policy/retry.hpp"

namespace gatehouse::policy {

bool may_be_gone_on_with(const BrokenAnswer& answer) noexcept {
    return is_providers_failure(answer.why) && answer.begun && answer.plain && !answer.ended;
}

}  // namespace gatehouse::policy

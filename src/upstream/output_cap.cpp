#include "gatehouse/upstream/output_cap.hpp"

#include "gatehouse/dialect/output_cap.hpp"

#include <algorithm>

namespace gatehouse::upstream {

// Newer models refuse the older field; what is translated reads both. So the older one is for plans in which
// nobody is known to want the newer.
void cap_output(chat::Request& request, std::span<const Target> plan, std::int64_t most) {
    const auto is_of = [](const Target& target, bool newer) {
        const bool known_newer = target.facts != nullptr && target.facts->newer_fields;
        return target.provider->vendor() == chat::Vendor::openai && known_newer == newer;
    };
    const auto any = [&](bool newer) {
        return std::any_of(plan.begin(), plan.end(), [&](const Target& each) { return is_of(each, newer); });
    };
    const bool older = any(false) && !any(true);
    dialect::cap_output(request, most,
                        older ? dialect::ChatCap::max_tokens : dialect::ChatCap::max_completion_tokens);
}

}  // namespace gatehouse::upstream

#include "effort_share.hpp"

#include <algorithm>

namespace gatehouse::dialect {

std::int64_t percent_of(chat::Effort effort) noexcept {
    switch (effort) {
        case chat::Effort::unsaid:
        case chat::Effort::none:
            return 0;
        case chat::Effort::minimal:
            return 2;
        case chat::Effort::low:
            return 10;
        case chat::Effort::medium:
            return 30;
        case chat::Effort::high:
            return 60;
        case chat::Effort::xhigh:
        case chat::Effort::max:
            break;
    }
    return 90;
}

chat::Effort effort_of(std::int64_t budget, std::int64_t longest) noexcept {
    const double percent =
        static_cast<double>(budget) * 100 / static_cast<double>(std::max<std::int64_t>(longest, 1));
    return percent < 5    ? chat::Effort::minimal
           : percent < 20 ? chat::Effort::low
           : percent < 45 ? chat::Effort::medium
           : percent < 75 ? chat::Effort::high
                          : chat::Effort::xhigh;
}

chat::Effort nearest_effort(chat::Effort wish, std::span<const chat::Effort> efforts) noexcept {
    auto found = efforts.front();
    for (const auto effort : efforts) {
        if (effort <= wish) {
            found = effort;
        }
    }
    return found;
}

}  // namespace gatehouse::dialect

#include "effort_share.hpp"

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

}  // namespace gatehouse::dialect

#include "gatehouse/store/answer_origin.hpp"

#include "answer_bytes.hpp"

#include <algorithm>

namespace gatehouse::store {

std::shared_ptr<const AnswerOrigin> no_origin() {
    static const auto none = std::make_shared<const AnswerOrigin>();
    return none;
}

std::size_t bytes_of(const AnswerOrigin& origin) noexcept {
    constexpr std::size_t counters = 32;  // what shares it, and the allocator's own
    std::size_t bytes = sizeof(AnswerOrigin) + counters;
    for (const auto* const text :
         {&origin.key, &origin.model, &origin.provider, &origin.upstream_model, &origin.route, &origin.routed,
          &origin.finish_reason, &origin.dropped_params}) {
        bytes += string_bytes(*text);
    }
    for (const auto& [name, value] : origin.tags) {
        bytes += 2 * sizeof(std::string) + string_bytes(name) + string_bytes(value);
    }
    return bytes;
}

OriginShelf::Place OriginShelf::put(AnswerOrigin origin) {
    const auto found =
        std::find_if(last_.begin(), last_.end(), [&](const auto& each) { return *each == origin; });
    const bool made = found == last_.end();
    if (made) {
        if (last_.size() == room) {
            last_.pop_back();
        }
        last_.insert(last_.begin(), std::make_shared<const AnswerOrigin>(std::move(origin)));
    } else {
        std::rotate(last_.begin(), found, found + 1);
    }
    return {last_.front(), made};
}

}  // namespace gatehouse::store

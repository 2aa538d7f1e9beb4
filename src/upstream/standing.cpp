#include "gatehouse/upstream/standing.hpp"

namespace gatehouse::upstream {

policy::TargetStanding standing_of(const Target& target, const Resilience& resilience, std::int64_t tokens,
                                   Instant now, double draw) {
    const auto& provider = *target.provider;
    auto standing = target.health->standing(resilience, provider.credentials(), now, draw);
    standing.goes_on = target.goes_on();
    if (const auto full = target.health->room().full(provider.options().limits, tokens, now)) {
        standing.has_room = false;
        standing.free_at = full->free_at;
    }
    return standing;
}

}  // namespace gatehouse::upstream

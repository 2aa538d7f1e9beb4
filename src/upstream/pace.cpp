#include "pace.hpp"

#include <fmt/format.h>

namespace gatehouse::upstream {

void Pace::see(std::span<const chat::Delta> run, std::size_t held, bool content, Instant now) {
    so_far_.see(run);
    if (!content) {
        return;
    }
    guard_.content({so_far_.said(), held, so_far_.only_texts() && !so_far_.ended()}, now);
    if (guard_.asks()) {
        guard_.replaceable_until(others_.replaceable_until());
    }
}

std::optional<Problem> Pace::fault(Instant now) const {
    if (guard_.verdict(now) != policy::SlowStreamGuard::Verdict::too_slow) {
        return std::nullopt;
    }
    // Slow is better than nothing: where the others fail after all it is asked again, and then not judged.
    return Problem(ProblemKind::upstream_timeout,
                   fmt::format("the stream began with less than {} tokens a second in {} ms",
                               options_.tokens_per_second, options_.within.count()),
                   Retry::same_place);
}

}  // namespace gatehouse::upstream

#include "pace.hpp"

#include <fmt/format.h>

namespace gatehouse::upstream {

void Pace::see(std::span<const chat::Delta> run, std::size_t held, bool content, Instant now) {
    so_far_.see(run);
    if (content) {
        guard_.content(so_far_.said(), held, now);
    }
}

std::optional<Problem> Pace::fault(Instant now) const {
    if (guard_.verdict(now) != policy::SlowStreamGuard::Verdict::too_slow) {
        return std::nullopt;
    }
    return Problem(ProblemKind::upstream_timeout,
                   fmt::format("the stream began with less than {} tokens a second in {} ms",
                               options_.tokens_per_second, options_.within.count()),
                   Retry::elsewhere);
}

}  // namespace gatehouse::upstream

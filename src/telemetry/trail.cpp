#include "gatehouse/telemetry/trail.hpp"

namespace gatehouse::telemetry {

std::string_view name_of(RequestOutcome outcome) noexcept {
    switch (outcome) {
        case RequestOutcome::running:
            return "running";
        case RequestOutcome::ok:
            return "ok";
        case RequestOutcome::refused:
            return "refused";
        case RequestOutcome::upstream_error:
            return "upstream_error";
        case RequestOutcome::stream_error:
            return "stream_error";
        case RequestOutcome::client_closed:
            return "client_closed";
        case RequestOutcome::internal_error:
            return "internal_error";
    }
    return "internal_error";
}

void add_up_cost(Trail& trail) noexcept {
    PicoUsdSum sum;
    for (const auto& attempt : trail.attempts) {
        if (!attempt.cost) {
            trail.cost.reset();
            return;
        }
        sum += *attempt.cost;
    }
    trail.cost = sum.clamped();
}

}  // namespace gatehouse::telemetry

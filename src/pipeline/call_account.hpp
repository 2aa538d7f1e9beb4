// What a shared call tells the requests that it is made for, and who of them pays: the one that opened it.
//
// Its row has the cost, also when its client leaves before the others, so that the ledger says of each caller
// what its budgets say. Room: pipeline, private.
#pragma once

#include "gatehouse/telemetry/trail.hpp"

#include <functional>
#include <optional>
#include <utility>

namespace gatehouse::pipeline {

/// The opener's trail gets all of it.
void tell_opener(const telemetry::Trail& call, telemetry::Trail& opener);
/// A follower's gets what is said of the answer; its calls and its cost are the opener's.
void tell_follower(const telemetry::Trail& call, telemetry::Trail& follower);

/// The account of one shared call, on its lane only.
class CallAccount : public telemetry::LateCosts {
public:
    /// As begun by the opener's.
    explicit CallAccount(const telemetry::Trail& opener);

    telemetry::Trail& trail() noexcept { return trail_; }
    bool settled() const noexcept { return settled_; }
    /// The call is over, its trail says what it has cost.
    void settle();
    /// Of the opener.
    void close_with(telemetry::Trail&& trail, std::function<void(telemetry::Trail&&)> close) override;

private:
    struct Kept {
        telemetry::Trail trail;
        std::function<void(telemetry::Trail&&)> close;
    };

    telemetry::Trail trail_;
    std::optional<Kept> opener_;  // its client has left
    bool settled_{false};
};

}  // namespace gatehouse::pipeline

// SpentNote: what a request has cost is known to those accounts of its caller too that limit nothing today.
//
// A budget that comes while the process runs, by a reload or a change of a key, begins with what was spent
// before, without a question to anybody. Room: pipeline.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/pipeline/exchange.hpp"

namespace gatehouse::pipeline {

/// Notes in its destructor what the trail says by then, with the accounts with which nothing is settled
/// otherwise; nothing for one whose calls another exchange pays for. Takes no lock, save for the first
/// request of an account on each day. A cost that nobody can tell is not noted. REQUIRES: the exchange
/// outlives it, and its stages are over before it ends.
class SpentNote {
public:
    /// `began`: the money belongs to the periods of that moment.
    SpentNote(const Exchange& x, WallTime began) noexcept : x_(x), began_(began) {}
    SpentNote(const SpentNote&) = delete;
    SpentNote& operator=(const SpentNote&) = delete;
    ~SpentNote();

private:
    const Exchange& x_;
    WallTime began_;
};

}  // namespace gatehouse::pipeline

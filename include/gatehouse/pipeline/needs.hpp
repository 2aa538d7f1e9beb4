// What a request needs of tokens and money, and whether limits and budgets let it through: the decisions of
// the stages `limit` and `reserve`, also for whoever wants to know them beforehand.
//
// They call nobody and take nothing; what they find stands in the exchange. Room: pipeline.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/random.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/units.hpp"
#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/pipeline/request_facts.hpp"

#include <cstdint>
#include <optional>

namespace gatehouse::pipeline {

/// What a request is taken to be.
struct CallSize {
    std::int64_t prompt{0};              // tokens, estimated
    std::int64_t answers{1};             // each of them may be as long as the output
    std::optional<std::int64_t> output;  // tokens that the request asks for, of each answer; 0: none can come
    bool media{false};                   // there is more than text in it
};

struct Needs {
    CallSize size{};
    std::optional<std::int64_t> output_cap{};  // what the output is limited to, if anything says so
    std::int64_t tokens{0};                    // of its accounts and of its providers
    std::optional<PicoUsd> money{};  // of each call, at the dearest target; nothing: nobody counts it
};

/// Does anybody count the tokens or the money of the request? Cheap. REQUIRES: routed.
bool is_weighed(const Exchange& x, Instant now, Random& random);

/// Sets `tokens`, and where money is counted takes the targets out of the plan of which nobody knows what
/// they may cost, unless the budgets allow such. Problem price_unknown: none is left. REQUIRES: is_weighed().
Result<Needs> weigh(Exchange& x, ExchangeFacts& facts, Instant now, WallTime wall, Random& random);

/// Would the accounts let a request in at this moment? Problem rate_limited, as the stage has it.
Status would_enter(const Exchange& x, Instant now, WallTime wall);
/// Would they set aside what it needs? Problems rate_limited, budget_spent.
Status would_reserve(const Exchange& x, const Needs& needs, Instant now, WallTime wall);

/// The most that one call of the request may cost at the dearest target of its plan. Nothing: no target has a
/// price, or none is left. REQUIRES: routed.
std::optional<PicoUsd> worst_case(const Exchange& x, ExchangeFacts& facts, WallTime now);

}  // namespace gatehouse::pipeline

// The stages of the main path, in their order: admit, limit, coalesce, route, reserve, dispatch. The stage
// `cache`, between coalesce and route, has a header of its own.
// Room: pipeline.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/random.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/pipeline/cache_tally.hpp"
#include "gatehouse/pipeline/coalescing_table.hpp"
#include "gatehouse/pipeline/stage.hpp"
#include "gatehouse/upstream/attempt.hpp"

namespace gatehouse::pipeline {

/// Checks what needs the body: does the model exist, may this key use it? Problems: those of `admit`.
class AdmitStage : public Stage {
public:
    Task<Result<Outcome>> run(Exchange& x, Next next) override;
};

/// Takes one request and one place of every account that the request meets: key, team, organisation, the
/// model asked for, the gateway. The places are given back on every way out, the request where it is refused
/// before anybody was called. Problem: rate_limited.
class LimitStage : public Stage {
public:
    explicit LimitStage(Clock& clock) : clock_(clock) {}
    Task<Result<Outcome>> run(Exchange& x, Next next) override;

private:
    Task<Result<Outcome>> limited(Exchange& x, Next next);
    Clock& clock_;
};

/// Requests of the same kind that are in flight at one time share one way through the stages behind this one.
///
/// The first opens it: a coroutine of its own, on the lane of the first, with its own exchange and trail. All
/// read the reply from its beginning and give it to their own clients; none of them stops the others by
/// leaving, and when the last one leaves the call is cancelled. Its calls and its cost stand on the trail of
/// the first, also when that client leaves earlier; the others' say what they saved. A refusal that is the
/// first one's own (its budget, its limits) is not the others'.
class CoalesceStage : public Stage {
public:
    /// `lane`: of all requests that come this way. The table and the tally are those of all lanes.
    CoalesceStage(net::Lane& lane, CoalescingTable& table, CacheTally& tally)
        : lane_(lane), table_(table), tally_(tally) {}
    Task<Result<Outcome>> run(Exchange& x, Next next) override;

private:
    Task<Result<Outcome>> share(Exchange& x, Next next, Digest key);
    net::Lane& lane_;
    CoalescingTable& table_;
    CacheTally& tally_;
};

/// Turns the asked model into an ordered plan of targets, by the rules that list it. Problem: model_not_found
/// when none is usable.
class RouteStage : public Stage {
public:
    RouteStage(FactSources sources, Random& random) : sources_(sources), random_(random) {}
    Task<Result<Outcome>> run(Exchange& x, Next next) override;

private:
    FactSources sources_;
    Random& random_;
};

/// Sets aside what the request may need of its accounts' tokens and money: the estimated prompt with the
/// output that is asked for, and the worst case at the dearest target of the plan. Settled on every way out
/// with what came; without any call it is all given back. What a call cost that may have been billed and that
/// nobody can tell the cost of is taken to be the worst case.
///
/// Callers with a budget who name no number of tokens get the operator's, which is said to the provider too.
/// Targets without a price are left out for them, unless the budget allows such. Problems: rate_limited,
/// budget_spent, price_unknown when no target is left.
class ReserveStage : public Stage {
public:
    ReserveStage(FactSources sources, Random& random) : sources_(sources), random_(random) {}
    Task<Result<Outcome>> run(Exchange& x, Next next) override;

private:
    Task<Result<Outcome>> reserved(Exchange& x, Next next);
    FactSources sources_;
    Random& random_;
};

/// Calls the plan's targets until one answers (policy/failover says which one is next, and when). The reply's
/// head is held until first content, so that until then the client sees nothing of it.
///
/// Problem: that of the one target which was tried, with its name; of several, one that lists them all;
/// upstream_unavailable when every target is left alone and the operator wants it so.
class DispatchStage : public Stage {
public:
    DispatchStage(upstream::Callers& callers, Random& random) : callers_(callers), random_(random) {}
    Task<Result<Outcome>> run(Exchange& x, Next next) override;

private:
    upstream::Callers& callers_;
    Random& random_;
};

}  // namespace gatehouse::pipeline

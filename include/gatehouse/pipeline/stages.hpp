// The stages of the main path, in their order: admit, route, dispatch.
// Room: pipeline.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/random.hpp"
#include "gatehouse/pipeline/stage.hpp"
#include "gatehouse/upstream/attempt.hpp"

namespace gatehouse::pipeline {

/// Checks what needs the body: does the model exist, may this key use it? Problems: those of `admit`.
class AdmitStage : public Stage {
public:
    Task<Result<Outcome>> run(Exchange& x, Next next) override;
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
    class Journey;
    upstream::Callers& callers_;
    Random& random_;
};

}  // namespace gatehouse::pipeline

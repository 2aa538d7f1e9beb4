// The stages of the main path, in their order: admit, route, dispatch.
// Room: pipeline.
#pragma once

#include "gatehouse/pipeline/stage.hpp"
#include "gatehouse/upstream/attempt.hpp"

namespace gatehouse::pipeline {

/// Checks what needs the body: does the model exist, may this key use it? Problems: invalid_value (a name
/// that is none), model_not_found, model_not_allowed (a model that the key may not use is 403 whether it
/// exists or not).
class AdmitStage : public Stage {
public:
    Task<Result<Outcome>> run(Exchange& x, Next next) override;
};

/// Turns the asked model into an ordered plan of targets. Problem: model_not_found when none is usable.
class RouteStage : public Stage {
public:
    Task<Result<Outcome>> run(Exchange& x, Next next) override;
};

/// Makes the attempt on the plan's first target; a failure of the provider says which one it was. The reply's
/// head is held until first content, so that a later attempt on another target stays possible.
class DispatchStage : public Stage {
public:
    explicit DispatchStage(upstream::Callers& callers) : callers_(callers) {}
    Task<Result<Outcome>> run(Exchange& x, Next next) override;

private:
    upstream::Callers& callers_;
};

}  // namespace gatehouse::pipeline

#include "gatehouse/pipeline/stage.hpp"

namespace gatehouse::pipeline {

// Not a coroutine: it hands out the next stage's own, one frame less a stage.
Task<Result<Outcome>> Next::operator()(Exchange& x) const {
    return stages_.front()->run(x, Next(stages_.subspan(1)));
}

}  // namespace gatehouse::pipeline

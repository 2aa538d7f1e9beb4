#include "journey.hpp"

#include "gatehouse/pipeline/stages.hpp"

namespace gatehouse::pipeline {

Task<Result<Outcome>> DispatchStage::run(Exchange& x, Next) {
    Journey journey(x, callers_, random_);
    auto outcome = co_await journey.run();
    co_return outcome;
}

}  // namespace gatehouse::pipeline

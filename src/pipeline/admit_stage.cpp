#include "gatehouse/pipeline/routing.hpp"
#include "gatehouse/pipeline/stages.hpp"

namespace gatehouse::pipeline {

Task<Result<Outcome>> AdmitStage::run(Exchange& x, Next next) {
    auto admitted = admit(x);
    if (!admitted) {
        co_return std::move(admitted.problem());
    }
    co_return co_await next(x);
}

}  // namespace gatehouse::pipeline

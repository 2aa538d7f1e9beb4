#include "gatehouse/core/text.hpp"
#include "gatehouse/pipeline/stages.hpp"

namespace gatehouse::pipeline {

namespace {

// No provider's name is half as long. Behind a pattern the name goes on into a response header, and clients
// refuse long ones.
constexpr std::size_t longest_name = 512;

bool is_name(const std::string& model) {
    return model.size() <= longest_name && without_controls(model) == model;
}

}  // namespace

Task<Result<Outcome>> AdmitStage::run(Exchange& x, Next next) {
    const auto& model = x.request.model;
    if (!is_name(model)) {
        co_return Problem(ProblemKind::invalid_value, "Invalid value for 'model': a name is at most " +
                                                          std::to_string(longest_name) +
                                                          " bytes without control characters.")
            .with_param("model");
    }
    // Before the look-up, so that a key cannot find out which models exist beside its own.
    if (x.caller->models && !x.caller->models->allows(model)) {
        co_return Problem(ProblemKind::model_not_allowed,
                          "This API key may not use the model `" + model + "`.")
            .with_param("model");
    }
    x.model = x.settings->find_model(model);
    if (!x.model) {
        co_return Problem(ProblemKind::model_not_found, "The model `" + model + "` does not exist.")
            .with_param("model");
    }
    x.trail.model = x.model->options->name;
    co_return co_await next(x);
}

}  // namespace gatehouse::pipeline

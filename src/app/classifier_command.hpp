// `gatehouse classifier`: a table from an operator's own labelled log, and how well a table does.
// Room: app.
#pragma once

#include "command.hpp"

#include "gatehouse/core/result.hpp"
#include "gatehouse/policy/class_training.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace gatehouse::app {

/// A prompt of each line: `{"text": "…", "class": "code"}`; other members are left alone, empty lines too.
/// Problem invalid_configuration with the number of the line at fault.
Result<std::vector<policy::LabelledPrompt>> read_labelled_prompts(std::istream& lines);

/// Exit codes as of the other commands: 0, 1 for a file that cannot be read or written, 2 for what is in it.
int train_classifier(const TrainCommand& command, std::ostream& out, std::ostream& err);
int evaluate_classifier(const EvaluateCommand& command, std::ostream& out, std::ostream& err);

}  // namespace gatehouse::app

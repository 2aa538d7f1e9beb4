// Training the classifier's table from labelled prompts, and measuring one.
//
// Pure and deterministic: the same examples in the same order give the same table. Room: policy. May include:
// core.
#pragma once

#include "gatehouse/policy/class_table.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::policy {

struct LabelledPrompt {
    std::string text;
    PromptClass label{PromptClass::general};
};

/// How often a prompt of the first class was taken for one of the second.
struct ClassMeasure {
    std::array<std::array<std::int64_t, prompt_class_count>, prompt_class_count> taken{};
    std::array<std::int64_t, prompt_class_count> abstained{};  // of each class: below the threshold
    double calibration_error{0};  // expected, ten bins of the best class's probability; all prompts
    double accuracy{0};           // of the best class, abstentions not heeded

    std::int64_t prompts() const noexcept;
    std::int64_t prompts(PromptClass of) const noexcept;
    /// Of those that were answered with the class, the share that is of it; of those of the class, the share
    /// that was answered with it. Abstentions are no answers. 1 where there is nothing to share.
    double precision(PromptClass of) const noexcept;
    double recall(PromptClass of) const noexcept;
    double abstention() const noexcept;
};

ClassMeasure measure(const ClassTable& table, const std::vector<LabelledPrompt>& prompts, double threshold);

struct TrainingOptions {
    int epochs{8};
    double rate{0.05};     // of learning, at the start
    double decay{1e-3};    // of weights, each step
    double left_out{0.3};  // share of the hashed features that a step does without, so that none is relied on
    std::uint64_t seed{1};
};

/// Examples that one training takes at most: their features are kept in memory, about 8 KiB each.
inline constexpr std::size_t most_examples = 200'000;

struct Training {
    ClassTable table;
    std::vector<LabelledPrompt> held_out;  // that the weights have not seen
};

/// A fifth of the prompts, chosen by their text, is held out. The temperature is fitted to `calibration`,
/// prompts of another origin, or to those held out if there are none. Problem invalid_configuration: fewer
/// than two classes, or nothing left to learn from or to hold out.
Result<Training> train(std::vector<LabelledPrompt> prompts, const TrainingOptions& options = {},
                       const std::vector<LabelledPrompt>& calibration = {});

}  // namespace gatehouse::policy

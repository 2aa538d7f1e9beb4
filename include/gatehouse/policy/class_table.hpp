// The classifier's table: a weight for every feature and class, and how sure its answers are.
//
// One linear layer and a softmax. The table is small text that can be read, compared and replaced; it is
// compiled in, or an operator's own. Room: policy. May include: core.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/policy/prompt_class.hpp"
#include "gatehouse/policy/prompt_features.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::policy {

/// A verdict below it is none.
inline constexpr double default_class_threshold = 0.5;

/// What the table thinks of one prompt.
struct PromptVerdict {
    ClassScores probabilities{};  // sum up to 1
    PromptClass best{PromptClass::general};
    double probability() const noexcept { return probabilities[static_cast<std::size_t>(best)]; }
};

class ClassTable {
public:
    using Weights = std::array<std::int8_t, prompt_class_count>;
    struct Parts {
        std::vector<Weights> weights;  // one for each place
        double bucket_scale{1};        // what a step of a weight is worth: of hashed features,
        double shape_scale{1};         // and of the shape
        ClassScores bias{};
        double temperature{1};
    };
    /// Larger files are no tables.
    static constexpr std::size_t most_bytes = std::size_t{1} << 20U;

    /// REQUIRES: prompt_places weights, scales and temperature above 0, all numbers finite.
    explicit ClassTable(Parts parts);

    /// The table that `to_text` wrote; else invalid_configuration with the line at fault.
    static Result<ClassTable> read(std::string_view text);
    std::string to_text() const;

    PromptVerdict judge(std::string_view text) const { return judge(features_of(text)); }
    PromptVerdict judge(const PromptFeatures& features) const;

    /// Before the softmax, at temperature 1.
    ClassScores logits(const PromptFeatures& features) const;
    const Parts& parts() const noexcept { return parts_; }

private:
    Parts parts_;
};

/// Turns logits into a verdict.
PromptVerdict verdict_of(const ClassScores& logits, double temperature);

/// The text of config/classifier.table, from the build.
std::string built_in_class_table();

}  // namespace gatehouse::policy

#include "gatehouse/policy/class_table.hpp"

#include <algorithm>
#include <cmath>

namespace gatehouse::policy {

PromptVerdict verdict_of(const ClassScores& logits, double temperature) {
    PromptVerdict verdict;
    const auto* const best = std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (std::size_t i = 0; i < prompt_class_count; ++i) {
        verdict.probabilities[i] = std::exp((logits[i] - *best) / temperature);
        sum += verdict.probabilities[i];
    }
    for (auto& probability : verdict.probabilities) {
        probability /= sum;
    }
    verdict.best = static_cast<PromptClass>(best - logits.begin());
    return verdict;
}

ClassTable::ClassTable(Parts parts) : parts_(std::move(parts)) {}

ClassScores ClassTable::logits(const PromptFeatures& features) const {
    ClassScores hashed{};
    ClassScores shape{};
    for (const auto& feature : features) {
        auto& sums = feature.place < prompt_buckets ? hashed : shape;
        const auto& weights = parts_.weights[feature.place];
        for (std::size_t i = 0; i < prompt_class_count; ++i) {
            sums[i] += static_cast<double>(feature.value) * weights[i];
        }
    }
    ClassScores sum = parts_.bias;
    for (std::size_t i = 0; i < prompt_class_count; ++i) {
        sum[i] += hashed[i] * parts_.bucket_scale + shape[i] * parts_.shape_scale;
    }
    return sum;
}

PromptVerdict ClassTable::judge(const PromptFeatures& features) const {
    return verdict_of(logits(features), parts_.temperature);
}

}  // namespace gatehouse::policy

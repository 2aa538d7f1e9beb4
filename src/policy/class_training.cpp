#include "gatehouse/policy/class_training.hpp"

#include "gatehouse/policy/strategy.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace gatehouse::policy {
namespace {

using Row = std::array<float, prompt_class_count>;

struct Example {
    PromptFeatures features;
    PromptClass label;
};

/// Gradient descent on the loss of a softmax; every weight's step shrinks as it learns (Adagrad).
class Learner {
public:
    explicit Learner(const TrainingOptions& options)
        : options_(options), weights_(prompt_places), squares_(prompt_places) {}

    void learn(const Example& example, float weight);
    ClassTable table() const;

private:
    void step(float& value, float& square, float gradient) {
        square += gradient * gradient;
        value -= static_cast<float>(options_.rate) * gradient / std::sqrt(square + 1e-6F);
    }

    /// Without the share that this step does without, the others so much larger.
    const PromptFeatures& kept_of(const PromptFeatures& features);
    std::uint64_t draw() {
        chance_ ^= chance_ << 13U;
        chance_ ^= chance_ >> 7U;
        chance_ ^= chance_ << 17U;
        return chance_;
    }

    TrainingOptions options_;
    std::uint64_t chance_{0x9e3779b97f4a7c15ULL};
    PromptFeatures kept_;
    std::vector<Row> weights_;
    std::vector<Row> squares_;
    Row bias_{};
    Row bias_squares_{};
};

const PromptFeatures& Learner::kept_of(const PromptFeatures& features) {
    constexpr double all = 1000;
    const auto without = static_cast<std::uint64_t>(options_.left_out * all);
    const auto larger = static_cast<float>(1 / (1 - options_.left_out));
    kept_.clear();
    for (const auto& feature : features) {
        if (feature.place >= prompt_buckets) {
            kept_.push_back(feature);
        } else if (draw() % static_cast<std::uint64_t>(all) >= without) {
            kept_.push_back({feature.place, feature.value * larger});
        }
    }
    return kept_;
}

void Learner::learn(const Example& example, float weight) {
    ClassScores logits{};
    for (std::size_t i = 0; i < prompt_class_count; ++i) {
        logits[i] = static_cast<double>(bias_[i]);
    }
    const auto kept = kept_of(example.features);
    for (const auto& feature : kept) {
        for (std::size_t i = 0; i < prompt_class_count; ++i) {
            logits[i] += static_cast<double>(feature.value * weights_[feature.place][i]);
        }
    }
    const auto verdict = verdict_of(logits, 1);
    Row error{};
    for (std::size_t i = 0; i < prompt_class_count; ++i) {
        const double wanted = i == static_cast<std::size_t>(example.label) ? 1 : 0;
        error[i] = weight * static_cast<float>(verdict.probabilities[i] - wanted);
        step(bias_[i], bias_squares_[i], error[i]);
    }
    const auto decay = static_cast<float>(options_.decay);
    for (const auto& feature : kept) {
        auto& row = weights_[feature.place];
        auto& squares = squares_[feature.place];
        for (std::size_t i = 0; i < prompt_class_count; ++i) {
            step(row[i], squares[i], error[i] * feature.value + decay * row[i]);
        }
    }
}

double largest(const std::vector<Row>& rows, std::size_t from, std::size_t to) {
    float found = 0;
    for (std::size_t i = from; i < to; ++i) {
        for (const auto value : rows[i]) {
            found = std::max(found, std::abs(value));
        }
    }
    return static_cast<double>(found);
}

ClassTable Learner::table() const {
    constexpr double most_steps = 127;
    constexpr double least = 1e-6;
    ClassTable::Parts parts;
    parts.bucket_scale = std::max(largest(weights_, 0, prompt_buckets) / most_steps, least);
    parts.shape_scale = std::max(largest(weights_, prompt_buckets, prompt_places) / most_steps, least);
    parts.weights.resize(prompt_places);
    for (std::size_t place = 0; place < prompt_places; ++place) {
        const auto scale = place < prompt_buckets ? parts.bucket_scale : parts.shape_scale;
        for (std::size_t i = 0; i < prompt_class_count; ++i) {
            const auto steps = std::lround(static_cast<double>(weights_[place][i]) / scale);
            parts.weights[place][i] = static_cast<std::int8_t>(steps);
        }
    }
    for (std::size_t i = 0; i < prompt_class_count; ++i) {
        parts.bias[i] = static_cast<double>(bias_[i]);
    }
    return ClassTable(std::move(parts));
}

/// So that classes with few prompts are learned too, without a few of them outweighing all others.
Row weights_of_classes(const std::vector<Example>& examples) {
    std::array<double, prompt_class_count> counts{};
    for (const auto& example : examples) {
        ++counts[static_cast<std::size_t>(example.label)];
    }
    Row weights{};
    for (std::size_t i = 0; i < prompt_class_count; ++i) {
        const double fair = static_cast<double>(examples.size()) / static_cast<double>(prompt_class_count);
        weights[i] = static_cast<float>(std::clamp(std::sqrt(fair / std::max(1.0, counts[i])), 0.25, 4.0));
    }
    return weights;
}

double loss(const std::vector<std::pair<ClassScores, PromptClass>>& answers, double temperature) {
    double sum = 0;
    for (const auto& [logits, label] : answers) {
        const auto verdict = verdict_of(logits, temperature);
        sum -= std::log(std::max(verdict.probabilities[static_cast<std::size_t>(label)], 1e-12));
    }
    return sum;
}

/// The temperature at which the table is as sure as it is right: the least loss has one valley.
double fitted_temperature(const ClassTable& table, const std::vector<LabelledPrompt>& prompts) {
    std::vector<std::pair<ClassScores, PromptClass>> answers;
    answers.reserve(prompts.size());
    for (const auto& prompt : prompts) {
        answers.emplace_back(table.logits(features_of(prompt.text)), prompt.label);
    }
    double low = 0.1;
    double high = 10;
    for (int i = 0; i < 40; ++i) {
        const double third = (high - low) / 3;
        if (loss(answers, low + third) < loss(answers, high - third)) {
            high -= third;
        } else {
            low += third;
        }
    }
    return (low + high) / 2;
}

/// The same order for the same seed and epoch.
std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed, int epoch) {
    const auto turn = stable_hash(std::to_string(epoch), seed);
    std::vector<std::pair<std::uint64_t, std::size_t>> keys(count);
    for (std::size_t i = 0; i < count; ++i) {
        keys[i] = {stable_hash(std::to_string(i), turn), i};
    }
    std::sort(keys.begin(), keys.end());
    std::vector<std::size_t> order(count);
    std::transform(keys.begin(), keys.end(), order.begin(), [](const auto& key) { return key.second; });
    return order;
}

bool two_classes(const std::vector<Example>& examples) {
    return std::any_of(examples.begin(), examples.end(),
                       [&](const auto& example) { return example.label != examples.front().label; });
}

}  // namespace

Result<Training> train(std::vector<LabelledPrompt> prompts, const TrainingOptions& options,
                       const std::vector<LabelledPrompt>& calibration) {
    constexpr std::uint64_t parts = 5;
    std::vector<Example> examples;
    std::vector<LabelledPrompt> held_out;
    for (auto& prompt : prompts) {
        if (stable_hash(prompt.text) % parts == 0) {
            held_out.push_back(std::move(prompt));
        } else {
            examples.push_back({features_of(prompt.text), prompt.label});
        }
    }
    if (held_out.empty() || !two_classes(examples)) {
        return Problem(ProblemKind::invalid_configuration,
                       "too few prompts: at least two classes, and some to hold out, are needed");
    }
    const auto weights = weights_of_classes(examples);
    Learner learner(options);
    for (int epoch = 0; epoch < options.epochs; ++epoch) {
        for (const auto index : shuffled(examples.size(), options.seed, epoch)) {
            learner.learn(examples[index], weights[static_cast<std::size_t>(examples[index].label)]);
        }
    }
    auto made = learner.table().parts();
    made.temperature = fitted_temperature(ClassTable(made), calibration.empty() ? held_out : calibration);
    return Training{ClassTable(std::move(made)), std::move(held_out)};
}

}  // namespace gatehouse::policy

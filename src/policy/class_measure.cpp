#include "gatehouse/policy/class_training.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gatehouse::policy {
namespace {

double share(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(whole);
}

struct Bin {
    double sure{0};
    double right{0};
    double all{0};
};

}  // namespace

std::int64_t ClassMeasure::prompts(PromptClass of) const noexcept {
    const auto row = static_cast<std::size_t>(of);
    return std::accumulate(taken[row].begin(), taken[row].end(), abstained[row]);
}

std::int64_t ClassMeasure::prompts() const noexcept {
    std::int64_t all = 0;
    for (std::size_t i = 0; i < prompt_class_count; ++i) {
        all += prompts(static_cast<PromptClass>(i));
    }
    return all;
}

double ClassMeasure::precision(PromptClass of) const noexcept {
    const auto column = static_cast<std::size_t>(of);
    std::int64_t answered = 0;
    for (const auto& row : taken) {
        answered += row[column];
    }
    return share(taken[column][column], answered);
}

double ClassMeasure::recall(PromptClass of) const noexcept {
    const auto row = static_cast<std::size_t>(of);
    return share(taken[row][row], prompts(of));
}

double ClassMeasure::abstention() const noexcept {
    const auto all = prompts();
    return all == 0 ? 0.0 : share(std::accumulate(abstained.begin(), abstained.end(), std::int64_t{0}), all);
}

ClassMeasure measure(const ClassTable& table, const std::vector<LabelledPrompt>& prompts, double threshold) {
    ClassMeasure found;
    std::array<Bin, 10> bins{};
    double right = 0;
    for (const auto& prompt : prompts) {
        const auto verdict = table.judge(prompt.text);
        const auto row = static_cast<std::size_t>(prompt.label);
        const bool hit = verdict.best == prompt.label;
        right += hit ? 1 : 0;
        if (verdict.probability() < threshold) {
            ++found.abstained[row];
        } else {
            ++found.taken[row][static_cast<std::size_t>(verdict.best)];
        }
        const auto bin = static_cast<std::size_t>(verdict.probability() * static_cast<double>(bins.size()));
        auto& of = bins[std::min(bin, bins.size() - 1)];
        of.sure += verdict.probability();
        of.right += hit ? 1 : 0;
        ++of.all;
    }
    const auto all = std::max<double>(1, static_cast<double>(prompts.size()));
    for (const auto& bin : bins) {
        found.calibration_error += std::abs(bin.sure - bin.right) / all;
    }
    found.accuracy = right / all;
    return found;
}

}  // namespace gatehouse::policy

#include "gatehouse/pipeline/question_restore.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <cstdint>
#include <utility>

namespace gatehouse::pipeline {
namespace {

/// Null: the answer's question is not to be found by its meaning.
std::shared_ptr<const upstream::Embedder> embedder_of(const store::KeptAnswer& answer,
                                                      const Settings& settings) {
    const auto& options = settings.cache_of(settings.find_model(answer.model));
    auto embedder = policy::most_allowed(options) == policy::CacheTier::semantic
                        ? settings.embedder(options.semantic.embedder)
                        : nullptr;
    return embedder && embedder->ready() ? embedder : nullptr;
}

}  // namespace

Task<void> restore_questions(store::AnswerCache& answers, QuestionIndex& questions,
                             std::shared_ptr<const Settings> settings, upstream::Callers& callers) {
    std::int64_t restored = 0;
    for (const auto& [digest, answer] : answers.questions()) {
        const auto embedder = embedder_of(*answer, *settings);
        if (!embedder || questions.contains(answer->partition, digest, embedder->identity())) {
            continue;
        }
        const auto vector = co_await embedder->embed(callers, answer->question);
        if (!vector) {
            telemetry::log(telemetry::LogLevel::warning, "questions_not_restored",
                           {{"restored", restored}, {"reason", vector.problem().message()}});
            co_return;
        }
        auto question = std::make_shared<AskedQuestion>();
        question->partition = answer->partition;
        question->features = policy::GuardFeatures(answer->question);
        question->model = embedder->identity();
        question->vector = *vector;
        questions.keep(std::move(question), digest);
        ++restored;
    }
    if (restored > 0) {
        telemetry::log(telemetry::LogLevel::info, "questions_restored", {{"restored", restored}});
    }
}

}  // namespace gatehouse::pipeline

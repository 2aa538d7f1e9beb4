#include "gatehouse/pipeline/question_restore.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::pipeline {
namespace {

constexpr Milliseconds first_pause{1'000};
constexpr Milliseconds longest_pause{60'000};

/// Without its answer, which may go in the meantime.
struct LostQuestion {
    QuestionPlace place;
    Digest partition;
    std::string text;
    policy::GuardFeatures features;
    std::shared_ptr<const upstream::Embedder> embedder;
};

/// Null: the answer's question is not to be found by its meaning.
std::shared_ptr<const upstream::Embedder> embedder_of(const store::KeptAnswer& answer,
                                                      const Settings& settings) {
    const auto& options = settings.cache_of(settings.find_model(answer.origin->model));
    auto embedder = policy::most_allowed(options) == policy::CacheTier::semantic
                        ? settings.embedder(options.semantic.embedder)
                        : nullptr;
    return embedder && embedder->ready() ? embedder : nullptr;
}

std::vector<LostQuestion> lost_questions(store::AnswerCache& answers, const QuestionIndex& questions,
                                         const Settings& settings) {
    std::vector<LostQuestion> lost;
    for (const auto& [digest, answer] : answers.questions()) {
        auto embedder = embedder_of(*answer, settings);
        if (embedder && !questions.contains(answer->partition, digest, embedder->identity())) {
            lost.push_back({{digest, answer->expires_at},
                            answer->partition,
                            answer->question,
                            policy::GuardFeatures(answer->question),
                            std::move(embedder)});
        }
    }
    return lost;
}

void put_back(LostQuestion& lost, std::vector<float> vector, QuestionIndex& questions) {
    auto question = std::make_shared<AskedQuestion>();
    question->partition = lost.partition;
    question->features = std::move(lost.features);
    question->model = lost.embedder->identity();
    question->vector = std::move(vector);
    questions.keep(std::move(question), lost.place);
}

}  // namespace

Task<void> restore_questions(store::AnswerCache& answers, QuestionIndex& questions,
                             std::shared_ptr<const Settings> settings, upstream::Callers& callers) {
    const auto turn = questions.turn();
    auto& clock = callers.clock();
    auto listing = [&answers, &questions, settings] { return lost_questions(answers, questions, *settings); };
    auto lost = co_await questions.workers().run(std::move(listing));
    if (!lost) {
        telemetry::log(telemetry::LogLevel::warning, "questions_not_restored",
                       {{"reason", lost.problem().message()}});
        co_return;
    }
    std::int64_t restored = 0;
    auto pause = first_pause;
    for (std::size_t i = 0; i < lost->size() && questions.turn() == turn;) {
        auto& each = (*lost)[i];
        const auto began = clock.now();
        auto vector = co_await each.embedder->embed(callers, each.text);
        if (vector || vector.problem().kind() == ProblemKind::invalid_value) {
            if (vector) {
                put_back(each, std::move(*vector), questions);
                ++restored;
            }
            ++i;
            pause = first_pause;
            // Half of its time is left to those who wait for an answer.
            const auto until = clock.now() + (clock.now() - began);
            co_await clock.sleep_until(until);
            continue;
        }
        const auto until = clock.now() + pause;
        pause = std::min(2 * pause, longest_pause);
        co_await clock.sleep_until(until);
    }
    if (restored > 0) {
        telemetry::log(telemetry::LogLevel::info, "questions_restored", {{"restored", restored}});
    }
}

}  // namespace gatehouse::pipeline

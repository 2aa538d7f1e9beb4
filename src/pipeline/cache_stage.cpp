#include "gatehouse/pipeline/cache_stage.hpp"

#include "answer_forms.hpp"
#include "answer_keeping.hpp"
#include "answer_usage.hpp"
#include "embedding_items.hpp"
#include "lent.hpp"
#include "recording_sink.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

namespace gatehouse::pipeline {
namespace {

Problem not_cached() {
    return {ProblemKind::not_cached,
            "No answer to this request is kept here, and it asks for no other (Cache-Control: "
            "only-if-cached)."};
}

Task<Result<Outcome>> refuse() {
    co_return not_cached();
}

/// What the client and everybody else is told of an answer that nobody was called for.
void note_hit(const CacheLook& look, telemetry::Trail& trail) {
    const auto& answer = *look.answer;
    trail.cache = "hit";
    trail.cache_tier = name_of(look.tier);
    trail.cache_similarity = look.similarity;
    trail.cache_age = look.age;
    trail.saved = answer.cost.value_or(PicoUsd(0));
    trail.cost = PicoUsd(0);
    trail.provider = answer.provider;
    trail.upstream_model = answer.upstream_model;
    trail.route = answer.route;
    trail.model = answer.routed;
    trail.dropped_params = answer.dropped_params;
    trail.finish_reason = answer.finish_reason;
    note_usage(answer.usage, trail);
    trail.usage_estimated = answer.usage_estimated;
}

/// The cache is an aid: where it fails, for want of memory or by a defect, the request goes on as if there
/// were none. False: it failed.
template <typename Work>
bool is_done(Work work) noexcept {
    try {
        work();
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

std::uint64_t tokens_of(const chat::Usage& usage) noexcept {
    const auto sum = usage.prompt().value() + usage.completion().value();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(sum, 0));
}

}  // namespace

/// An answer, and how it is given to who asks.
struct CacheStage::Found {
    CacheLook look;
    AnswerReplay replay;
};

// Not a coroutine: where no cache applies it costs no frame.
Task<Result<Outcome>> CacheStage::run(Exchange& x, Next next) {
    if (policy::most_allowed(x.settings->cache_of(x.model)) == policy::CacheTier::none) {
        return x.cache.only_if_cached ? refuse() : next(x);
    }
    const bool known = x.identity || is_done([&] { x.identity = identify(x); });
    const auto reason = known ? why_bypassed(x) : std::string_view("failed");
    if (reason.empty()) {
        return cached(x, next);
    }
    is_done([&] {
        x.trail.cache = "bypass";
        parts_.tally.bypassed(x.trail.model, reason);
    });
    return x.cache.only_if_cached ? refuse() : next(x);
}

Task<Result<Outcome>> CacheStage::cached(Exchange& x, Next next) {
    if (auto found = look(x)) {
        return give(x, std::move(*found));
    }
    if (!x.cache.only_if_cached && !x.identity->inputs.empty()) {
        return ask_for_inputs(x, next, parts_, clock_);
    }
    return x.cache.only_if_cached ? refuse() : ask(x, next);
}

std::optional<CacheStage::Found> CacheStage::look(Exchange& x) {
    std::optional<Found> found;
    const bool good = is_done([&] {
        if (!x.cache.takes()) {
            x.trail.cache = "refresh";
            parts_.tally.refreshed(x.trail.model);
            return;
        }
        auto look = look_for_answer(x, parts_.answers, clock_.wall());
        if (!look.refusal.empty()) {
            parts_.tally.refused(look.refusal);
        }
        auto replay = look.answer ? replay_of(*look.answer, x.request) : std::nullopt;
        if (replay) {
            parts_.tally.hit(x.trail.model, look.tier, look.answer->cost.value_or(PicoUsd(0)),
                             tokens_of(look.answer->usage));
            found.emplace(Found{std::move(look), std::move(*replay)});
            return;
        }
        x.trail.cache = "miss";
        parts_.tally.missed(x.trail.model);
    });
    if (!good) {
        is_done([&] {
            x.trail.cache = "miss";
            parts_.tally.refused("failed");
        });
    }
    return found;
}

Task<Result<Outcome>> CacheStage::give(Exchange& x, Found found) {
    note_hit(found.look, x.trail);
    x.sink.head(chat::ReplyHead{});
    const auto pushed = co_await x.sink.push(found.replay.run());
    if (!pushed) {
        co_return pushed.problem();
    }
    co_return Outcome{};
}

Task<Result<Outcome>> CacheStage::ask(Exchange& x, Next next) {
    std::optional<AnswerKeeping> keeping;
    if (x.cache.gives() && lifetime_of(x) != Milliseconds(0)) {
        is_done([&] { keeping.emplace(x, parts_.answers, clock_); });
    }
    if (!keeping) {
        co_return co_await next(x);
    }
    RecordingSink recorder(x.sink, *keeping, parts_.longest_answer);
    const Lent<chat::ReplySink> lent(x.listener, recorder);
    auto outcome = co_await next(x);
    if (outcome) {
        recorder.ended();
    } else if (outcome.problem().kind() != ProblemKind::client_gone) {
        is_done([&] { keeping->withdraw(); });
    }
    co_return outcome;
}

}  // namespace gatehouse::pipeline

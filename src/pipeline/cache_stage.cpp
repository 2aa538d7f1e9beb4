#include "gatehouse/pipeline/cache_stage.hpp"

#include "answer_forms.hpp"
#include "answer_keeping.hpp"
#include "answer_usage.hpp"
#include "client_time.hpp"
#include "embedding_items.hpp"
#include "lent.hpp"
#include "recording_sink.hpp"

#include "gatehouse/net/lane.hpp"
#include "gatehouse/pipeline/meaning_look.hpp"
#include "gatehouse/upstream/noted_usage.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

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
    if (trail.attempts.empty()) {
        trail.cost = PicoUsd(0);
    }
    const auto& origin = *answer.origin;
    trail.provider = origin.provider;
    trail.upstream_model = origin.upstream_model;
    trail.route = origin.route;
    trail.model = origin.routed;
    trail.dropped_params = origin.dropped_params;
    trail.finish_reason = origin.finish_reason;
    upstream::note_usage(answer.usage, trail);
    trail.usage_estimated = answer.usage_estimated;
}

void note_none(Exchange& x) {
    x.trail.cache = x.cache.takes() ? std::string_view("miss") : std::string_view("refresh");
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
    std::string of{};  // whose evidence it is; empty: nobody's
};

/// What was found by its meaning: to be given, or to be checked.
struct CacheStage::Alike {
    std::optional<Found> found{};
    std::optional<CheckedHit> checked{};
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

std::optional<Task<Result<Outcome>>> CacheStage::recall(Exchange& x) {
    std::optional<Found> found;
    is_done([&] {
        if (!x.cache.takes() ||
            policy::most_allowed(x.settings->cache_of(x.model)) == policy::CacheTier::none) {
            return;
        }
        if (!x.identity) {
            x.identity = identify(x);
        }
        if (!why_bypassed(x).empty() || !x.identity->inputs.empty()) {
            return;
        }
        // What is not given has not been asked for either: the stage further behind looks again.
        const auto now = clock_.wall();
        auto look = look_for_exactly(x, x.identity->exact, parts_.answers.onlooker(), now);
        found = look.answer ? taken(x, std::move(look)) : std::nullopt;
        if (found) {
            is_done([&] { parts_.answers.find(x.identity->exact, now); });
        }
    });
    return found ? std::optional(give(x, std::move(*found))) : std::nullopt;
}

Task<Result<Outcome>> RecallStage::run(Exchange& x, Next next) {
    auto recalled = cache_.recall(x);
    return recalled ? std::move(*recalled) : next(x);
}

Task<Result<Outcome>> CacheStage::cached(Exchange& x, Next next) {
    Alias alias(x);
    if (auto found = look(x, alias)) {
        return give(x, std::move(*found));
    }
    if (!x.cache.only_if_cached && !x.identity->inputs.empty()) {
        note_no_hit(x);
        return ask_for_inputs(x, next, parts_, origins_, clock_);
    }
    if (parts_.questions != nullptr && callers_ != nullptr && goes_by_meaning(x)) {
        return look_by_meaning(x, next, std::move(alias));
    }
    return missed(x, next, alias, {});
}

std::optional<CacheStage::Found> CacheStage::look(Exchange& x, Alias& alias) {
    std::optional<Found> found;
    if (x.cache.takes() &&
        !is_done([&] { found = taken(x, look_for_answer(x, parts_.answers, alias, clock_.wall())); })) {
        is_done([&] { parts_.tally.refused("failed"); });
    }
    return found;
}

/// The same for one that is found in whatever way.
std::optional<CacheStage::Found> CacheStage::taken(Exchange& x, CacheLook look) {
    if (!look.refusal.empty()) {
        parts_.tally.refused(look.refusal);
    }
    auto replay = look.answer ? replay_of(*look.answer, x.request) : std::nullopt;
    if (!replay) {
        return std::nullopt;
    }
    parts_.tally.hit(x.trail.model, look.tier, look.answer->cost.value_or(PicoUsd(0)),
                     tokens_of(look.answer->usage));
    return Found{std::move(look), std::move(*replay), {}};
}

Task<Result<Outcome>> CacheStage::look_by_meaning(Exchange& x, Next next, Alias alias) {
    note_none(x);  // known from here on, also of a client that leaves
    const auto began = clock_.now();
    const auto until = aid_until(x, began);
    OtherWays ways;
    ways.question = co_await prepared(x, until);
    if (ways.question && x.cache.takes()) {
        auto alike = co_await look_alike(x, ways.question, until);
        if (alike.found) {
            auto& found = *alike.found;
            co_return co_await give(x, std::move(found));
        }
        ways.checked = std::move(alike.checked);
    }
    take_off(x, began, clock_.now());
    co_return co_await missed(x, next, alias, std::move(ways));
}

Task<std::shared_ptr<const AskedQuestion>> CacheStage::prepared(Exchange& x, Instant until) {
    try {
        auto prepared = co_await prepare_question(x, *callers_, until);
        if (!prepared.refusal.empty()) {
            parts_.tally.refused(prepared.refusal);
        }
        co_return std::move(prepared.question);
    } catch (const std::exception& error) {
        if (net::is_cancellation(error)) {
            throw;
        }
        is_done([&] { parts_.tally.refused("failed"); });
    }
    co_return nullptr;
}

Task<CacheStage::Alike> CacheStage::look_alike(Exchange& x, std::shared_ptr<const AskedQuestion> question,
                                               Instant until) {
    const auto least = policy::threshold_for(x.settings->cache_of(x.model), x.cache);
    const auto now = clock_.wall();
    Alike alike;
    try {
        auto search = parts_.questions->look(question, least, now);
        const auto answers = co_await searched(std::move(search), clock_, until);
        if (!answers) {
            parts_.tally.refused("no_search");
            co_return alike;
        }
        auto look = look_among(*answers, x, parts_.answers, *parts_.questions, now);
        alike.checked = checked(x, look, question->model);
        if (!alike.checked) {
            alike.found = taken(x, std::move(look));
        }
        if (alike.found && x.settings->cache_of(x.model).semantic.adaptive) {
            alike.found->of = evidence_of(x, question->model);
        }
    } catch (const std::exception& error) {
        if (net::is_cancellation(error)) {
            throw;
        }
        is_done([&] { parts_.tally.refused("failed"); });
    }
    co_return alike;
}

std::optional<CheckedHit> CacheStage::checked(const Exchange& x, const CacheLook& look,
                                              const vector::ModelIdentity& vectors) {
    const auto& adaptive = x.settings->cache_of(x.model).semantic.adaptive;
    if (!look.answer || !adaptive || parts_.evidence == nullptr) {
        return std::nullopt;
    }
    auto of = evidence_of(x, vectors);
    const auto verdict = parts_.evidence->decide(of, *adaptive, look.match, look.similarity.value_or(0));
    const auto reason = why_not_given(verdict, x);
    if (reason.empty()) {
        return std::nullopt;
    }
    parts_.tally.refused(reason);
    return CheckedHit{look, std::move(of), *adaptive, verdict == policy::EvidenceVerdict::serve_and_check};
}

/// Before the client has it: its word on it may come at once.
void CacheStage::remember(const Exchange& x, const Found& found) {
    const auto& look = found.look;
    if (parts_.given == nullptr || look.tier != policy::CacheTier::semantic) {
        return;
    }
    is_done([&] {
        parts_.given->note(x.caller->name, x.trail.request_id,
                           {.partition = x.identity->partition,
                            .found_at = look.found_at,
                            .asked = x.identity->exact,
                            .match = look.match,
                            .similarity = look.similarity.value_or(0),
                            .of = found.of},
                           clock_.now());
    });
}

Task<Result<Outcome>> CacheStage::give(Exchange& x, Found found) {
    remember(x, found);
    note_hit(found.look, x.trail);
    x.sink.head(chat::ReplyHead{});
    const auto pushed = co_await x.sink.push(found.replay.run());
    if (!pushed) {
        co_return pushed.problem();
    }
    co_return Outcome{};
}

void CacheStage::note_no_hit(Exchange& x) {
    note_none(x);
    is_done([&] {
        if (x.cache.takes()) {
            parts_.tally.missed(x.trail.model);
        } else {
            parts_.tally.refreshed(x.trail.model);
        }
    });
}

// Not a coroutine: a miss costs no frame more.
Task<Result<Outcome>> CacheStage::missed(Exchange& x, Next next, Alias& alias, OtherWays ways) {
    note_none(x);
    if (!ways.checked || !ways.checked->proven) {
        note_no_hit(x);
    }
    is_done([&] { ways.alias = alias.get(); });
    return x.cache.only_if_cached ? refuse() : ask(x, next, std::move(ways));
}

Task<Result<Outcome>> CacheStage::ask(Exchange& x, Next next, OtherWays ways) {
    std::optional<CheckedHit> held;
    std::optional<AnswerKeeping> keeping;
    if (x.cache.gives() && lifetime_of(x) != Milliseconds(0)) {
        is_done([&] {
            if (ways.checked && ways.checked->proven) {
                held = *ways.checked;
            }
            keeping.emplace(x, parts_, origins_, clock_, std::move(ways));
        });
    }
    if (!keeping) {
        co_return co_await next(x);
    }
    RecordingSink recorder(x.sink, *keeping, parts_.longest_answer, *parts_.recording);
    auto outcome = co_await recorded(x, next, recorder);
    if (outcome) {
        recorder.ended();
        if (held) {
            note_no_hit(x);
        }
        co_return outcome;
    }
    const bool left = outcome.problem().kind() == ProblemKind::client_gone;
    if (!left) {
        is_done([&] { keeping->withdraw(); });
    }
    auto instead = held && !left && !x.sink.content_sent() ? taken_again(x, *held) : std::nullopt;
    if (instead) {
        auto& found = *instead;
        co_return co_await give(x, std::move(found));
    }
    if (held) {
        note_no_hit(x);
    }
    co_return outcome;
}

Task<Result<Outcome>> CacheStage::recorded(Exchange& x, Next next, chat::ReplySink& recorder) {
    const Lent<chat::ReplySink> lent(x.listener, recorder);
    co_return co_await next(x);
}

/// Nothing: the cache failed.
std::optional<CacheStage::Found> CacheStage::taken_again(Exchange& x, const CheckedHit& held) {
    std::optional<Found> found;
    is_done([&] {
        found = taken(x, held.look);
        if (found) {
            found->of = held.of;
        }
    });
    return found;
}

}  // namespace gatehouse::pipeline

#include "gatehouse/pipeline/meaning_look.hpp"

#include "client_time.hpp"

#include "gatehouse/net/lane.hpp"
#include "gatehouse/policy/cache_wish.hpp"
#include "gatehouse/upstream/embedder.hpp"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

namespace gatehouse::pipeline {
namespace {

using policy::EvidenceVerdict;

/// A search takes a few milliseconds among a million questions; what waits longer waits behind others.
constexpr Milliseconds longest_search{250};

/// As evidence would have it that counts no question of this kind.
std::string_view foreseen_refusal(const Exchange& x, const CacheParts& parts, const CacheLook& look,
                                  const vector::ModelIdentity& vectors) {
    const auto& adaptive = x.settings->cache_of(x.model).semantic.adaptive;
    if (!look.answer || !adaptive || parts.evidence == nullptr) {
        return {};
    }
    const auto verdict =
        parts.evidence->foresee(evidence_of(x, vectors), *adaptive, look.match, look.similarity.value_or(0));
    return why_not_given(verdict, x);
}

Task<MeaningForesight> foreseen(const Exchange& x, const CacheParts& parts, upstream::Callers& callers) {
    MeaningForesight foresight;
    foresight.threshold = policy::threshold_for(x.settings->cache_of(x.model), x.cache);
    auto& clock = callers.clock();
    const auto until = aid_until(x, clock.now());
    auto prepared = co_await prepare_question(x, callers, until);
    if (!prepared.question) {
        foresight.look.refusal = prepared.refusal;
        co_return foresight;
    }
    const auto now = clock.wall();
    auto search = parts.questions->peek(prepared.question, foresight.threshold, now);
    const auto alike = co_await searched(std::move(search), clock, until);
    if (!alike) {
        foresight.look.refusal = "no_search";
        co_return foresight;
    }
    foresight.compared = alike->compared;
    foresight.nearest = alike->nearest;
    std::vector<Digest> gone;
    foresight.look = look_among(*alike, x, parts.answers.onlooker(), now, gone);
    const auto refusal = foreseen_refusal(x, parts, foresight.look, prepared.question->model);
    if (!refusal.empty()) {
        foresight.look = CacheLook{};
        foresight.look.refusal = refusal;
    }
    co_return foresight;
}

}  // namespace

Task<PreparedQuestion> prepare_question(const Exchange& x, upstream::Callers& callers, Instant until) {
    PreparedQuestion prepared;
    const auto& text = x.identity->last_user_text;
    const auto embedder = x.settings->embedder(x.settings->cache_of(x.model).semantic.embedder);
    auto question = std::make_shared<AskedQuestion>();
    question->features = policy::GuardFeatures(text);
    if (!question->features.is_comparable()) {
        co_return prepared;
    }
    prepared.refusal = "no_vector";
    if (!embedder) {
        co_return prepared;
    }
    auto& clock = callers.clock();
    const auto in_all = std::min(clock.now() + embedder->longest_wait(), until);
    auto embedding = embedder->embed(callers, text);
    auto vector = co_await in_time(std::move(embedding), clock, in_all);
    if (!vector) {
        co_return prepared;
    }
    question->partition = x.identity->partition;
    question->model = embedder->identity();
    question->vector = std::move(*vector);
    prepared.question = std::move(question);
    prepared.refusal = {};
    co_return prepared;
}

Task<Result<AlikeAnswers>> searched(Task<Result<AlikeAnswers>> search, Clock& clock, Instant until) {
    return in_time(std::move(search), clock, std::min(clock.now() + longest_search, until));
}

std::string evidence_of(const Exchange& x, const vector::ModelIdentity& vectors) {
    return x.trail.model + " by " + vectors.id + ' ' + vectors.version;
}

std::string_view why_not_given(EvidenceVerdict verdict, const Exchange& x) {
    const bool learns = x.cache.gives() && !x.cache.only_if_cached && lifetime_of(x) != Milliseconds(0);
    if (verdict == EvidenceVerdict::ask) {
        return "unproven";
    }
    return verdict == EvidenceVerdict::serve_and_check && learns ? "checked" : std::string_view();
}

Task<MeaningForesight> foresee_by_meaning(const Exchange& x, const CacheParts& parts,
                                          upstream::Callers& callers) {
    MeaningForesight failed;
    failed.look.refusal = "failed";
    try {
        co_return co_await foreseen(x, parts, callers);
    } catch (const std::exception& error) {
        if (net::is_cancellation(error)) {
            throw;
        }
    }
    co_return failed;
}

}  // namespace gatehouse::pipeline

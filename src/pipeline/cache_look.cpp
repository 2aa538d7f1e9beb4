#include "gatehouse/pipeline/cache_look.hpp"

#include "embedding_items.hpp"

#include "gatehouse/core/secret.hpp"
#include "gatehouse/policy/question_signature.hpp"

#include <algorithm>
#include <string>

namespace gatehouse::pipeline {
namespace {

using policy::CacheTier;

/// Could somebody who asks in other words get the answer?
bool may_be_alike(const Exchange& x, const policy::CacheOptions& options) {
    return policy::most_allowed(options) >= CacheTier::signature && x.identity->comparable;
}

/// What the operator lets a tier give now, whatever held when the answer came. Who asks in the very same
/// words gets what those get who ask in others.
Milliseconds ttl_of(const Exchange& x, CacheTier tier) {
    const auto& options = x.settings->cache_of(x.model);
    if (tier != CacheTier::exact) {
        return options.semantic.ttl;
    }
    return lifetime_under(x, options);
}

/// Empty: it may be given.
std::string_view refusal_of(const Exchange& x, CacheTier tier, Milliseconds age) {
    const bool too_old = age >= ttl_of(x, tier) || (x.cache.max_age && age > *x.cache.max_age);
    return too_old ? "too_old" : std::string_view();
}

/// True if the look is over: an answer may be given.
bool take(const Exchange& x, std::shared_ptr<const store::KeptAnswer> found, CacheTier tier, WallTime now,
          CacheLook& look) {
    if (!found) {
        return false;
    }
    // The clock may have been turned back since.
    const auto age =
        std::chrono::duration_cast<Milliseconds>(std::max(now - found->stored_at, WallTime::duration(0)));
    look.refusal = refusal_of(x, tier, age);
    if (!look.refusal.empty()) {
        return false;
    }
    look.answer = std::move(found);
    look.tier = tier;
    look.age = std::chrono::floor<std::chrono::seconds>(age);
    return true;
}

std::optional<Digest> alias_of(const Exchange& x) {
    if (!may_be_alike(x, x.settings->cache_of(x.model))) {
        return std::nullopt;
    }
    const auto signature = policy::question_signature(x.identity->last_user_text);
    if (!signature) {
        return std::nullopt;
    }
    std::string both(x.identity->partition.begin(), x.identity->partition.end());
    both += policy::signature_rules;
    both += signature.text;
    return sha256(both);
}

}  // namespace

std::string_view why_bypassed(const Exchange& x) noexcept {
    if (x.identity->unshared != Unshared::none) {
        return name_of(x.identity->unshared);
    }
    const auto& options = x.settings->cache_of(x.model);
    if (policy::most_allowed(options) == CacheTier::none) {
        return name_of(Unshared::switched_off);
    }
    return policy::tier_for(options, x.cache) == CacheTier::none ? name_of(Unshared::asked)
                                                                 : std::string_view();
}

CacheLook look_for_exactly(const Exchange& x, const Digest& digest, store::AnswerSource& answers,
                           WallTime now) {
    CacheLook look;
    take(x, answers.find(digest, now), CacheTier::exact, now, look);
    return look;
}

CacheLook look_for_answer(const Exchange& x, store::AnswerSource& answers, Alias& alias, WallTime now) {
    if (!x.identity->inputs.empty()) {
        return look_for_inputs(x, answers, now);
    }
    auto look = look_for_exactly(x, x.identity->exact, answers, now);
    if (look.answer) {
        return look;
    }
    const auto tier = policy::tier_for(x.settings->cache_of(x.model), x.cache);
    if (tier >= CacheTier::signature && alias.get()) {
        take(x, answers.find_alias(*alias.get(), now), CacheTier::signature, now, look);
    }
    return look;
}

bool goes_by_meaning(const Exchange& x) {
    const auto& options = x.settings->cache_of(x.model);
    return may_be_alike(x, options) && policy::tier_for(options, x.cache) == CacheTier::semantic;
}

CacheLook look_among(const AlikeAnswers& alike, const Exchange& x, store::AnswerSource& answers, WallTime now,
                     std::vector<Digest>& gone) {
    CacheLook look;
    for (const auto& each : alike.accepted) {
        auto answer = answers.find(each.answer, now);
        // One of no question has taken its place, and is not for others.
        if (!answer || answer->question.empty()) {
            gone.push_back(each.answer);
        } else if (take(x, std::move(answer), CacheTier::semantic, now, look)) {
            look.similarity = each.similarity;
            look.match = each.match;
            look.found_at = each.answer;
            return look;
        }
    }
    if (look.refusal.empty() && alike.refusal != policy::GuardRefusal::none) {
        look.refusal = policy::name_of(alike.refusal);
    }
    return look;
}

CacheLook look_among(const AlikeAnswers& alike, const Exchange& x, store::AnswerCache& answers,
                     QuestionIndex& questions, WallTime now) {
    std::vector<Digest> gone;
    auto look = look_among(alike, x, answers, now, gone);
    for (const auto& answer : gone) {
        questions.forget(x.identity->partition, answer);
    }
    return look;
}

void drop_lost_questions(store::AnswerCache& answers, QuestionIndex& questions, WallTime now) {
    questions.keep_those([&onlooker = answers.onlooker(), now](const Digest& answer) {
        return onlooker.find(answer, now) != nullptr;
    });
}

const std::optional<Digest>& Alias::get() {
    if (!digest_) {
        digest_ = alias_of(x_);
    }
    return *digest_;
}

Milliseconds lifetime_of(const Exchange& x) {
    return lifetime_under(x, x.settings->cache_of(x.model));
}

Milliseconds lifetime_under(const Exchange& x, const policy::CacheOptions& options) {
    return may_be_alike(x, options) ? std::max(options.exact.ttl, options.semantic.ttl) : options.exact.ttl;
}

}  // namespace gatehouse::pipeline

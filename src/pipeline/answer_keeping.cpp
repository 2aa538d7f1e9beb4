#include "answer_keeping.hpp"

#include "answer_usage.hpp"

#include "gatehouse/pipeline/cache_feedback.hpp"
#include "gatehouse/pipeline/cache_look.hpp"
#include "gatehouse/policy/answer_agreement.hpp"
#include "gatehouse/policy/failover.hpp"
#include "gatehouse/upstream/replay.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace gatehouse::pipeline {
namespace {

/// The key's own win.
std::vector<std::pair<std::string, std::string>> tags_of(const Exchange& x) {
    auto tags = x.caller->tags;
    tags.insert(x.labels.tags.begin(), x.labels.tags.end());
    return {tags.begin(), tags.end()};
}

bool leads_to(const Exchange& x, const ModelMatch& entry, const telemetry::Trail& trail) {
    return x.settings->leads_to(entry, trail.provider, trail.upstream_model);
}

/// The fallbacks that the model which answered belongs to.
std::vector<ModelMatch> fallbacks_that_answered(const Exchange& x) {
    std::vector<ModelMatch> answered;
    std::vector<std::string> names;
    const auto follow = [&names](const std::vector<std::string>& more) {
        for (const auto& name : more) {
            if (std::find(names.begin(), names.end(), name) == names.end()) {
                names.push_back(name);
            }
        }
    };
    const auto follow_all = [&](const ModelOptions& options) {
        follow(options.fallbacks);
        follow(options.context_length_fallbacks);
        follow(options.content_policy_fallbacks);
    };
    follow(x.request.fallbacks);
    follow_all(*x.model->options);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto entry = x.settings->find_model(names[i]);
        if (!entry) {
            continue;
        }
        follow_all(*entry->options);
        if (leads_to(x, *entry, x.trail)) {
            answered.push_back(*entry);
        }
    }
    return answered;
}

/// How far all of them let others who ask get the answer.
policy::CacheTier most_allowed_by(const std::vector<ModelMatch>& entries) {
    auto most = policy::CacheTier::semantic;
    for (const auto& entry : entries) {
        most = std::min(most, policy::most_allowed(entry.options->cache));
    }
    return most;
}

/// Bytes of an answer: longer ones are not compared.
constexpr std::size_t longest_compared = std::size_t{64} * 1024;

/// Of the call that the answer came from: another one may have run beside it.
std::optional<PicoUsd> cost_of_answer(const telemetry::Trail& trail) {
    const auto& attempts = trail.attempts;
    const auto winner = std::find_if(attempts.rbegin(), attempts.rend(), [&](const auto& attempt) {
        const bool fine =
            attempt.began != Instant{} || !attempt.problem;  // while it runs, it may yet be cut off
        return fine && attempt.provider == trail.provider && attempt.model == trail.upstream_model;
    });
    return winner == attempts.rend() ? std::nullopt : winner->cost;
}

}  // namespace

AnswerKeeping::AnswerKeeping(const Exchange& x, const CacheParts& parts, store::OriginShelf& origins,
                             Clock& clock, OtherWays ways)
    : x_(x),
      parts_(parts),
      origins_(origins),
      clock_(clock),
      model_(x.trail.model),
      ways_(std::move(ways)),
      lifetime_(lifetime_of(x)) {}

std::optional<store::KeptAnswer> AnswerKeeping::description() {
    const auto lifetime = allowed_lifetime(answering_entries());
    return lifetime == Milliseconds(0) ? std::nullopt : std::optional(described(lifetime));
}

store::KeptAnswer AnswerKeeping::described(Milliseconds lifetime) {
    const auto& trail = x_.trail;
    store::AnswerOrigin origin;
    origin.key = x_.caller->name;
    origin.model = model_;
    origin.tags = tags_of(x_);
    origin.provider = trail.provider;
    origin.upstream_model = trail.upstream_model;
    origin.route = trail.route;
    origin.routed = trail.model;
    origin.finish_reason = trail.finish_reason;
    origin.dropped_params = trail.dropped_params;
    auto place = origins_.put(std::move(origin));
    store::KeptAnswer answer;
    answer.origin = std::move(place.origin);
    answer.owns_origin = place.made;
    answer.endpoint = x_.request.endpoint;
    answer.stream = x_.request.stream;
    answer.usage_estimated = trail.usage_estimated;
    answer.stored_at = clock_.wall();
    answer.expires_at = answer.stored_at + lifetime;
    return answer;
}

void AnswerKeeping::complete(std::string bytes) {
    const auto entries = answering_entries();
    const auto lifetime = allowed_lifetime(entries);
    if (lifetime == Milliseconds(0)) {
        return;
    }
    upstream::KeptAnswer said{x_.request.stream, std::move(bytes), usage_on(x_.trail)};
    if (!upstream::is_worth_keeping(x_.request.endpoint, said)) {
        return;
    }
    if (ways_.checked && leads_to(x_, *x_.model, x_.trail)) {
        check(said);
    }
    said.bytes.shrink_to_fit();
    auto answer = described(lifetime);
    answer.bytes = std::move(said.bytes);
    answer.usage = std::move(said.usage);
    answer.cost = cost_of_answer(x_.trail);
    const auto most = most_allowed_by(entries);
    const bool by_meaning = ways_.question && most >= policy::CacheTier::semantic;
    if (by_meaning) {
        answer.question = x_.identity->last_user_text;
        answer.partition = x_.identity->partition;
    }
    const auto& digest = x_.identity->exact;
    const auto expires_at = answer.expires_at;
    kept_ = parts_.answers.keep(digest, most >= policy::CacheTier::signature ? ways_.alias : std::nullopt,
                                std::make_shared<const store::KeptAnswer>(std::move(answer)));
    if (kept_ && by_meaning) {
        parts_.questions->keep(ways_.question, {digest, expires_at});
    }
}

void AnswerKeeping::check(const upstream::KeptAnswer& said) {
    const auto& [look, of, options, proven] = *ways_.checked;
    const auto& held = *look.answer;
    // The lane's time is everybody's; and another model's answer says nothing of this one's.
    if (held.bytes.size() > longest_compared || said.bytes.size() > longest_compared ||
        held.origin->upstream_model != x_.trail.upstream_model) {
        return;
    }
    const upstream::KeptAnswer kept{held.stream, held.bytes, held.usage};
    const auto agreement =
        policy::agreement_of(upstream::said_text(kept, x_.request), upstream::said_text(said, x_.request));
    parts_.evidence->record(of, options, look.match, look.similarity.value_or(0), agreement);
    if (agreement == policy::Agreement::different) {
        forget_wrong_answer(parts_, x_.identity->partition, look.found_at);
    }
}

void AnswerKeeping::withdraw() {
    if (kept_) {
        parts_.answers.forget(x_.identity->exact);
    }
}

/// Those that the answering model belongs to. An answer of a fallback, that is of another model than was
/// asked for or that rules chose, has some only if the operator wants it kept; a second provider of the same
/// model is none.
std::vector<ModelMatch> AnswerKeeping::answering_entries() const {
    if (!x_.model) {
        return {};
    }
    if (leads_to(x_, *x_.model, x_.trail)) {
        return {*x_.model};
    }
    return x_.settings->cache_of(x_.model).store_fallbacks ? fallbacks_that_answered(x_)
                                                           : std::vector<ModelMatch>();
}

/// The entry that rules chose, or a fallback's, may forbid what that of the name allows.
Milliseconds AnswerKeeping::allowed_lifetime(const std::vector<ModelMatch>& entries) const {
    if (entries.empty() || x_.trail.attempts.empty() || is_patched()) {
        return Milliseconds(0);
    }
    auto lifetime = lifetime_;
    for (const auto& entry : entries) {
        if (why_not_kept(x_, entry) != Unshared::none) {
            return Milliseconds(0);
        }
        lifetime = std::min(lifetime, lifetime_under(x_, entry.options->cache));
    }
    return lifetime;
}

/// Told by one provider to its middle, and to its end by another.
bool AnswerKeeping::is_patched() const {
    const auto& attempts = x_.trail.attempts;
    return std::any_of(attempts.begin(), attempts.end(), [](const auto& attempt) {
        return attempt.reason == name_of(policy::CallReason::continuation);
    });
}

}  // namespace gatehouse::pipeline

#include "gatehouse/pipeline/request_identity.hpp"

#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/policy/question_context.hpp"
#include "gatehouse/policy/route_rules.hpp"
#include "gatehouse/upstream/canonical_request.hpp"
#include "gatehouse/upstream/embedding_items.hpp"
#include "gatehouse/upstream/request_traits.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace gatehouse::pipeline {
namespace {

/// Texts in a row, none of which can run into its neighbour.
class Labels {
public:
    Labels() { text_.reserve(usual_size); }
    void add(std::string_view text) {
        text_ += std::to_string(text.size());
        text_ += ':';
        text_ += text;
    }
    void add(const Digest& digest) { text_.append(digest.begin(), digest.end()); }
    std::string_view text() const noexcept { return text_; }

private:
    static constexpr std::size_t usual_size = 240;

    std::string text_;
};

/// Who shares an answer. A caller that belongs to no team, or to a team without an organisation, shares with
/// its own requests only.
void add_tenant(const policy::Caller& caller, policy::SharingScope scope, Labels& labels) {
    using policy::SharingScope;
    if (scope == SharingScope::gateway) {
        labels.add("gateway");
    } else if (scope == SharingScope::organisation && !caller.organisation.empty()) {
        labels.add("organisation");
        labels.add(caller.organisation);
    } else if (scope == SharingScope::team && !caller.team.empty()) {
        labels.add("team");
        labels.add(caller.team);
    } else {
        labels.add("key");
        labels.add(caller.name);
    }
}

template <typename Pairs>
void add_pairs(const Pairs& pairs, Labels& labels) {
    labels.add(std::to_string(pairs.size()));
    for (const auto& [name, value] : pairs) {
        labels.add(name);
        labels.add(value);
    }
}

/// The way from the name to its targets, and where rules decide on it, what of the request they may look at
/// and the canonical form leaves out.
void add_route(const Exchange& x, Labels& labels) {
    labels.add(x.settings->routing_version());
    labels.add(x.request.model);
    if (!x.settings->routes().serves(x.request.model)) {
        return;
    }
    add_pairs(x.labels.headers, labels);
    add_pairs(x.labels.tags, labels);
    add_pairs(x.caller->tags, labels);
    add_pairs(upstream::traits_of(x.request).metadata, labels);  // tags too
    labels.add(x.caller->name);
    labels.add(x.caller->team);
}

Digest joined(std::string_view labels, const Digest& digest) {
    std::string both(labels);
    both.append(digest.begin(), digest.end());
    return sha256(both);
}

/// Where rules decide, what they look at may be all inputs together: such a request is one thing.
std::vector<Digest> inputs_of(const Exchange& x, std::string_view labels) {
    std::vector<Digest> inputs;
    if (policy::most_allowed(x.settings->cache_of(x.model)) == policy::CacheTier::none ||
        x.settings->routes().serves(x.request.model)) {
        return inputs;
    }
    auto found = upstream::canonical_embeddings(x.request);
    if (!found) {
        return inputs;
    }
    const auto rest = joined(labels, found->rest);
    const std::string_view partition(reinterpret_cast<const char*>(rest.data()), rest.size());
    inputs = std::move(found->inputs);
    for (auto& input : inputs) {
        input = joined(partition, input);
    }
    return inputs;
}

bool has_temperature(chat::Endpoint endpoint) noexcept {
    return endpoint == chat::Endpoint::completions || chat::is_conversation(endpoint);
}

RequestIdentity refused(Unshared why) {
    RequestIdentity identity;
    identity.unshared = why;
    return identity;
}

/// Where rules decide, nobody knows yet who answers: such a name is taken to lead to any model.
Settings::Answering answering(const Exchange& x) {
    const bool known = x.model && !x.settings->routes().serves(x.request.model);
    return known ? x.settings->answering(*x.model) : Settings::Answering();
}

bool is_too_hot(const Exchange& x, bool without_temperature, const policy::CacheOptions& options) {
    constexpr double unsaid = 1;  // what providers take where nothing is said
    if (!has_temperature(x.request.endpoint)) {
        return false;
    }
    if (const auto said = x.request.temperature) {
        return *said > options.max_temperature;
    }
    return unsaid > options.max_temperature && !without_temperature;
}

/// Does a provider keep the answer for its account, so that who knows the id in it may go on from there?
bool may_be_kept_upstream(const Exchange& x) {
    if (x.request.endpoint != chat::Endpoint::responses) {
        return false;
    }
    const auto targets = x.settings->reachable_targets({x.request.model});
    return std::any_of(targets.begin(), targets.end(), [](const upstream::Target& target) {
        return target.provider->vendor() == chat::Vendor::openai && !target.provider->in_process();
    });
}

/// A response is kept under its id, here or by its provider: to another question it would be another one. And
/// what a text asks for that it does not hold is in no other one either.
bool may_be_asked_otherwise(chat::Endpoint endpoint, const upstream::CanonicalRequest& canonical,
                            std::string_view text) {
    using policy::EarlierTurns;
    const auto earlier = canonical.has_earlier_turns ? EarlierTurns::some : EarlierTurns::none;
    return endpoint != chat::Endpoint::responses &&
           policy::not_cacheable(text, earlier) == policy::NotCacheable::none;
}

}  // namespace

std::string_view name_of(Unshared why) noexcept {
    switch (why) {
        case Unshared::none:
            return "none";
        case Unshared::switched_off:
            return "switched_off";
        case Unshared::asked:
            return "asked";
        case Unshared::kind:
            return "kind";
        case Unshared::not_in_request:
            return "not_in_request";
        case Unshared::temperature:
            return "temperature";
    }
    return "none";
}

RequestIdentity identify(const Exchange& x) {
    const auto& options = x.settings->cache_of(x.model);
    if (!options.coalesce && policy::most_allowed(options) == policy::CacheTier::none) {
        return refused(Unshared::switched_off);
    }
    if (!x.cache.shares() && !x.cache.takes() && !x.cache.gives()) {
        return refused(Unshared::asked);
    }
    const auto answers = answering(x);
    if (answers.searching) {
        return refused(Unshared::not_in_request);
    }
    if (is_too_hot(x, answers.without_temperature, options)) {
        return refused(Unshared::temperature);
    }
    if (options.scope != policy::SharingScope::key && may_be_kept_upstream(x)) {
        return refused(Unshared::not_in_request);
    }
    Labels labels;
    labels.add("2");  // of this way to make it
    add_tenant(*x.caller, options.scope, labels);
    labels.add(x.cache.partition);
    add_route(x, labels);
    labels.add(x.fallback_off ? "alone" : "");
    labels.add(std::to_string(x.request.fallbacks.size()));
    for (const auto& fallback : x.request.fallbacks) {
        labels.add(fallback);
    }
    const bool for_alike = policy::most_allowed(options) > policy::CacheTier::exact;
    auto canonical = upstream::canonical_request(x.request, {labels.text(), for_alike});
    if (!canonical) {
        return refused(Unshared::kind);
    }
    if (!canonical->self_contained) {
        return refused(Unshared::not_in_request);
    }
    RequestIdentity identity;
    identity.exact = canonical->exact;
    identity.partition = canonical->partition;
    identity.last_user_text = std::move(canonical->last_user_text);
    identity.comparable = canonical->comparable &&
                          may_be_asked_otherwise(x.request.endpoint, *canonical, identity.last_user_text);
    identity.inputs = inputs_of(x, labels.text());
    return identity;
}

Unshared why_not_kept(const Exchange& x, const ModelMatch& answered) {
    const auto& options = answered.options->cache;
    const auto entry = x.settings->find_model(x.request.model);
    const bool is_the_asked =
        entry && entry->options == answered.options && entry->matched == answered.matched;
    if (is_the_asked && !x.settings->routes().serves(x.request.model)) {
        return Unshared::none;  // as it was when the request came; where rules decide, it was not looked at
    }
    const auto& asked = x.settings->cache_of(entry);
    if (policy::most_allowed(options) == policy::CacheTier::none || options.scope < asked.scope) {
        return Unshared::switched_off;
    }
    const auto answers = x.settings->answering(answered);
    if (answers.searching) {
        return Unshared::not_in_request;
    }
    return is_too_hot(x, answers.without_temperature, options) ? Unshared::temperature : Unshared::none;
}

}  // namespace gatehouse::pipeline

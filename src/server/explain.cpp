#include "gatehouse/server/explain.hpp"

#include "asked_endpoint.hpp"
#include "explain_targets.hpp"
#include "gateway_headers.hpp"
#include "problem_response.hpp"
#include "request_head.hpp"
#include "request_labels.hpp"

#include "gatehouse/pipeline/cache_look.hpp"
#include "gatehouse/pipeline/meaning_look.hpp"
#include "gatehouse/pipeline/needs.hpp"
#include "gatehouse/pipeline/routing.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace gatehouse::server {
namespace {

using Json = nlohmann::ordered_json;

/// What was found on the way.
struct Decision {
    Status status{done()};  // the first refusal, if there is one
    std::vector<policy::RouteLook> looked;
    std::optional<PicoUsd> set_aside;  // for each call; nothing: nobody counts money
    Json cache{};                      // null: the request does not come so far
};

/// Everything that the decision is made from.
struct Asked {
    std::shared_ptr<const policy::Caller> caller;
    chat::Request request;
    pipeline::RequestLabels labels;
    GatewayHeaders narrowed;
};

Result<AskedEndpoint> endpoint_of(const std::string& path) {
    const auto found = find_route(path, "POST", Door::client);
    const bool infers = found.route != nullptr &&
                        (found.route->action == Action::infer || found.route->action == Action::generate);
    auto asked = infers ? asked_endpoint(*found.route, path) : std::nullopt;
    if (!asked) {
        return Problem(ProblemKind::not_found, "There is no endpoint `" + path + "`.");
    }
    if (found.route->body != BodyForm::json) {
        return Problem(ProblemKind::not_found,
                       "The endpoint `" + path + "` takes forms; these are not explained.");
    }
    return std::move(*asked);
}

Result<std::shared_ptr<const policy::Caller>> caller_of(const std::string& key, const policy::KeyRing& keys) {
    if (key.empty()) {
        return std::make_shared<const policy::Caller>();
    }
    auto caller = keys.named(key);
    if (!caller) {
        return Problem(ProblemKind::invalid_value, "There is no key named `" + key + "`.").with_param("key");
    }
    return caller;
}

Result<Asked> read(const ExplainQuestion& question, const Live& live) {
    const auto endpoint = endpoint_of(question.path);
    if (!endpoint) {
        return endpoint.problem();
    }
    auto caller = caller_of(question.key, live.callers());
    if (!caller) {
        return std::move(caller.problem());
    }
    auto narrowed = read_gateway_headers(question.fields);
    if (!narrowed) {
        return std::move(narrowed.problem());
    }
    wire::JsonLimits limits;
    limits.depth = live.options->limits.json_depth;
    auto request = decode_body(*endpoint, question.body, limits);
    if (!request) {
        return std::move(request.problem());
    }
    take_head(question.fields, *narrowed, *request);
    pipeline::RequestLabels labels{narrowed->tags, routed_headers(question.fields, live.settings->routes())};
    return Asked{std::move(*caller), std::move(*request), std::move(labels), std::move(*narrowed)};
}

std::string why(const policy::RouteLook& look, policy::RequestFacts& facts) {
    if (look.unmet) {
        return explain_condition(*look.rule, *look.unmet, facts);
    }
    std::string all;
    for (std::size_t i = 0; i < policy::condition_count; ++i) {
        const auto condition = static_cast<policy::Condition>(i);
        if (asks_for(*look.rule, condition)) {
            all += all.empty() ? "" : "; ";
            all += explain_condition(*look.rule, condition, facts);
        }
    }
    return all.empty() ? "it asks for nothing but the name" : all;
}

Json rules_json(const std::vector<policy::RouteLook>& looked, policy::RequestFacts& facts) {
    Json rules = Json::array();
    for (const auto& look : looked) {
        rules.push_back({{"name", look.rule->name},
                         {"for", look.model},
                         {"use", look.rule->use},
                         {"matched", !look.unmet},
                         {"unmet", look.unmet ? Json(name_of(*look.unmet)) : Json()},
                         {"why", why(look, facts)}});
    }
    return rules;
}

template <typename Value>
Json or_null(const std::optional<Value>& value) {
    return value ? Json(*value) : Json();
}

Json rounded(double probability) {
    constexpr double hundredths = 100;
    return std::round(probability * hundredths) / hundredths;
}

Json scores_json(const pipeline::ExchangeFacts& facts) {
    const auto& found = facts.classified();
    if (!found) {
        return {};
    }
    Json scores = Json::object();
    for (std::size_t i = 0; i < policy::prompt_class_count; ++i) {
        scores[std::string(name_of(static_cast<policy::PromptClass>(i)))] =
            rounded(found->verdict.probabilities[i]);
    }
    return scores;
}

Json facts_json(pipeline::ExchangeFacts& facts) {
    Json has = Json::array();
    for (std::size_t i = 0; i < chat::content_count; ++i) {
        const auto content = static_cast<chat::Content>(i);
        if (facts.contents().has(content)) {
            has.push_back(name_of(content));
        }
    }
    const auto language = facts.language();
    const auto found_class = facts.classification();
    return {{"prompt_tokens", facts.prompt_tokens().value()},
            {"max_tokens", or_null(facts.max_tokens())},
            {"has", std::move(has)},
            {"tags", facts.tags()},
            {"language", language.empty() ? Json() : Json(language)},
            {"class", found_class ? Json(found_class->name) : Json()},
            {"class_probability", found_class ? rounded(found_class->probability) : Json()},
            {"class_scores", scores_json(facts)},
            {"budget_used", or_null(facts.budget_used())}};
}

Json rate_json(const std::optional<policy::RateView>& rate) {
    return rate ? Json{{"limit", rate->limit}, {"remaining", rate->remaining}} : Json();
}

/// US dollars, as far as millionths.
Json usd_json(PicoUsdSum money) {
    constexpr double dollar = 1e12;
    constexpr double millionths = 1e6;
    return std::round(static_cast<double>(money.clamped().value()) / dollar * millionths) / millionths;
}

Json budget_json(const policy::BudgetView& budget) {
    constexpr double percent = 100;
    return {
        {"usd", usd_json(budget.options.limit)},
        {"period", name_of(budget.options.period)},
        {"settled_usd", usd_json(budget.settled)},
        {"reserved_usd", usd_json(budget.reserved)},
        {"used_percent", static_cast<double>(budget.used) / percent},
        {"unknown_price", budget.options.unknown_price == policy::UnknownPrice::allow ? "allow" : "refuse"}};
}

/// What the request would meet: the limits with what is left of them at this moment, and the budgets.
Json limits_json(const pipeline::Exchange& x, const pipeline::FactSources& sources) {
    const auto reports = x.settings->accounts()->with([&](const policy::AccountBook& book) {
        return book.report(x.accounts, sources.clock.now(), sources.clock.wall());
    });
    Json limits = Json::array();
    for (const auto& report : reports) {
        const auto& most = report.limits.concurrency;
        limits.push_back(
            {{"level", name_of(report.level)},
             {"name", report.name.empty() ? Json() : Json(report.name)},
             {"requests_per_minute", rate_json(report.requests)},
             {"tokens_per_minute", rate_json(report.tokens)},
             {"concurrency", most ? Json{{"limit", *most}, {"running", report.running}} : Json()},
             {"budget", report.budget ? budget_json(*report.budget) : Json()}});
    }
    return limits;
}

/// The most that one call of the request may cost at a target of its plan, those for special cases included
/// where money is set aside; null: nobody knows.
Json worst_case_json(const pipeline::Exchange& x, const Decision& decision, pipeline::ExchangeFacts& facts) {
    const auto worst = pipeline::worst_case(x, facts, facts.now());
    return worst ? usd_json(std::max(*worst, decision.set_aside.value_or(*worst))) : Json();
}

Json problem_json(const Problem& problem) {
    const auto view = view_of(problem);
    return {{"status", view.status}, {"code", view.code}, {"message", view.message}};
}

Json key_json(const policy::Caller& caller, const std::string& model) {
    return {{"name", caller.name},
            {"team", caller.team.empty() ? Json() : Json(caller.team)},
            {"may_use_model", !caller.models || caller.models->allows(model)}};
}

/// The digest is that of the request that the answer was kept for; what that asked is nobody's business here.
Json hit_json(const pipeline::CacheLook& look) {
    const bool by_meaning = look.similarity.has_value();
    return {{"type", policy::name_of(look.tier)},
            {"age_seconds", look.age.count()},
            {"similarity", or_null(look.similarity)},
            {"kept_for", by_meaning ? Json(to_hex(look.found_at)) : Json()},
            {"provider", look.answer->origin->provider},
            {"model", look.answer->origin->upstream_model},
            {"saves_usd", look.answer->cost ? Json(usd_text(*look.answer->cost)) : Json()}};
}

/// Would the cache answer, and if not, why?
Task<Json> cache_json(pipeline::Exchange& x, const CacheView* view, WallTime now) {
    const auto& options = x.settings->cache_of(x.model);
    const auto tier = policy::tier_for(options, x.cache);
    x.identity = pipeline::identify(x);
    const auto bypass = pipeline::why_bypassed(x);
    Json cache = {{"allowed", policy::name_of(tier)},
                  {"bypass", bypass.empty() ? Json() : Json(bypass)},
                  {"key", bypass.empty() ? Json(to_hex(x.identity->exact)) : Json()},
                  {"comparable", x.identity->comparable},
                  {"hit", Json()},
                  {"refusal", Json()},
                  {"meaning", Json()}};
    if (!bypass.empty() || view == nullptr || !x.cache.takes()) {
        co_return cache;
    }
    pipeline::Alias alias(x);
    auto look = pipeline::look_for_answer(x, view->parts.answers.onlooker(), alias, now);
    if (!look.refusal.empty()) {
        cache["refusal"] = look.refusal;
    }
    const bool has_more = view->parts.questions != nullptr && x.identity->inputs.empty();
    if (!look.answer && has_more && pipeline::goes_by_meaning(x)) {
        auto foresight = co_await pipeline::foresee_by_meaning(x, view->parts, view->callers);
        look = std::move(foresight.look);
        cache["meaning"] = {{"threshold", foresight.threshold},
                            {"compared", foresight.compared},
                            {"nearest", or_null(foresight.nearest)}};
        if (!look.refusal.empty()) {
            cache["refusal"] = look.refusal;
        }
    }
    if (look.answer) {
        cache["hit"] = hit_json(look);
    }
    if (const auto inputs = x.identity->inputs.size(); inputs > 1) {
        cache["inputs"] = {{"count", inputs}, {"kept", look.kept_inputs}};
    }
    co_return cache;
}

/// Of an exchange that nobody waits for.
class NoReply : public chat::ReplySink {
public:
    void head(chat::ReplyHead) override {}
    Task<Status> push(std::span<const chat::Delta>) override { co_return done(); }
    Task<Status> finish() override { co_return done(); }
    Task<Status> fail(const Problem&) override { co_return done(); }
    bool content_sent() const noexcept override { return false; }
};

/// As the stages decide, and in their order. A request that is over its limits is followed further, to where
/// it would go when they let it through.
Task<Decision> decide(pipeline::Exchange& x, pipeline::ExchangeFacts& facts,
                      const pipeline::FactSources& sources, const CacheView* cache) {
    Decision decision;
    const auto refuse = [&decision](Status status) {
        if (decision.status) {
            decision.status = std::move(status);
        }
    };
    if (x.caller->expires && *x.caller->expires <= facts.now()) {
        refuse(Problem(ProblemKind::invalid_api_key, "The key has expired."));
        co_return decision;
    }
    refuse(pipeline::admit(x));
    if (!decision.status) {
        co_return decision;
    }
    decision.cache = co_await cache_json(x, cache, facts.now());
    x.accounts = pipeline::accounts_of(x);
    const auto now = sources.clock.now();
    SystemRandom random;
    refuse(pipeline::would_enter(x, now, facts.now()));
    auto routed = pipeline::route(x, facts, now, random, &decision.looked);
    const bool goes_somewhere = bool(routed);
    refuse(std::move(routed));
    if (!goes_somewhere || !pipeline::is_weighed(x, now, random)) {
        co_return decision;
    }
    auto needs = pipeline::weigh(x, facts, now, facts.now(), random);
    if (needs) {
        decision.set_aside = needs->money;
        refuse(pipeline::would_reserve(x, *needs, now, facts.now()));
    } else {
        refuse(std::move(needs.problem()));
    }
    co_return decision;
}

}  // namespace

Task<Result<std::string>> explain(const ExplainQuestion& question, const Live& live,
                                  const pipeline::FactSources& sources, TargetStates states,
                                  const CacheView* cache) {
    auto asked = read(question, live);
    if (!asked) {
        co_return std::move(asked.problem());
    }
    NoReply nobody;
    telemetry::Trail trail;
    pipeline::Exchange x{asked->caller, live.settings, std::move(asked->request), nobody, trail};
    x.total_timeout = asked->narrowed.timeout;
    x.first_token_timeout = asked->narrowed.first_token_timeout;
    x.fallback_off = asked->narrowed.fallback_off;
    x.cache = std::move(asked->narrowed.cache);
    x.labels = std::move(asked->labels);
    pipeline::ExchangeFacts facts(sources, x.request, *x.caller, x.labels, x.settings->classifier(),
                                  x.settings->accounts().get());
    const auto decision = co_await decide(x, facts, sources, cache);

    Json answer = {{"asked_model", x.request.model},
                   {"endpoint", chat::name_of(x.request.endpoint)},
                   {"key", key_json(*x.caller, x.request.model)},
                   {"route", trail.route.empty() ? Json() : Json(trail.route)},
                   {"model", x.model ? Json(x.model->options->name) : Json()}};
    answer.update(targets_json(x, states, facts.prompt_tokens(), sources.clock.now(), facts.now()));
    answer.update({{"cache", decision.cache},
                   {"limits", limits_json(x, sources)},
                   {"worst_case_usd", worst_case_json(x, decision, facts)},
                   {"rules", rules_json(decision.looked, facts)},
                   {"facts", facts_json(facts)},
                   {"problem", decision.status ? Json() : problem_json(decision.status.problem())}});
    co_return answer.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gatehouse::server

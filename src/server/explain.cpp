#include "gatehouse/server/explain.hpp"

#include "asked_endpoint.hpp"
#include "gateway_headers.hpp"
#include "problem_response.hpp"
#include "request_labels.hpp"

#include "gatehouse/pipeline/routing.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <span>
#include <utility>
#include <vector>

namespace gatehouse::server {
namespace {

using Json = nlohmann::ordered_json;

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

Result<std::shared_ptr<const policy::Caller>> caller_of(const std::string& key,
                                                        const pipeline::Settings& settings) {
    if (key.empty()) {
        return std::make_shared<const policy::Caller>();
    }
    auto caller = settings.keys().named(key);
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
    auto caller = caller_of(question.key, *live.settings);
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

/// US dollars for a million tokens of each kind, for a prompt of this length; null: not known.
Json price_json(const upstream::Target& target, TokenCount prompt, WallTime when) {
    const auto* known = target.rates.asked().prices;
    const auto* prices = known == nullptr ? nullptr : known->at(when, prompt);
    if (prices == nullptr) {
        return {};
    }
    constexpr std::int64_t million = 1'000'000;
    Json price = Json::object();
    const auto add = [&](const char* kind, const std::optional<PicoUsd>& each) {
        if (each) {
            price[kind] = usd_text(PicoUsd(each->value() * million));
        }
    };
    add("input", prices->input);
    add("cached_input", prices->cached_input);
    add("cache_write", prices->cache_write);
    add("cache_write_1h", prices->cache_write_1h);
    add("output", prices->output);
    add("input_image", prices->input_image);
    add("input_audio", prices->input_audio);
    add("input_video", prices->input_video);
    add("output_audio", prices->output_audio);
    add("output_image", prices->output_image);
    return price;
}

Json target_json(const upstream::Target& target, TokenCount prompt, WallTime when) {
    const auto& timeouts = target.timeouts;
    return {{"provider", target.provider->name()},
            {"model", target.model},
            {"price", price_json(target, prompt, when)},
            {"timeouts_ms",
             {{"connect", timeouts.connect.count()},
              {"first_byte", timeouts.first_byte.count()},
              {"first_token", timeouts.first_token.count()},
              {"idle", timeouts.idle.count()},
              {"total", timeouts.total.count()}}}};
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

Json problem_json(const Problem& problem) {
    const auto view = view_of(problem);
    return {{"status", view.status}, {"code", view.code}, {"message", view.message}};
}

Json key_json(const policy::Caller& caller, const std::string& model) {
    return {{"name", caller.name},
            {"team", caller.team.empty() ? Json() : Json(caller.team)},
            {"may_use_model", !caller.models || caller.models->allows(model)}};
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

/// As the stages decide; the refusal if there is one.
Status decide(pipeline::Exchange& x, pipeline::ExchangeFacts& facts, Instant now,
              std::vector<policy::RouteLook>& looked) {
    if (x.caller->expires && *x.caller->expires <= facts.now()) {
        return Problem(ProblemKind::invalid_api_key, "The key has expired.");
    }
    auto admitted = pipeline::admit(x);
    if (!admitted) {
        return admitted;
    }
    SystemRandom random;
    return pipeline::route(x, facts, now, random, &looked);
}

}  // namespace

Result<std::string> explain(const ExplainQuestion& question, const Live& live,
                            const pipeline::FactSources& sources) {
    auto asked = read(question, live);
    if (!asked) {
        return std::move(asked.problem());
    }
    NoReply nobody;
    telemetry::Trail trail;
    pipeline::Exchange x{asked->caller, live.settings, std::move(asked->request), nobody, trail};
    x.total_timeout = asked->narrowed.timeout;
    x.first_token_timeout = asked->narrowed.first_token_timeout;
    x.fallback_off = asked->narrowed.fallback_off;
    x.labels = std::move(asked->labels);
    pipeline::ExchangeFacts facts(sources, x.request, *x.caller, x.labels, x.settings->classifier());
    std::vector<policy::RouteLook> looked;
    const auto decided = decide(x, facts, sources.clock.now(), looked);

    Json targets = Json::array();
    for (const auto& target : x.plan) {
        targets.push_back(target_json(target, facts.prompt_tokens(), facts.now()));
    }
    const Json answer = {{"asked_model", x.request.model},
                         {"endpoint", chat::name_of(x.request.endpoint)},
                         {"key", key_json(*x.caller, x.request.model)},
                         {"route", trail.route.empty() ? Json() : Json(trail.route)},
                         {"model", x.model ? Json(x.model->options->name) : Json()},
                         {"targets", std::move(targets)},
                         {"rules", rules_json(looked, facts)},
                         {"facts", facts_json(facts)},
                         {"problem", decided ? Json() : problem_json(decided.problem())}};
    return answer.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gatehouse::server

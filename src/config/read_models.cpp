#include "nearest.hpp"
#include "price_list.hpp"
#include "readers.hpp"
#include "texts.hpp"

#include "gatehouse/policy/model_match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace gatehouse::config {
namespace {

std::size_t stars_in(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '*'));
}

void check_target(const std::string& model, View target, const Providers& providers, Findings& findings) {
    const View provider = target["provider"];
    if (provider.is_scalar() && !providers.has(provider.text())) {
        findings.error(provider.node(), fmt::format("unknown provider {}{}", quote(provider.text()),
                                                    suggestion(provider.text(), providers.names)));
    }
    const View upstream = target["model"];
    if (!upstream.is_scalar()) {
        return;
    }
    if (stars_in(upstream.text()) > 1) {
        findings.error(upstream.node(), fmt::format("{}: at most one `*`", quote(upstream.text())));
    } else if (stars_in(upstream.text()) == 1 && stars_in(model) == 0) {
        findings.error(upstream.node(),
                       fmt::format("{}: `*` stands for what the pattern matched, but {} is no pattern",
                                   quote(upstream.text()), quote(model)));
    }
}

/// The operator's own; none if nothing is said, or that there is none.
policy::ModelPrices price_of(View target) {
    const View price = target["price"];
    if (!price.is_mapping()) {
        return {};
    }
    policy::PriceSheet sheet;
    sheet.standard = read_token_prices(price);
    return policy::ModelPrices({std::move(sheet)});
}

policy::Strategy strategy_of(std::string_view word) noexcept {
    using policy::Strategy;
    constexpr std::array<std::pair<std::string_view, Strategy>, 5> strategies = {
        {{"weighted", Strategy::weighted},
         {"least_latency", Strategy::least_latency},
         {"least_busy", Strategy::least_busy},
         {"cheapest", Strategy::cheapest},
         {"sticky", Strategy::sticky}}};
    for (const auto& [name, strategy] : strategies) {
        if (name == word) {
            return strategy;
        }
    }
    return Strategy::ordered;
}

std::optional<std::chrono::milliseconds> optional_duration(View value) {
    return value.is_scalar() ? std::optional(value.duration({})) : std::nullopt;
}

std::optional<bool> optional_flag(View value) {
    return value.is_scalar() ? std::optional(value.flag(false)) : std::nullopt;
}

std::optional<policy::SlowStreamOptions> read_slow_stream(View from) {
    if (!from["tokens_per_second"].is_scalar()) {
        return std::nullopt;
    }
    policy::SlowStreamOptions o;
    o.tokens_per_second = static_cast<std::int64_t>(from["tokens_per_second"].count(1));
    o.within = from["within"].duration(o.within);
    return o;
}

}  // namespace

std::vector<pipeline::ModelOptions> read_models(View root, const Providers& providers, Findings& findings) {
    std::vector<pipeline::ModelOptions> result;
    const policy::CacheOptions cache = read_cache(root["cache"], {});
    for (const Entry& entry : root["models"].entries()) {
        const View model(entry.value.get());
        pipeline::ModelOptions o;
        o.name = entry.key->text;
        if (stars_in(o.name) > 1) {
            findings.error(*entry.key, fmt::format("model {}: a pattern has one `*`", quote(o.name)));
            continue;
        }
        for (const View target : model["targets"].mappings()) {
            check_target(o.name, target, providers, findings);
            if (providers.is_usable(target["provider"].text())) {
                o.targets.push_back({target["provider"].text(), target["model"].text(),
                                     static_cast<double>(target["weight"].count(1)), price_of(target),
                                     target["price"].text() == "unknown",
                                     optional_flag(target["continues"])});
            }
        }
        o.strategy = strategy_of(model["strategy"].text());
        o.fallbacks = texts_of(model["fallbacks"]);
        o.context_length_fallbacks = texts_of(model["context_length_fallbacks"]);
        o.content_policy_fallbacks = texts_of(model["content_policy_fallbacks"]);
        o.limits = read_rate_limits(model["limits"]);
        if (model["max_output_tokens"].is_scalar()) {
            o.max_output_tokens = static_cast<std::int64_t>(model["max_output_tokens"].count(0));
        }
        const View timeouts = model["timeouts"];
        o.first_byte = optional_duration(timeouts["first_byte"]);
        o.first_token = optional_duration(timeouts["first_token"]);
        o.idle = optional_duration(timeouts["idle"]);
        o.total = optional_duration(timeouts["total"]);
        o.slow_stream = read_slow_stream(model["slow_stream"]);
        if (model["on_midstream_failure"].text() == "continue") {
            o.midstream = policy::MidstreamFailure::go_on;
        }
        o.cache = read_cache(model["cache"], cache);
        result.push_back(std::move(o));
    }
    const bool none_usable =
        std::none_of(result.begin(), result.end(), [](const auto& model) { return !model.targets.empty(); });
    if (result.empty()) {
        findings.warning(0, 0, "no models: every request is answered with model_not_found");
    } else if (none_usable) {
        findings.warning(0, 0, "no model has a usable target: every request fails");
    }
    return result;
}

const Entry* find_model(View root, std::string_view name) {
    const Entry* best = nullptr;
    std::size_t longest = 0;
    for (const Entry& entry : root["models"].entries()) {
        if (entry.key->text == name) {
            return &entry;
        }
        if (stars_in(entry.key->text) != 1) {
            continue;
        }
        const policy::ModelPattern pattern(entry.key->text);
        if (pattern.match(name) && (best == nullptr || pattern.literal_length() > longest)) {
            best = &entry;
            longest = pattern.literal_length();
        }
    }
    return best;
}

std::vector<std::string> routed_names(View root) {
    std::set<std::string> seen;
    std::vector<std::string> names;
    for (const View rule : root["routes"].mappings()) {
        for (const Node* name : rule["when"]["model"].scalars()) {
            if (seen.insert(name->text).second) {
                names.push_back(name->text);
            }
        }
    }
    return names;
}

std::vector<std::string> model_names(View root) {
    std::vector<std::string> names;
    for (const Entry& entry : root["models"].entries()) {
        names.push_back(entry.key->text);
    }
    return names;
}

}  // namespace gatehouse::config

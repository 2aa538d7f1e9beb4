#include "gatehouse/pipeline/settings.hpp"

#include "gatehouse/upstream/provider_embedder.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace gatehouse::pipeline {

namespace {

/// Null if `list` has none of that name: a team that is only a label.
template <typename Options>
const Options* named(const std::vector<Options>& list, std::string_view name) noexcept {
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const Options& each) { return each.name == name; });
    return found == list.end() ? nullptr : &*found;
}

void replace(std::chrono::milliseconds& timeout, const std::optional<std::chrono::milliseconds>& with) {
    if (with) {
        timeout = *with;
    }
}

}  // namespace

Settings::Settings(Parts parts, std::uint64_t version, WallTime loaded_at)
    : version_(version),
      loaded_at_(loaded_at),
      auth_required_(parts.auth_required),
      catalog_(parts.catalog ? std::move(parts.catalog) : std::make_shared<const policy::ModelCatalog>()),
      routes_(std::move(parts.routes)),
      classifier_(std::move(parts.classifier)),
      resilience_(parts.resilience),
      health_(parts.health ? std::move(parts.health) : std::make_shared<upstream::HealthBoard>()),
      accounts_(parts.accounts ? std::move(parts.accounts) : std::make_shared<SharedAccounts>()),
      groups_(std::move(parts.groups)),
      models_(std::move(parts.models)),
      cache_(std::move(parts.cache)),
      routing_version_(parts.routing_version) {
    for (auto& provider : parts.providers) {
        auto name = provider->name();
        providers_.emplace(std::move(name), std::move(provider));
    }
    open_accounts(std::move(parts.keys), parts.now);
    for (std::size_t i = 0; i < models_.size(); ++i) {
        policy::ModelPattern pattern(models_[i].name);
        if (pattern.is_pattern()) {
            patterns_.emplace_back(std::move(pattern), i);
        } else {
            exact_.emplace(models_[i].name, i);
        }
    }
    std::sort(patterns_.begin(), patterns_.end(), [](const auto& a, const auto& b) {
        const auto literal_a = a.first.literal_length();
        const auto literal_b = b.first.literal_length();
        return literal_a != literal_b ? literal_a > literal_b : a.second < b.second;
    });
    targets_.reserve(models_.size());
    for (const auto& model : models_) {
        auto& targets = targets_.emplace_back();
        for (const auto& target : model.targets) {
            targets.push_back(prepared(model, target));
        }
        answering_.push_back(answering_of({&model, {}}));
    }
    for (const auto& part : parts.embedders) {
        embedders_.emplace(part.options.name, made(part));
    }
}

std::shared_ptr<const upstream::Embedder> Settings::made(const EmbedderPart& part) const {
    if (part.local) {
        return part.local;
    }
    upstream::Target target;
    target.provider = provider(part.options.provider);
    target.model = part.options.model;
    target.timeouts = target.provider->options().timeouts;
    complete(target, TargetOptions());
    return std::make_shared<upstream::ProviderEmbedder>(std::move(target), resilience_,
                                                        part.options.dimensions);
}

std::vector<vector::ModelIdentity> Settings::comparing_models() const {
    std::set<std::string_view> names;
    const auto add = [&names](const policy::CacheOptions& options) {
        if (policy::most_allowed(options) == policy::CacheTier::semantic) {
            names.insert(options.semantic.embedder);
        }
    };
    add(cache_);
    for (const auto& model : models_) {
        add(model.cache);
    }
    std::vector<vector::ModelIdentity> models;
    for (const auto name : names) {
        const auto found = embedder(name);
        if (found && found->ready()) {
            models.push_back(found->identity());
        }
    }
    return models;
}

std::shared_ptr<const upstream::Embedder> Settings::embedder(std::string_view name) const {
    const auto found = embedders_.find(name);
    return found == embedders_.end() ? nullptr : found->second;
}

std::shared_ptr<const policy::Caller> Settings::caller_of(KeyOptions key, Instant now) const {
    using policy::Level;
    auto caller = std::make_shared<policy::Caller>();
    caller->name = std::move(key.name);
    if (key.models) {
        caller->models.emplace(std::move(*key.models));
    }
    caller->expires = key.expires;
    caller->team = std::move(key.team);
    caller->tags = std::move(key.tags);
    caller->debug = key.debug;
    caller->admin = key.admin;
    // Of every name: what limits nothing today may do so tomorrow, and shall know then what it has spent.
    accounts_->with([&](policy::AccountBook& book) {
        caller->accounts[0] = book.open(Level::key, caller->name, key.limits, key.budget, now);
        if (!caller->team.empty()) {  // one that is only a label may get a budget later
            const auto* known = named(groups_.teams, caller->team);
            const auto team = known != nullptr ? *known : TeamOptions();
            caller->accounts[1] = book.open(Level::team, caller->team, team.limits, team.budget, now);
            caller->organisation = team.organisation;
        }
        if (const auto* organisation = named(groups_.organisations, caller->organisation)) {
            caller->accounts[2] = book.open(Level::organisation, organisation->name, organisation->limits,
                                            organisation->budget, now);
        }
    });
    return caller;
}

void Settings::open_accounts(std::vector<KeyOptions> keys, Instant now) {
    accounts_->with([&](policy::AccountBook& book) {
        using policy::Level;
        gateway_account_ = book.open(Level::gateway, "", groups_.gateway, std::nullopt, now);
        for (const auto& model : models_) {
            model_accounts_.push_back(book.open(Level::model, model.name, model.limits, std::nullopt, now));
        }
    });
    for (auto& key : keys) {
        const Digest hash = key.hash;
        keys_.add(hash, caller_of(std::move(key), now));
    }
    accounts_->with([&](policy::AccountBook& book) { book.prune(loaded_at_); });
}

policy::Vendor Settings::vendor_of(const upstream::Provider& provider) noexcept {
    switch (provider.vendor()) {
        case chat::Vendor::anthropic:
            return policy::Vendor::anthropic;
        case chat::Vendor::gemini:
            return policy::Vendor::gemini;
        case chat::Vendor::openai:
            break;
    }
    return policy::Vendor::openai;
}

std::shared_ptr<const upstream::Provider> Settings::provider(std::string_view name) const {
    const auto found = providers_.find(name);
    return found == providers_.end() ? nullptr : found->second;
}

std::optional<ModelMatch> Settings::find_model(std::string_view name) const {
    if (const auto found = exact_.find(name); found != exact_.end()) {
        return ModelMatch{&models_[found->second], {}};
    }
    for (const auto& [pattern, index] : patterns_) {
        if (const auto matched = pattern.match(name)) {
            return ModelMatch{&models_[index], std::string(*matched)};
        }
    }
    return std::nullopt;
}

bool Settings::reaches_target(std::string_view name) const {
    std::vector<std::string_view> open{name};
    std::set<std::string_view> seen{name};
    const auto follow = [&](std::string_view other) {
        if (seen.insert(other).second) {
            open.push_back(other);
        }
    };
    while (!open.empty()) {
        const auto next = open.back();
        open.pop_back();
        const auto own = find_model(next);
        if (own && !own->options->targets.empty()) {
            return true;
        }
        if (own) {
            std::for_each(own->options->fallbacks.begin(), own->options->fallbacks.end(), follow);
        }
        for (const auto* rule : routes_.rules_for(next)) {
            follow(rule->use);
        }
    }
    return false;
}

std::vector<upstream::Target> Settings::reachable_targets(const std::vector<std::string>& names) const {
    std::vector<std::string_view> open(names.begin(), names.end());
    std::vector<upstream::Target> all;
    const auto follow = [&open](std::string_view other) {
        if (std::find(open.begin(), open.end(), other) == open.end()) {
            open.push_back(other);
        }
    };
    for (std::size_t i = 0; i < open.size(); ++i) {
        const auto name = open[i];
        if (const auto own = find_model(name)) {
            auto targets = this->targets(*own);
            std::move(targets.begin(), targets.end(), std::back_inserter(all));
            for (const auto* more : {&own->options->fallbacks, &own->options->context_length_fallbacks,
                                     &own->options->content_policy_fallbacks}) {
                std::for_each(more->begin(), more->end(), follow);
            }
        }
        if (routes_.serves(name)) {
            for (const auto* rule : routes_.rules_for(name)) {
                follow(rule->use);
            }
        }
    }
    return all;
}

std::vector<std::string> Settings::listed_models(const policy::Caller& caller) const {
    std::vector<std::string> names;
    const auto list = [&](const std::string& name) {
        if ((!caller.models || caller.models->allows(name)) && reaches_target(name)) {
            names.push_back(name);
        }
    };
    for (const auto& model : models_) {
        if (model.name.find('*') == std::string::npos) {
            list(model.name);
        }
    }
    for (const auto& name : routes_.names()) {
        if (exact_.find(name) == exact_.end()) {
            list(name);
        }
    }
    return names;
}

std::string Settings::upstream_name(const upstream::Target& target, const ModelMatch& match) {
    auto name = target.model;
    if (target.facts == nullptr) {
        name.replace(name.find('*'), 1, match.matched);
    }
    return name;
}

upstream::Target Settings::prepared(const ModelOptions& model, const TargetOptions& target) const {
    upstream::Target made;
    made.provider = provider(target.provider);
    made.model = target.model;
    made.timeouts = made.provider->options().timeouts;
    replace(made.timeouts.first_byte, model.first_byte);
    replace(made.timeouts.first_token, model.first_token);
    replace(made.timeouts.idle, model.idle);
    replace(made.timeouts.total, model.total);
    made.slow_stream = model.slow_stream;
    made.continues = target.continues;
    if (made.model.find('*') == std::string::npos) {
        complete(made, target);
    }
    return made;
}

void Settings::complete(upstream::Target& target, const TargetOptions& options) const {
    const auto vendor = vendor_of(*target.provider);
    const auto known = catalog_->find(vendor, target.model);
    target.facts = &catalog_->facts(known);
    const auto* own = options.price.known() ? &options.price : nullptr;
    const bool free = own == nullptr && target.provider->in_process();
    target.health = health_->of(target.provider->name(), target.model);
    if (!options.price_unknown) {
        target.rates =
            free ? policy::TargetRates::free() : policy::TargetRates(*catalog_, vendor, known, own);
    }
}

std::vector<upstream::Target> Settings::targets(const ModelMatch& match) const {
    auto targets = targets_of(match);
    for (std::size_t i = 0; i < targets.size(); ++i) {
        auto& target = targets[i];
        if (target.facts == nullptr) {
            target.model = upstream_name(target, match);
            complete(target, match.options->targets[i]);
        }
    }
    return targets;
}

Settings::Answering Settings::answering_of(const ModelMatch& match) const {
    const auto& targets = targets_of(match);
    Answering found;
    found.without_temperature = !targets.empty();
    for (const auto& target : targets) {
        const auto known = catalog_->find(vendor_of(*target.provider), upstream_name(target, match));
        found.searching = found.searching || (known.entry != nullptr && known.entry->searches);
        found.without_temperature = found.without_temperature && known.likeness < policy::Likeness::family &&
                                    !catalog_->facts(known).sampling;
    }
    return found;
}

Settings::Answering Settings::answering(const ModelMatch& match) const {
    return match.matched.empty() ? answering_[static_cast<std::size_t>(match.options - models_.data())]
                                 : answering_of(match);
}

bool Settings::leads_to(const ModelMatch& match, std::string_view provider, std::string_view model) const {
    const auto& targets = targets_of(match);
    return std::any_of(targets.begin(), targets.end(), [&](const upstream::Target& target) {
        return target.provider->name() == provider && upstream_name(target, match) == model;
    });
}

std::vector<upstream::TargetHealth::Report> Settings::named_targets(Instant now) const {
    std::vector<const upstream::TargetHealth*> seen;
    std::vector<upstream::TargetHealth::Report> reports;
    for (const auto& model : targets_) {
        for (const auto& target : model) {
            const auto* health = target.health.get();
            if (health != nullptr && std::find(seen.begin(), seen.end(), health) == seen.end()) {
                seen.push_back(health);
                reports.push_back(health->report(resilience_, now));
            }
        }
    }
    return reports;
}

}  // namespace gatehouse::pipeline

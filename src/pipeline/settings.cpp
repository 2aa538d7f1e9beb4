#include "gatehouse/pipeline/settings.hpp"

#include <algorithm>

namespace gatehouse::pipeline {

namespace {

std::shared_ptr<const policy::Caller> caller_of(KeyOptions key) {
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
    return caller;
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
      models_(std::move(parts.models)) {
    for (auto& provider : parts.providers) {
        auto name = provider->name();
        providers_.emplace(std::move(name), std::move(provider));
    }
    for (auto& key : parts.keys) {
        const Digest hash = key.hash;
        keys_.add(hash, caller_of(std::move(key)));
    }
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

std::vector<std::string> Settings::listed_models(const policy::Caller& caller) const {
    std::vector<std::string> names;
    for (const auto& model : models_) {
        const bool pattern = model.name.find('*') != std::string::npos;
        if (!pattern && !model.targets.empty() && (!caller.models || caller.models->allows(model.name))) {
            names.push_back(model.name);
        }
    }
    return names;
}

std::vector<upstream::Target> Settings::targets(const ModelMatch& match) const {
    std::vector<upstream::Target> plan;
    plan.reserve(match.options->targets.size());
    for (const auto& target : match.options->targets) {
        upstream::Target planned;
        planned.provider = provider(target.provider);
        planned.model = target.model;
        if (const auto star = planned.model.find('*'); star != std::string::npos) {
            planned.model.replace(star, 1, match.matched);
        }
        planned.facts = &catalog_->facts(vendor_of(*planned.provider), planned.model);
        planned.timeouts = planned.provider->options().timeouts;
        replace(planned.timeouts.first_byte, match.options->first_byte);
        replace(planned.timeouts.first_token, match.options->first_token);
        replace(planned.timeouts.idle, match.options->idle);
        replace(planned.timeouts.total, match.options->total);
        plan.push_back(std::move(planned));
    }
    return plan;
}

}  // namespace gatehouse::pipeline

// Settings: one consistent, immutable view of the configuration. A request pins the one it began with, so a
// reload never changes a running request.
// Room: pipeline.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/guarded.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/pipeline/options.hpp"
#include "gatehouse/policy/account.hpp"
#include "gatehouse/policy/cache_options.hpp"
#include "gatehouse/policy/classifier.hpp"
#include "gatehouse/policy/key_check.hpp"
#include "gatehouse/policy/model_catalog.hpp"
#include "gatehouse/policy/model_match.hpp"
#include "gatehouse/policy/route_rules.hpp"
#include "gatehouse/upstream/embedder.hpp"
#include "gatehouse/upstream/health.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::pipeline {

/// The model entry that a name met, and what its `*` stood for.
struct ModelMatch {
    const ModelOptions* options;
    std::string matched;
};

/// The accounts of all callers, models and the gateway, shared by all lanes and kept over reloads.
using SharedAccounts = Guarded<policy::AccountBook>;

class Settings {
public:
    /// `local`: of kind local, the model; null for the others, which the settings make.
    struct EmbedderPart {
        upstream::EmbedderOptions options;
        std::shared_ptr<const upstream::Embedder> local;
    };
    struct Parts {
        std::vector<std::shared_ptr<const upstream::Provider>> providers;
        std::vector<ModelOptions> models;
        std::vector<KeyOptions> keys;
        bool auth_required{true};
        std::shared_ptr<const policy::ModelCatalog> catalog;  // null: nothing is known of any model
        upstream::Resilience resilience{};
        std::shared_ptr<upstream::HealthBoard> health;  // null: these settings have one of their own
        std::vector<policy::RouteRule> routes{};
        std::shared_ptr<const policy::Classifier> classifier{};  // null: prompts have no class
        Groups groups{};
        std::vector<EmbedderPart> embedders{};
        std::shared_ptr<SharedAccounts> accounts{};  // null: these settings have some of their own
        Instant now{};                               // when limits that are new begin to count
        policy::CacheOptions cache{};                // of names without an entry of their own
        Digest routing_version{};                    // changes with what may change who answers
    };
    /// `version` counts loads from 1. REQUIRES: targets name providers that exist (config has checked it).
    Settings(Parts parts, std::uint64_t version, WallTime loaded_at);

    std::uint64_t version() const noexcept { return version_; }
    WallTime loaded_at() const noexcept { return loaded_at_; }
    bool auth_required() const noexcept { return auth_required_; }
    const std::shared_ptr<upstream::HealthBoard>& health() const noexcept { return health_; }
    const std::shared_ptr<SharedAccounts>& accounts() const noexcept { return accounts_; }
    /// What a model's entry limits for all callers together.
    const policy::AccountRef& account_of(const ModelMatch& match) const noexcept {
        return model_accounts_[static_cast<std::size_t>(match.options - models_.data())];
    }
    /// Of everything together.
    const policy::AccountRef& gateway_account() const noexcept { return gateway_account_; }
    const upstream::Resilience& resilience() const noexcept { return resilience_; }
    const policy::ModelCatalog& catalog() const noexcept { return *catalog_; }
    const policy::KeyRing& keys() const noexcept { return keys_; }
    /// What the operator says of answers that are shared or kept. `match`: the entry of the name that was
    /// asked for; nothing: only rules serve it.
    const policy::CacheOptions& cache_of(const std::optional<ModelMatch>& match) const noexcept {
        return match ? match->options->cache : cache_;
    }
    /// What is known of how the models answer that a name's own entry leads to.
    struct Answering {
        bool without_temperature{false};  // all are known to take none
        bool searching{false};            // one of them looks things up while it answers
    };
    Answering answering(const ModelMatch& match) const;
    /// Is a provider's model a target of the matched entry's own?
    bool leads_to(const ModelMatch& match, std::string_view provider, std::string_view model) const;
    /// Stands for the way from a name to an answer: while it is the same, so is the way.
    const Digest& routing_version() const noexcept { return routing_version_; }
    /// The caller with such a key under these settings, be it one of theirs or another one.
    std::shared_ptr<const policy::Caller> caller_of(KeyOptions key, Instant now) const;
    const policy::RouteTable& routes() const noexcept { return routes_; }
    /// Null: prompts have no class.
    const policy::Classifier* classifier() const noexcept { return classifier_.get(); }
    std::shared_ptr<const upstream::Provider> provider(std::string_view name) const;
    /// Null: there is none of that name, or its provider is left out. One that is there may still not be
    /// `ready`.
    std::shared_ptr<const upstream::Embedder> embedder(std::string_view name) const;
    /// Which make the vectors that questions are compared by: of the embedders that caches name and that are
    /// ready.
    std::vector<vector::ModelIdentity> comparing_models() const;

    /// Exact name first, then the pattern with the longest literal part.
    std::optional<ModelMatch> find_model(std::string_view name) const;
    /// Can a request for the name reach a target: one of its own, of its fallbacks, or of a model that rules
    /// may choose for it?
    bool reaches_target(std::string_view name) const;
    /// All that may answer requests for one of the names: its own targets, those of its fallbacks, also the
    /// ones for special cases, those of models that rules may choose, and theirs.
    std::vector<upstream::Target> reachable_targets(const std::vector<std::string>& names) const;
    /// Names a caller may list: no patterns, a target that can be reached, allowed for the key; the entries
    /// in the file's order, then the names that only rules serve.
    std::vector<std::string> listed_models(const policy::Caller& caller) const;
    /// The targets of a matched model in the file's order, wildcards filled in, the model's timeouts in place
    /// of the provider's; the facts are the catalog's, the rates its own or the catalog's, the health is the
    /// board's.
    std::vector<upstream::Target> targets(const ModelMatch& match) const;
    /// How the targets stand whose names the file says, each once.
    std::vector<upstream::TargetHealth::Report> named_targets(Instant now) const;
    /// What the catalog knows of a target's model; lives as long as the settings.
    policy::KnownModel known_model(const upstream::Target& target) const noexcept {
        return catalog_->find(vendor_of(*target.provider), target.model);
    }

private:
    Answering answering_of(const ModelMatch& match) const;
    /// As they were made: of an entry with `*` they are not complete.
    const std::vector<upstream::Target>& targets_of(const ModelMatch& match) const noexcept {
        return targets_[static_cast<std::size_t>(match.options - models_.data())];
    }
    /// The upstream name, of one that is not complete too.
    static std::string upstream_name(const upstream::Target& target, const ModelMatch& match);
    void open_accounts(std::vector<KeyOptions> keys, Instant now);
    static policy::Vendor vendor_of(const upstream::Provider& provider) noexcept;
    std::shared_ptr<const upstream::Embedder> made(const EmbedderPart& part) const;
    upstream::Target prepared(const ModelOptions& model, const TargetOptions& target) const;
    /// What follows from the upstream name.
    void complete(upstream::Target& target, const TargetOptions& options) const;

    std::uint64_t version_;
    WallTime loaded_at_;
    bool auth_required_;
    std::shared_ptr<const policy::ModelCatalog> catalog_;
    policy::KeyRing keys_;
    policy::RouteTable routes_;
    std::shared_ptr<const policy::Classifier> classifier_;
    std::map<std::string, std::shared_ptr<const upstream::Provider>, std::less<>> providers_;
    upstream::Resilience resilience_;
    std::shared_ptr<upstream::HealthBoard> health_;
    std::shared_ptr<SharedAccounts> accounts_;
    Groups groups_;
    std::vector<ModelOptions> models_;
    std::vector<policy::AccountRef> model_accounts_;  // of each model
    policy::AccountRef gateway_account_;
    policy::CacheOptions cache_;
    Digest routing_version_;
    std::vector<std::vector<upstream::Target>> targets_;  // of each model; pattern ones are not complete
    std::vector<Answering> answering_;                    // likewise
    std::map<std::string, std::size_t, std::less<>> exact_;
    std::map<std::string, std::shared_ptr<const upstream::Embedder>, std::less<>> embedders_;
    std::vector<std::pair<policy::ModelPattern, std::size_t>> patterns_;  // longest literal first
};

}  // namespace gatehouse::pipeline

// From the checked tree to Options, one function per part of the file, with the checks that need its meaning.
// Room: config. May include: core, policy, options.hpp of other rooms.
#pragma once

#include "check.hpp"
#include "view.hpp"

#include "gatehouse/config/load.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::config {

/// server and auth.
server::ServerOptions read_server(View root, Findings& findings);
telemetry::LogOptions read_log(View root);
store::LedgerOptions read_ledger(View root);

struct Providers {
    std::vector<upstream::ProviderOptions> usable;
    std::vector<std::string> names;  // those left out included
    bool has(std::string_view name) const noexcept;
    bool is_usable(std::string_view name) const noexcept;
};
Providers read_providers(View root, const Checked& checked, Findings& findings);

/// What a `cache` says, on top of what counts without it.
policy::CacheOptions read_cache(View cache, policy::CacheOptions standard);
policy::CacheBounds read_cache_bounds(View root);
/// Changes with anything that may change which model answers a request, or as which of its provider's
/// customers: the same answer is no longer to be expected. Made of all secrets of the providers together, and
/// shown to nobody but as a part of what other digests are made of.
Digest read_routing_version(View root, const Checked& checked, const Sources& sources);

std::vector<pipeline::ModelOptions> read_models(View root, const Providers& providers, Findings& findings);
policy::RetryOptions read_retry(View root);
policy::BreakerOptions read_breaker(View root);
std::optional<policy::HedgeOptions> read_hedge(View root);
/// Fallbacks and `use` of routes: known names, no cycles.
void check_model_graph(View root, Findings& findings);
/// Rules that can never match, names used twice.
void check_routes(View root, Findings& findings);
/// The name of a rule, for a message.
std::string quoted_name(View rule);
/// Rules that others leave nothing to. REQUIRES: not more rules than are allowed.
void check_shadowed_routes(View root, Findings& findings);
/// After the checks; `models` and `keys` are what was read of them. Warns of a `use` that leads to no target
/// and of callers that nobody is.
std::vector<policy::RouteRule> read_routes(View root, const std::vector<pipeline::ModelOptions>& models,
                                           const std::vector<pipeline::KeyOptions>& keys, Findings& findings);
/// References of cache, embedders, rag, organisations and teams.
void check_features(View root, const Providers& providers, Findings& findings);

/// Those whose provider is usable, and the local one where something needs it. After `check_features`.
std::vector<upstream::EmbedderOptions> read_embedders(View root, const Providers& providers,
                                                      Findings& findings);

policy::LimitOptions read_rate_limits(View limits);
/// Nothing where there is none.
std::optional<policy::BudgetOptions> read_budget(View budget);
/// teams, organisations, limits.
pipeline::Groups read_groups(View root);

std::vector<pipeline::KeyOptions> read_keys(View root, const Checked& checked, Findings& findings);
/// One of them, without its hash. REQUIRES: a mapping.
pipeline::KeyOptions read_key(View key);
KeyNames read_key_names(View root);
/// Do its models and its team exist?
void check_key_names(View key, const KeyNames& names, Findings& findings);

/// The price list that is built in, with that of `prices` on top.
std::shared_ptr<const policy::ModelCatalog> read_catalog(View root, const Sources& sources,
                                                         Findings& findings);

/// Warns, once for each, of targets whose model has no price: neither its own nor in the catalog. A simulated
/// one costs nothing; what a `*` stands for is not known yet.
void check_prices(View root, const Providers& providers, const policy::ModelCatalog& catalog,
                  Findings& findings);

/// The table of `classifier`, else the built-in one; null when no rule asks for a class.
std::shared_ptr<const policy::Classifier> read_classifier(View root,
                                                          const std::vector<policy::RouteRule>& routes,
                                                          const Sources& sources, Findings& findings);

/// The `name`s of a list of mappings; one that stands there twice is an error.
std::vector<std::string> distinct_names(View list, std::string_view what, Findings& findings);

/// The entry of `models` that serves this name: the exact one, else the pattern with the longest literal
/// part.
const Entry* find_model(View root, std::string_view name);
/// What clients may name: the entries of `models`, then the names that routes serve.
std::vector<std::string> model_names(View root);
std::vector<std::string> routed_names(View root);

}  // namespace gatehouse::config

// The YAML file, from text to each room's Options. All errors at once, each with file, line, column and the
// nearest known key; keys whose feature this build does not have are accepted with a warning.
//
// Pure but for files and the environment, which come in as functions.
// Room: config. May include: core, policy, and the options.hpp of other rooms.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/pipeline/options.hpp"
#include "gatehouse/policy/cache_options.hpp"
#include "gatehouse/policy/circuit_breaker.hpp"
#include "gatehouse/policy/classifier.hpp"
#include "gatehouse/policy/hedge.hpp"
#include "gatehouse/policy/model_catalog.hpp"
#include "gatehouse/policy/retry.hpp"
#include "gatehouse/policy/route_rules.hpp"
#include "gatehouse/server/options.hpp"
#include "gatehouse/store/options.hpp"
#include "gatehouse/telemetry/options.hpp"
#include "gatehouse/upstream/options.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::config {

/// What the settings of a key may name.
struct KeyNames {
    std::vector<std::string> models;  // the entries of `models`, patterns among them
    std::vector<std::string> routed;  // names that routes serve
    std::vector<std::string> teams;   // empty: a key's team is a label
};

/// Everything the file says, checked.
struct Configuration {
    server::ServerOptions server;
    telemetry::LogOptions log;
    std::vector<upstream::ProviderOptions>
        providers;  // usable ones; optional ones without their keys are left out
    std::vector<upstream::EmbedderOptions> embedders;  // with usable providers only; see read_embedders
    std::vector<pipeline::ModelOptions> models;        // with usable targets only; a model may have none left
    std::vector<policy::RouteRule> routes;
    policy::CacheOptions cache;        // yaml: cache; of names without an entry of their own
    policy::CacheBounds cache_bounds;  // yaml: cache
    Digest routing_version{};          // of providers, models and routes
    std::vector<pipeline::KeyOptions> keys;
    KeyNames key_names;
    pipeline::Groups groups;  // yaml: teams, organisations, limits
    policy::RetryOptions retry;
    policy::BreakerOptions breaker;
    std::optional<policy::HedgeOptions> hedge;
    std::shared_ptr<const policy::Classifier> classifier;  // yaml: classifier; null: no rule asks for a class
    std::shared_ptr<const policy::ModelCatalog> catalog;  // yaml: prices, on top of the list that is built in
    std::string data_dir{"./data"};
    store::LedgerOptions ledger;
    std::string
        masked;  // the file's content as canonical JSON with every secret shown as ***, for /admin/config
};

struct Finding {
    int line{0};  // 1-based; 0: the file as a whole
    int column{0};
    std::string text;
    std::string file{};  // another than the configuration itself: the price list
};

struct Loaded {
    std::optional<Configuration> configuration;  // absent when there are errors
    std::vector<Finding> errors;
    std::vector<Finding> warnings;
    /// `file:line:column: error: text`, one a line.
    std::string report(const std::string& file) const;
};

/// Where secrets and other files come from. The defaults read the process environment and files.
struct Sources {
    std::function<std::optional<std::string>(const std::string& name)> environment;
    std::function<std::optional<std::string>(const std::string& path)> file;      // 64 KiB at most
    std::function<std::optional<std::string>(const std::string& path)> document;  // YAML, 4 MiB at most
};
Sources process_sources();

Loaded load_text(const std::string& yaml, const Sources& sources);
/// Problem invalid_configuration when the file cannot be read or is larger than 4 MiB.
Result<Loaded> load_file(const std::string& path, const Sources& sources);

/// Problem invalid_configuration when callers need no key although a listener is not loopback. For whoever
/// changes the addresses after loading (`--listen`).
Status check_listeners(const server::ServerOptions& options);

/// The JSON schema for editors, generated from the same table that the loader checks against.
std::string json_schema();

}  // namespace gatehouse::config

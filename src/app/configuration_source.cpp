#include "configuration_source.hpp"

#include "bound.hpp"
#include "local_models.hpp"

#include "gatehouse/pipeline/settings.hpp"
#include "gatehouse/upstream/provider.hpp"

namespace gatehouse::app {

namespace {

Result<std::shared_ptr<const pipeline::Settings>> build_settings(config::Configuration& configuration,
                                                                 std::uint64_t version, WallTime now,
                                                                 std::vector<ProviderOrigin>& origins,
                                                                 const pipeline::Settings* before) {
    pipeline::Settings::Parts parts;
    std::shared_ptr<const upstream::LocalModel> local;
    for (auto& options : configuration.embedders) {
        std::shared_ptr<const upstream::LocalModel> model;
        if (options.kind == upstream::EmbedderKind::local) {
            model = load_local_model(options.path);
        }
        if (options.name == upstream::local_embedder) {
            local = model;
        }
        parts.embedders.push_back({std::move(options), std::move(model)});
    }
    for (auto& options : configuration.providers) {
        const std::string name = options.name;
        auto provider = upstream::Provider::make(std::move(options), local);
        if (!provider) {
            return Problem(ProblemKind::invalid_configuration,
                           "providers." + name + ": " + provider.problem().message());
        }
        if (!(*provider)->in_process()) {
            origins.push_back(ProviderOrigin{name, (*provider)->origin()});
        }
        parts.providers.push_back(std::move(*provider));
    }
    parts.models = std::move(configuration.models);
    parts.routes = std::move(configuration.routes);
    parts.classifier = std::move(configuration.classifier);
    parts.keys = std::move(configuration.keys);
    parts.catalog = configuration.catalog;
    parts.resilience = {configuration.retry, configuration.breaker, configuration.hedge};
    if (before != nullptr) {
        parts.health = before->health();
        parts.accounts = before->accounts();
    }
    parts.groups = std::move(configuration.groups);
    parts.cache = configuration.cache;
    parts.routing_version = configuration.routing_version;
    parts.now = std::chrono::steady_clock::now();
    parts.auth_required = configuration.server.auth_required;
    return std::shared_ptr<const pipeline::Settings>(
        std::make_shared<pipeline::Settings>(std::move(parts), version, now));
}

void override_server(server::ServerOptions& server, const GatewayOptions& options) {
    if (!options.listen.empty()) {
        server.listen = {options.listen};
    }
    if (!options.admin_listen.empty()) {
        server.admin_listen = options.admin_listen;
    }
    if (options.lanes != 0) {
        server.lanes = options.lanes;
    }
}

}  // namespace

Result<Built> build_configuration(const GatewayOptions& options, std::uint64_t version, WallTime now,
                                  const server::ServerOptions* bound, const pipeline::Settings* before) {
    auto loaded = config::load_file(options.config_file, options.sources);
    if (!loaded) {
        return std::move(loaded.problem());
    }
    if (!loaded->configuration) {
        return Problem(ProblemKind::invalid_configuration, loaded->report(options.config_file));
    }
    auto& configuration = *loaded->configuration;
    override_server(configuration.server, options);
    std::vector<std::string> kept;
    if (bound != nullptr) {
        kept = keep_bound(configuration.server, *bound);
    }
    auto listeners = config::check_listeners(configuration.server);
    if (!listeners) {
        return std::move(listeners.problem());
    }

    Built built;
    built.log = configuration.log;
    built.masked = std::move(configuration.masked);
    built.data_dir = configuration.data_dir;
    built.ledger = configuration.ledger;
    built.cache = configuration.cache_bounds;
    built.keys = configuration.keys;
    built.key_names = std::move(configuration.key_names);
    for (const auto& warning : loaded->warnings) {
        built.warnings.push_back(options.config_file + ":" + std::to_string(warning.line) + ":" +
                                 std::to_string(warning.column) + ": " + warning.text);
    }
    for (const auto& key : kept) {
        built.warnings.push_back(options.config_file + ": `" + key + "` changes at a restart only");
    }
    if (configuration.server.tls) {
        auto tls = net::TlsIdentity::load(*configuration.server.tls);
        if (!tls) {
            return std::move(tls.problem());
        }
        built.snapshot.tls = std::move(*tls);
    }
    auto settings = build_settings(configuration, version, now, built.origins, before);
    if (!settings) {
        return std::move(settings.problem());
    }
    built.snapshot.live.settings = std::move(*settings);
    built.snapshot.live.options =
        std::make_shared<const server::ServerOptions>(std::move(configuration.server));
    return built;
}

}  // namespace gatehouse::app

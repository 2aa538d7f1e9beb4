#include "gatehouse/config/load.hpp"

#include "check.hpp"
#include "document.hpp"
#include "findings.hpp"
#include "reach.hpp"
#include "readers.hpp"
#include "render.hpp"

#include <fmt/format.h>

namespace gatehouse::config {
namespace {

void append_report(std::string& report, const std::string& file, const char* severity,
                   const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
        const std::string& where = finding.file.empty() ? file : finding.file;
        if (finding.line > 0) {
            report += fmt::format("{}:{}:{}: {}: {}\n", where, finding.line, finding.column, severity,
                                  finding.text);
        } else {
            report += fmt::format("{}: {}: {}\n", where, severity, finding.text);
        }
    }
}

Configuration read_configuration(const Node& root, const Checked& checked, const Sources& sources,
                                 Findings& findings) {
    const View file(&root);
    Configuration configuration;
    configuration.server = read_server(file, findings);
    configuration.log = read_log(file);
    configuration.server.metrics = file["telemetry"]["metrics"]["enabled"].flag(configuration.server.metrics);
    configuration.data_dir = file["data_dir"].text(configuration.data_dir);
    configuration.ledger = read_ledger(file);
    Providers providers = read_providers(file, checked, findings);
    configuration.models = read_models(file, providers, findings);
    configuration.cache = read_cache(file["cache"], configuration.cache);
    configuration.cache_bounds = read_cache_bounds(file);
    configuration.routing_version = read_routing_version(file, checked, sources);
    check_model_graph(file, findings);
    check_routes(file, findings);
    check_features(file, providers, findings);
    configuration.embedders = read_embedders(file, providers, findings);
    configuration.retry = read_retry(file);
    configuration.breaker = read_breaker(file);
    configuration.hedge = read_hedge(file);
    configuration.keys = read_keys(file, checked, findings);
    configuration.key_names = read_key_names(file);
    configuration.groups = read_groups(file);
    configuration.routes = read_routes(file, configuration.models, configuration.keys, findings);
    configuration.classifier = read_classifier(file, configuration.routes, sources, findings);
    configuration.catalog = read_catalog(file, sources, findings);
    check_prices(file, providers, *configuration.catalog, findings);
    check_reach(file, configuration.models, *configuration.catalog, findings);
    configuration.providers = std::move(providers.usable);
    return configuration;
}

}  // namespace

std::string Loaded::report(const std::string& file) const {
    std::string result;
    append_report(result, file, "error", errors);
    append_report(result, file, "warning", warnings);
    return result;
}

Loaded load_text(const std::string& yaml, const Sources& sources) {
    Findings findings;
    Loaded loaded;
    const NodePtr root = parse_document(yaml, findings);
    if (root && root->kind != Node::Kind::mapping && root->kind != Node::Kind::null) {
        findings.error(*root, "the file must be a mapping of sections (server:, providers:, models:, ...)");
    } else if (root) {
        const Checked checked = check_document(*root, sources, findings);
        Configuration configuration = read_configuration(*root, checked, sources, findings);
        if (!findings.has_errors()) {
            configuration.masked = masked_json(*root);
            loaded.configuration = std::move(configuration);
        }
    }
    loaded.errors = findings.take_errors();
    loaded.warnings = findings.take_warnings();
    return loaded;
}

}  // namespace gatehouse::config

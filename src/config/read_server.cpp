#include "readers.hpp"
#include "values.hpp"

#include <fmt/format.h>

namespace gatehouse::config {
namespace {

server::LimitOptions read_limits(View limits) {
    server::LimitOptions o;
    o.header = limits["header"].size(o.header);
    o.body = limits["body"].size(o.body);
    o.json_depth = limits["json_depth"].count(o.json_depth);
    o.connections = limits["connections"].count(o.connections);
    o.connections_per_address = limits["connections_per_address"].count(o.connections_per_address);
    o.header_timeout = limits["header_timeout"].duration(o.header_timeout);
    o.body_timeout = limits["body_timeout"].duration(o.body_timeout);
    o.idle_timeout = limits["idle_timeout"].duration(o.idle_timeout);
    o.write_timeout = limits["write_timeout"].duration(o.write_timeout);
    return o;
}

std::vector<std::string> texts(View list) {
    std::vector<std::string> result;
    for (const Node* item : list.scalars()) {
        result.push_back(item->text);
    }
    return result;
}

/// The value that an address came from, for the position of an error; the file as a whole for a default.
const Node& place_of(View value) {
    static const Node whole_file;
    return value.present() ? value.node() : whole_file;
}

void check_addresses(View root, const server::ServerOptions& options, Findings& findings) {
    const View server = root["server"];
    std::vector<Address> taken;
    for (const Node* item : server["listen"].scalars()) {
        const auto address = parse_address(item->text);
        if (!address) {
            continue;  // reported by the checker
        }
        for (const Address& other : taken) {
            if (addresses_collide(*address, other)) {
                findings.error(*item,
                               fmt::format("`server.listen`: {} is already listened on", quote(item->text)));
            }
        }
        taken.push_back(*address);
    }
    const auto admin = parse_address(options.admin_listen);
    if (!admin) {
        return;
    }
    for (const std::string& listen : options.listen) {
        const auto client = parse_address(listen);
        if (client && addresses_collide(*client, *admin)) {
            const View culprit = server["admin_listen"].present() ? server["admin_listen"] : server["listen"];
            findings.error(
                place_of(culprit),
                fmt::format(
                    "`server.admin_listen`: {} is the client address; the admin listener needs its own",
                    quote(options.admin_listen)));
            return;
        }
    }
}

void check_open_door(View root, const server::ServerOptions& options, Findings& findings) {
    const Status allowed = check_listeners(options);
    if (!allowed) {
        findings.error(place_of(root["auth"]["required"]), allowed.problem().message());
    }
}

void check_origins(View origins, Findings& findings) {
    for (const Node* item : origins.scalars()) {
        if (item->text == "*") {
            continue;
        }
        const std::string_view fault = url_fault(item->text);
        const bool has_path = item->text.find('/', item->text.find("://") + 3) != std::string::npos;
        if (!fault.empty() || has_path) {
            findings.error(*item,
                           fmt::format("`server.cors.origins`: {} is not an origin (https://app.example.com)",
                                       quote(item->text)));
        }
    }
}

}  // namespace

server::ServerOptions read_server(View root, Findings& findings) {
    const View server = root["server"];
    server::ServerOptions o;
    if (server["listen"].present()) {
        o.listen = texts(server["listen"]);
    }
    o.admin_listen = server["admin_listen"].text(o.admin_listen);
    o.admin_hosts = texts(server["admin_hosts"]);
    o.lanes = server["lanes"].count(o.lanes);
    if (server["tls"].present()) {
        o.tls = net::TlsServerOptions{server["tls"]["certificate"].text(), server["tls"]["key"].text()};
    }
    o.limits = read_limits(server["limits"]);
    o.cors.origins = texts(server["cors"]["origins"]);
    o.keepalive_comment = server["keepalive_comment"].duration(o.keepalive_comment);
    o.commit_after = server["commit_after"].duration(o.commit_after);
    o.drain = server["drain"].duration(o.drain);
    o.auth_required = root["auth"]["required"].flag(o.auth_required);
    check_addresses(root, o, findings);
    check_open_door(root, o, findings);
    check_origins(server["cors"]["origins"], findings);
    return o;
}

store::LedgerOptions read_ledger(View root) {
    const View ledger = root["ledger"];
    store::LedgerOptions o;
    o.enabled = ledger["enabled"].flag(o.enabled);
    o.retention = ledger["retention"].duration(o.retention);
    return o;
}

telemetry::LogOptions read_log(View root) {
    const View log = root["telemetry"]["log"];
    telemetry::LogOptions o;
    const std::string level = log["level"].text();
    if (level == "debug") {
        o.level = telemetry::LogLevel::debug;
    } else if (level == "warning") {
        o.level = telemetry::LogLevel::warning;
    } else if (level == "error") {
        o.level = telemetry::LogLevel::error;
    }
    if (log["format"].text() == "text") {
        o.format = telemetry::LogFormat::text;
    }
    return o;
}

Status check_listeners(const server::ServerOptions& options) {
    if (options.auth_required) {
        return done();
    }
    std::vector<std::string> all = options.listen;
    all.push_back(options.admin_listen);
    for (const std::string& listen : all) {
        const auto address = parse_address(listen);
        if (address && !address->loopback) {
            return Problem(
                ProblemKind::invalid_configuration,
                fmt::format("`auth.required: false` is allowed only while every listener is loopback; {} is "
                            "open to the network",
                            quote(listen)));
        }
    }
    return done();
}

}  // namespace gatehouse::config

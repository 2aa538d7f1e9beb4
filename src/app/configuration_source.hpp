// From the configuration file to a snapshot that lanes can serve from: load, check, build.
// Room: app.
#pragma once

#include "live_board.hpp"
#include "pool_gauges.hpp"

#include "gatehouse/app/gatehouse.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::app {

struct Built {
    Snapshot snapshot;
    telemetry::LogOptions log;
    std::string masked;                   // for /admin/config
    std::vector<std::string> warnings;    // `file:line:column: text`
    std::vector<ProviderOrigin> origins;  // of the providers that are called over the network
    std::string data_dir;
    store::LedgerOptions ledger;
    policy::CacheBounds cache;
    std::vector<pipeline::KeyOptions> keys;  // that the settings know
    config::KeyNames key_names;
};

/// Reads the file of `options`, applies its overrides, and builds everything that can be replaced at a
/// reload. `bound`, unless null, is what a running process cannot change: it stays, and a warning says so.
/// `before`: the settings in force, whose knowledge of targets and accounts lives on; null: none.
/// Blocks (files). Problem invalid_configuration with all findings, one a line.
Result<Built> build_configuration(const GatewayOptions& options, std::uint64_t version, WallTime now,
                                  const server::ServerOptions* bound = nullptr,
                                  const pipeline::Settings* before = nullptr);

}  // namespace gatehouse::app

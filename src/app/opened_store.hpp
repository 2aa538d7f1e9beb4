// What lasts: the store, on the disk or, where that cannot be, in memory. Room: app.
#pragma once

#include "gatehouse/store/store.hpp"
#include "gatehouse/telemetry/metrics.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::app {

struct OpenedStore {
    std::unique_ptr<store::ConversationStore> conversations;  // null: none are kept
    std::unique_ptr<store::Ledger> ledger;                    // null: it is off
    std::unique_ptr<store::KeyStore> keys;                    // null: none can be changed
    std::string why_not_on_disk;                              // empty: it is there
};

/// A disk that cannot be used is no reason not to serve: conversations then last as long as the process, and
/// the ledger's rows are lost.
OpenedStore open_store_or_memory(const store::StoreOptions& options);

/// For the metrics; nothing where there is no ledger.
std::optional<telemetry::LedgerGauge> ledger_gauge(const store::Ledger* ledger);

/// The parts that work less well than they should.
std::vector<std::string> degraded_parts(const store::Ledger* ledger, bool on_disk, bool keys_sound);

}  // namespace gatehouse::app

#include "opened_store.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <utility>

namespace gatehouse::app {

OpenedStore open_store_or_memory(const store::StoreOptions& options) {
    OpenedStore made;
    auto opened = store::open_store(options);
    if (opened) {
        made.conversations = std::move(opened->conversations);
        made.ledger = std::move(opened->ledger);
        made.keys = std::move(opened->keys);
        return made;
    }
    made.why_not_on_disk = opened.problem().message();
    telemetry::log(telemetry::LogLevel::error, "store_in_memory_only",
                   {{"data_dir", options.directory}, {"reason", made.why_not_on_disk}});
    if (auto in_memory = store::conversations_in_memory(options.conversations)) {
        made.conversations = std::move(*in_memory);
    }
    made.ledger = options.ledger.enabled ? store::ledger_without_disk() : nullptr;
    return made;
}

std::optional<telemetry::LedgerGauge> ledger_gauge(const store::Ledger* ledger) {
    if (ledger == nullptr) {
        return std::nullopt;
    }
    const auto counts = ledger->counts();
    return telemetry::LedgerGauge{counts.rows,        counts.lost,   counts.waiting,     counts.commits,
                                  counts.commit_time, counts.usable, counts.without_tags};
}

std::vector<std::string> degraded_parts(const store::Ledger* ledger, bool on_disk, bool keys_sound) {
    std::vector<std::string> parts;
    if (!on_disk) {
        parts.emplace_back("conversations");
    }
    if (!keys_sound) {
        parts.emplace_back("keys");
    }
    if (ledger != nullptr && !ledger->counts().usable) {
        parts.emplace_back("ledger");
    }
    return parts;
}

}  // namespace gatehouse::app

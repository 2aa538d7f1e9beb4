#include "load_account.hpp"

#include "timestamp.hpp"

#include <nlohmann/json.hpp>

namespace gatehouse::app {

std::string show(const LoadAccount& account) {
    nlohmann::json shown;
    shown["version"] = account.version;
    shown["loaded_at"] = timestamp(account.loaded_at);
    shown["file"] = account.file;
    shown["warnings"] = account.warnings;
    shown["last_reload_error"] = nullptr;
    if (account.failed) {
        shown["last_reload_error"] = {{"at", timestamp(account.failed->at)},
                                      {"findings", account.failed->findings}};
    }
    shown["configuration"] = nlohmann::json::parse(account.masked, nullptr, false);
    return shown.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace gatehouse::app

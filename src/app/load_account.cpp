#include "load_account.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <ctime>

namespace gatehouse::app {

namespace {

std::string timestamp(WallTime time) {
    const auto seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return std::string(text.data(), size);
}

}  // namespace

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

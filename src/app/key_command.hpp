// `gatehouse key create|list|show|update|revoke|rotate`: keys of a running gateway, by way of its admin
// listener.
//
// The admin's own key comes from the environment: on a command line everybody on the machine could read it.
// Room: app.
#pragma once

#include "admin_client.hpp"

#include "gatehouse/core/secret.hpp"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace gatehouse::app {

inline constexpr const char* admin_key_variable = "GATEHOUSE_ADMIN_KEY";

/// Of a key, as the command line says them; absent: not said.
struct KeySettings {
    std::optional<std::vector<std::string>> models;
    std::optional<std::string> requests_per_minute;
    std::optional<std::string> tokens_per_minute;
    std::optional<std::string> concurrency;
    std::optional<std::string> budget_usd;
    std::optional<std::string> budget_period;
    std::optional<std::string> budget_warn_at;
    std::optional<std::string> budget_unknown_price;
    std::vector<std::string> tags;  // `k=v`
    std::optional<std::string> team;
    std::optional<std::string> expires;
    std::optional<bool> debug;
    std::optional<bool> admin;
    std::vector<std::string> unset;  // members to be removed
};

struct KeyCommand {
    enum class Does : std::uint8_t { create, list, show, update, revoke, rotate };

    Does does{Does::list};
    AdminAddress address{};
    bool json{false};
    std::string which{};  // id or name; of `create` the name
    KeySettings settings{};
};

/// The commands below `gatehouse key`. Answers with the one that was given, once the line has been parsed.
std::function<std::optional<KeyCommand>()> add_key_commands(CLI::App& key);

/// The settings as the admin API takes them: a JSON object. Problem invalid_value: a tag without `=`.
Result<std::string> key_body(const KeyCommand& command);

/// How a command asks the gateway.
using AskAdmin = std::function<Result<AdminAnswer>(std::string_view method, std::string_view target,
                                                   std::string_view body)>;

/// Exit codes as of the other commands: 0; 1 when the gateway refuses or cannot be reached; 2 for what is
/// wrong with the line.
int run_key_command(const KeyCommand& command, const AskAdmin& ask, std::ostream& out, std::ostream& err);

}  // namespace gatehouse::app

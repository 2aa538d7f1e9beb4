#include "key_command.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>

namespace gatehouse::app {
namespace {

/// Stays absent where neither form of the flag is given: CLI11 itself would set it to false.
void add_switch(CLI::App& command, const char* names, std::optional<bool>& value, const char* meaning) {
    command.add_flag_function(names, [&value](std::int64_t count) { value = count > 0; }, meaning);
}

void add_settings(CLI::App& command, KeySettings& settings) {
    command.add_option("--models", settings.models, "Names and patterns it may use; without it: all.")
        ->delimiter(',')
        ->allow_extra_args(false);
    command.add_option("--requests-per-minute", settings.requests_per_minute, "600, 6k; 0 blocks.");
    command.add_option("--tokens-per-minute", settings.tokens_per_minute, "200k, 2M; 0 blocks.");
    command.add_option("--concurrency", settings.concurrency, "Requests at one time; 0 blocks.");
    command.add_option("--budget-usd", settings.budget_usd, "What it may spend, in US dollars.");
    command.add_option("--budget-period", settings.budget_period, "day, week, month or total.");
    command.add_option("--budget-warn-at", settings.budget_warn_at, "80%: then answers carry a warning.");
    command.add_option("--budget-unknown-price", settings.budget_unknown_price, "refuse or allow.");
    command.add_option("--tag", settings.tags, "NAME=VALUE; may be repeated.")->allow_extra_args(false);
    command.add_option("--team", settings.team, "Its team.");
    command.add_option("--expires", settings.expires, "2027-01-01T00:00:00Z: from then on it is unknown.");
    add_switch(command, "--debug,!--no-debug", settings.debug, "May ask for x-gatehouse-debug.");
    add_switch(command, "--administrator,!--no-administrator", settings.admin, "May use /admin.");
}

}  // namespace

std::function<std::optional<KeyCommand>()> add_key_commands(CLI::App& key) {
    using Does = KeyCommand::Does;
    const auto command = std::make_shared<KeyCommand>();
    const auto given = std::make_shared<bool>(false);
    const auto add = [&](const char* name, Does does, const char* meaning) {
        auto* made = key.add_subcommand(name, meaning);
        made->add_option("--admin", command->address.url, "The admin listener of the gateway.")
            ->capture_default_str();
        made->add_option("--ca-file", command->address.ca_file, "Trust anchors beside the system's, PEM.");
        made->add_flag("--json", command->json, "Print what the gateway answers.");
        made->footer(std::string("The admin's key is taken from the environment: ") + admin_key_variable +
                     ".");
        made->callback([command, given, does] {
            command->does = does;
            *given = true;
        });
        return made;
    };
    const auto add_with_key = [&](const char* name, Does does, const char* meaning) {
        auto* made = add(name, does, meaning);
        made->add_option("key", command->which, "Its id or its name.")->required();
        return made;
    };
    auto* create = add("create", Does::create, "Make a key in the running gateway, and print it once.");
    create->add_option("--name", command->which, "What the key is called in logs and metrics.")->required();
    add_settings(*create, command->settings);
    add("list", Does::list, "List the keys of the running gateway.");
    add_with_key("show", Does::show, "Show one of them.");
    auto* update = add_with_key("update", Does::update, "Change what a key may do.");
    add_settings(*update, command->settings);
    update->add_option("--unset", command->settings.unset, "A setting to be removed, such as `models`.")
        ->delimiter(',')
        ->allow_extra_args(false);
    add_with_key("revoke", Does::revoke, "Refuse a key from now on.");
    add_with_key("rotate", Does::rotate, "Give a key another value, and print it once.");
    return [command, given] { return *given ? std::optional(*command) : std::nullopt; };
}

}  // namespace gatehouse::app

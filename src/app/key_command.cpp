#include "key_command.hpp"

#include "exit_code.hpp"

#include "gatehouse/core/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <ostream>
#include <utility>

namespace gatehouse::app {
namespace {

using Json = nlohmann::ordered_json;
using Does = KeyCommand::Does;

constexpr std::string_view keys_path = "/admin/keys";
constexpr std::string_view key_prefix = "gh-";

void add(Json& to, const char* name, const auto& value) {
    if (value) {
        to[name] = *value;
    }
}

/// The value of a member for people.
std::string shown(const Json& object, std::string_view name) {
    const auto found = object.find(name);
    if (found == object.end() || found->is_null()) {
        return "";
    }
    if (found->is_array()) {
        std::string list;
        for (const auto& item : *found) {
            list += (list.empty() ? "" : ",") + shown(Json{{"item", item}}, "item");
        }
        return list.empty() ? "(none)" : list;
    }
    // A terminal obeys control characters.
    return without_controls(found->is_string() ? found->get<std::string>() : found->dump());
}

std::string shown_budget(const Json& key) {
    const auto budget = key.find("budget");
    if (budget == key.end() || !budget->is_object()) {
        return "";
    }
    const auto period = shown(*budget, "period");
    return shown(*budget, "usd") + "/" + (period.empty() ? "month" : period);
}

/// Columns as wide as what is in them.
std::string table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += fmt::format("{:<{}}", row[i], widths[i] + 2);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

std::string list_table(const Json& keys) {
    std::vector<std::vector<std::string>> rows{{"NAME", "ID", "STATE", "SOURCE", "TEAM", "MODELS",
                                                "REQUESTS/MIN", "TOKENS/MIN", "CONCURRENCY", "BUDGET",
                                                "EXPIRES", "ADMIN"}};
    for (const auto& key : keys) {
        rows.push_back({shown(key, "name"), shown(key, "id"), shown(key, "state"), shown(key, "source"),
                        shown(key, "team"), key.contains("models") ? shown(key, "models") : "(all)",
                        shown(key, "requests_per_minute"), shown(key, "tokens_per_minute"),
                        shown(key, "concurrency"), shown_budget(key), shown(key, "expires"),
                        shown(key, "admin")});
    }
    return table(rows);
}

std::string key_table(const Json& key) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, value] : key.items()) {
        if (name != "object" && name != "key") {
            rows.push_back({name, shown(key, name)});
        }
    }
    return table(rows);
}

/// A refusal, in its own words.
std::string refusal(const AdminAnswer& answer) {
    const auto body = Json::parse(answer.body, nullptr, false);
    const auto error = body.is_object() ? body.value("error", Json()) : Json();
    if (!error.is_object()) {
        return fmt::format("the answer has the status {}", answer.status);
    }
    const auto param = shown(error, "param");
    return shown(error, "message") + (param.empty() ? "" : fmt::format(" ({})", param));
}

/// The answer's JSON; nothing when it is a refusal, which has been printed then.
std::optional<Json> good_answer(const Result<AdminAnswer>& answer, std::ostream& err) {
    if (!answer) {
        err << "the gateway cannot be asked: " << answer.problem().message() << '\n';
        return std::nullopt;
    }
    if (answer->status / 100 != 2) {
        err << refusal(*answer) << '\n';
        if (answer->status == 401 || answer->status == 403) {
            err << "the admin's key is taken from the environment: " << admin_key_variable << '\n';
        }
        return std::nullopt;
    }
    auto body = Json::parse(answer->body, nullptr, false);
    if (!body.is_object()) {
        err << "the answer is not JSON: is this a gateway's admin listener?\n";
        return std::nullopt;
    }
    return body;
}

int list(const KeyCommand& command, const AskAdmin& ask, std::ostream& out, std::ostream& err) {
    Json keys = Json::array();
    std::string target = std::string(keys_path) + "?limit=1000";
    for (bool more = true; more;) {
        const auto page = good_answer(ask("GET", target, {}), err);
        if (!page) {
            return exit_failure;
        }
        const auto items = page->value("data", Json::array());
        keys.insert(keys.end(), items.begin(), items.end());
        more = page->value("has_more", false) && !items.empty();
        if (more) {
            target =
                fmt::format("{}?limit=1000&after={}", keys_path, percent_encoded(shown(items.back(), "id")));
        }
    }
    if (command.json) {
        out << Json{{"object", "list"}, {"data", std::move(keys)}, {"has_more", false}}.dump(2) << '\n';
    } else {
        out << list_table(keys);
    }
    return exit_done;
}

struct Asked {
    std::string_view method;
    std::string target;
    std::string body;
};

Asked asked_by(const KeyCommand& command, std::string body) {
    const std::string one = std::string(keys_path) + "/" + percent_encoded(command.which);
    switch (command.does) {
        case Does::create:
            return {"POST", std::string(keys_path), std::move(body)};
        case Does::update:
            return {"PATCH", one, std::move(body)};
        case Does::revoke:
            return {"DELETE", one, {}};
        case Does::rotate:
            return {"POST", one + "/rotate", {}};
        default:
            return {"GET", one, {}};
    }
}

}  // namespace

Result<std::string> key_body(const KeyCommand& command) {
    const auto& settings = command.settings;
    Json body = Json::object();
    if (command.does == Does::create) {
        body["name"] = command.which;
    }
    add(body, "models", settings.models);
    add(body, "requests_per_minute", settings.requests_per_minute);
    add(body, "tokens_per_minute", settings.tokens_per_minute);
    add(body, "concurrency", settings.concurrency);
    Json budget = Json::object();
    add(budget, "usd", settings.budget_usd);
    add(budget, "period", settings.budget_period);
    add(budget, "warn_at", settings.budget_warn_at);
    add(budget, "unknown_price", settings.budget_unknown_price);
    if (!budget.empty()) {
        body["budget"] = std::move(budget);
    }
    for (const auto& tag : settings.tags) {
        const auto equals = tag.find('=');
        if (equals == std::string::npos) {
            return Problem(ProblemKind::invalid_value, "--tag: expected NAME=VALUE, found `" + tag + "`");
        }
        body["tags"][tag.substr(0, equals)] = tag.substr(equals + 1);
    }
    add(body, "team", settings.team);
    add(body, "expires", settings.expires);
    add(body, "debug", settings.debug);
    add(body, "admin", settings.admin);
    for (const auto& name : settings.unset) {
        if (body.contains(name)) {
            return Problem(ProblemKind::invalid_value, "--unset: `" + name + "` is set on the same line");
        }
        body[name] = nullptr;
    }
    return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

int run_key_command(const KeyCommand& command, const AskAdmin& ask, std::ostream& out, std::ostream& err) {
    if (command.does == Does::list) {
        return list(command, ask, out, err);
    }
    if (command.does != Does::create && command.which.starts_with(key_prefix)) {
        err << "a key is named by its id or its name, not by its value\n";
        return exit_usage;
    }
    auto body = key_body(command);
    if (!body) {
        err << body.problem().message() << '\n';
        return exit_usage;
    }
    const Asked asked = asked_by(command, std::move(*body));
    const auto answer = ask(asked.method, asked.target, asked.body);
    const auto key = good_answer(answer, err);
    if (!key) {
        return exit_failure;
    }
    if (command.json) {
        out << answer->body << '\n';
        return exit_done;
    }
    if (command.does == Does::revoke) {
        out << "revoked: " << shown(*key, "id") << '\n';
        return exit_done;
    }
    if (const auto secret = shown(*key, "key"); !secret.empty()) {
        out << "The key, shown this once:\n\n  " << secret << "\n\n";
    }
    out << key_table(*key);
    return exit_done;
}

}  // namespace gatehouse::app

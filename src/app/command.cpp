#include "command.hpp"

#include "gatehouse/app/version.hpp"

#include <CLI/CLI.hpp>

#include <ostream>

namespace gatehouse::app {
namespace {

void add_place(CLI::App& command, DataPlace& place) {
    auto* group = command.add_option_group("place");
    group->add_option("--config", place.file, "The YAML file, for its data_dir.");
    group->add_option("--data-dir", place.directory, "The directory itself.");
    group->require_option(1);
}

/// Options named as the parameters of /admin/usage, with dashes.
void add_usage_words(CLI::App& command, std::vector<std::pair<std::string, std::string>>& words) {
    const auto add = [&](const char* option, const char* word, const char* meaning) {
        command.add_option_function<std::string>(
            option, [&words, word](const std::string& value) { words.emplace_back(word, value); }, meaning);
    };
    add("--group-by", "group_by",
        "Up to three of day, key, team, organisation, endpoint, model, provider, upstream_model, tag:NAME.");
    add("--from", "from", "The first day, such as 2026-11-01 (UTC); by default 29 before the last.");
    add("--to", "to", "The last day; by default today.");
    add("--key", "key", "Only this key's.");
    add("--team", "team", "Only this team's.");
    add("--organisation", "organisation", "Only this organisation's.");
    add("--model", "model", "Only of this entry of `models`.");
    add("--provider", "provider", "Only what this provider answered.");
    add("--format", "format", "table (the default), csv or json.");
}

}  // namespace

Command parse_command(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
    CLI::App app{"Gatehouse: a gateway between your services and every model provider."};
    app.set_version_flag("--version", std::string("gatehouse ") + version);
    app.require_subcommand(1);

    ServeCommand serve;
    auto* serve_command = app.add_subcommand("serve", "Run the gateway.");
    serve_command->add_option("--config", serve.options.config_file, "The YAML file.")->required();
    serve_command->add_option("--listen", serve.options.listen,
                              "ADDRESS:PORT for clients, instead of server.listen.");
    serve_command->add_option("--admin-listen", serve.options.admin_listen,
                              "ADDRESS:PORT for administration, instead of server.admin_listen.");

    CheckCommand check;
    auto* check_command =
        app.add_subcommand("check", "Validate a configuration file: all errors, or one line.");
    check_command->add_option("file", check.file, "The YAML file.")->required();

    NewKeyCommand new_key;
    auto* key_command = app.add_subcommand("key", "Caller keys.");
    key_command->require_subcommand(1);
    auto* new_key_command =
        key_command->add_subcommand("new", "Print a fresh key once, and its hash for the file.");
    new_key_command->add_option("--name", new_key.name, "What the key is called in logs and metrics.")
        ->required();
    new_key_command->add_option("--config", new_key.file, "Refuse a name that this file uses already.");
    const auto of_running_gateway = add_key_commands(*key_command);

    ExplainCommand explain;
    auto* explain_command = app.add_subcommand(
        "explain", "Say which route, model and targets the request on standard input would meet, and why.");
    explain_command->add_option("--config", explain.file, "The YAML file.")->required();
    explain_command->add_option("--key", explain.key, "The name of the key that asks.");
    explain_command->add_option("--endpoint", explain.endpoint, "The path; /v1/chat/completions by default.");

    TrainCommand train;
    EvaluateCommand evaluate;
    auto* classifier_command =
        app.add_subcommand("classifier", "The table that tells what a prompt is about.");
    classifier_command->require_subcommand(1);
    auto* train_command = classifier_command->add_subcommand(
        "train", "Make a table from labelled prompts, and print how well it does on those held out.");
    constexpr const char* prompts = "JSON lines: {\"text\": \"…\", \"class\": \"code\"}.";
    train_command->add_option("--in", train.in, prompts)->required();
    train_command->add_option("--out", train.out, "The table.")->required();
    train_command->add_option(
        "--calibrate", train.calibrate,
        "Prompts of another origin, to fit the probabilities to; by default the fifth of "
        "`--in` that is held out.");
    auto* evaluate_command =
        classifier_command->add_subcommand("evaluate", "Print how well a table does on labelled prompts.");
    evaluate_command->add_option("--in", evaluate.in, prompts)->required();
    evaluate_command->add_option("--table", evaluate.table, "The table; by default the one compiled in.");
    evaluate_command->add_option("--threshold", evaluate.threshold, "Verdicts below it count as abstentions.")
        ->check(CLI::Range(0.0, 1.0));

    UsageCommand usage;
    auto* usage_command = app.add_subcommand("usage", "Print what was used, also while the gateway runs.");
    add_place(*usage_command, usage.place);
    add_usage_words(*usage_command, usage.words);

    BackupCommand backup;
    auto* backup_command =
        app.add_subcommand("backup", "Copy the database, also while the gateway runs, and check the copy.");
    add_place(*backup_command, backup.place);
    backup_command->add_option("to", backup.to, "A file that is not there yet.")->required();

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        constexpr int exit_usage = 2;
        return Answered{app.exit(error, out, err) == 0 ? 0 : exit_usage};
    }
    if (serve_command->parsed()) {
        return serve;
    }
    if (check_command->parsed()) {
        return check;
    }
    if (explain_command->parsed()) {
        return explain;
    }
    if (train_command->parsed()) {
        return train;
    }
    if (evaluate_command->parsed()) {
        return evaluate;
    }
    if (usage_command->parsed()) {
        return usage;
    }
    if (backup_command->parsed()) {
        return backup;
    }
    if (const auto wanted = of_running_gateway()) {
        return *wanted;
    }
    return new_key;
}

}  // namespace gatehouse::app

#include "command.hpp"

#include "gatehouse/app/version.hpp"

#include <CLI/CLI.hpp>

#include <ostream>

namespace gatehouse::app {

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
    auto* new_key_command = key_command->add_subcommand("new", "Print a fresh key once, and its hash.");
    new_key_command->add_option("--name", new_key.name, "What the key is called in logs and metrics.")
        ->required();
    new_key_command->add_option("--config", new_key.file, "Refuse a name that this file uses already.");

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
    return new_key;
}

}  // namespace gatehouse::app

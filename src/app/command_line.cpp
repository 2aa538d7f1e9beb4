#include "gatehouse/app/command_line.hpp"

#include "classifier_command.hpp"
#include "command.hpp"
#include "configuration_source.hpp"
#include "data_commands.hpp"
#include "encodings.hpp"
#include "exit_code.hpp"

#include "gatehouse/config/load.hpp"
#include "gatehouse/core/ids.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/net/lane.hpp"
#include "gatehouse/server/explain.hpp"
#include "gatehouse/telemetry/log.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <variant>

namespace gatehouse::app {

namespace {

int serve(GatewayOptions options) {
    telemetry::Log log{telemetry::LogOptions{}};
    telemetry::set_process_log(&log);
    options.handle_signals = true;
    int code = exit_done;
    auto gateway = Gateway::make(std::move(options));
    if (gateway) {
        (*gateway)->start();
        const auto ending = (*gateway)->wait();
        if (ending == Ending::cut) {
            // At once: whatever still runs beside the lanes, such as the look-up of a name, is not waited
            // for.
            log.flush();
            std::_Exit(exit_by_signal + (*gateway)->cut_by());
        }
        gateway->reset();
    } else {
        const auto& problem = gateway.problem();
        std::cerr << problem.message() << '\n';
        code = problem.kind() == ProblemKind::invalid_configuration ? exit_usage : exit_failure;
    }
    telemetry::set_process_log(nullptr);
    log.flush();
    return code;
}

int check(const std::string& file) {
    const auto loaded = config::load_file(file, config::process_sources());
    if (!loaded) {
        std::cerr << loaded.problem().message() << '\n';
        return exit_usage;
    }
    std::cerr << loaded->report(file);
    if (!loaded->configuration) {
        return exit_usage;
    }
    // What is no fault of the text: a certificate, a CA file that cannot be used.
    GatewayOptions options;
    options.config_file = file;
    const auto built = build_configuration(options, 1, std::chrono::system_clock::now());
    if (!built) {
        std::cerr << built.problem().message() << '\n';
        return exit_usage;
    }
    const auto& configuration = *loaded->configuration;
    std::cout << file << ": valid: " << configuration.providers.size() << " providers, "
              << configuration.models.size() << " models, " << configuration.keys.size() << " keys, "
              << loaded->warnings.size() << " warnings\n";
    return exit_done;
}

/// Is `name` free in that configuration? Answers with an exit code when it is not, or when nobody can tell.
std::optional<int> refuse_taken_name(const std::string& name, const std::string& file) {
    const auto loaded = config::load_file(file, config::process_sources());
    if (!loaded || !loaded->configuration) {
        std::cerr << (loaded ? loaded->report(file) : loaded.problem().message() + "\n");
        return exit_usage;
    }
    for (const auto& key : loaded->configuration->keys) {
        if (key.name == name) {
            std::cerr << file << ": there is a key named `" << name << "` already\n";
            return exit_usage;
        }
    }
    return std::nullopt;
}

int new_key(const std::string& name, const std::string& file) {
    if (!file.empty()) {
        if (const auto refused = refuse_taken_name(name, file)) {
            return *refused;
        }
    }
    const auto key = make_api_key();
    std::cout << "The key, shown this once:\n\n  " << key << "\n\nFor `keys:` in the configuration file:\n\n"
              << "  - name: " << name << "\n    hash: \"sha256:" << to_hex(sha256(key)) << "\"\n";
    return exit_done;
}

int change_keys(const KeyCommand& command) {
    const char* named = std::getenv(admin_key_variable);  // nothing else runs in this process
    const Secret key(named == nullptr ? "" : named);
    const auto ask = [&](std::string_view method, std::string_view target, std::string_view body) {
        return ask_admin(command.address, key, method, target, body);
    };
    return run_key_command(command, ask, std::cout, std::cerr);
}

/// Standard input as a question; `command` has the last word.
Result<server::ExplainQuestion> question_of(const ExplainCommand& command, std::size_t limit) {
    std::string text;
    std::array<char, 64UL * 1024> block;
    while (text.size() <= limit && std::cin.read(block.data(), block.size()).gcount() > 0) {
        text.append(block.data(), static_cast<std::size_t>(std::cin.gcount()));
    }
    if (text.size() > limit) {
        return Problem(ProblemKind::request_too_large, "standard input is larger than `server.limits.body`");
    }
    auto question = server::read_explain_question(std::move(text));
    if (question && !command.key.empty()) {
        question->key = command.key;
    }
    if (question && !command.endpoint.empty()) {
        question->path = command.endpoint;
    }
    return question;
}

/// Ends the lane's run, too.
Task<void> explain_on(net::Lane& lane, const server::ExplainQuestion& question, const server::Live& live,
                      std::optional<Result<std::string>>& explained) {
    const struct End {
        net::Lane& of;
        ~End() { of.stop(); }
    } end{lane};
    const tokens::TokenCounter counter(load_encodings());
    const pipeline::FactSources sources{lane.clock(), counter};
    explained = co_await server::explain(question, live, sources, server::TargetStates::unknown);
}

int explain(const ExplainCommand& command) {
    GatewayOptions options;
    options.config_file = command.file;
    const auto built = build_configuration(options, 1, std::chrono::system_clock::now());
    if (!built) {
        std::cerr << built.problem().message() << '\n';
        return exit_usage;
    }
    const auto& live = built->snapshot.live;
    const auto question = question_of(command, live.options->limits.body);
    if (!question) {
        std::cerr << question.problem().message() << '\n';
        return exit_failure;
    }
    std::optional<Result<std::string>> explained;
    net::Lane lane;
    lane.spawn(explain_on(lane, *question, live, explained));
    lane.run();
    if (!explained) {
        std::cerr << "the request could not be explained\n";
        return exit_failure;
    }
    if (!*explained) {
        const auto& problem = explained->problem();
        std::cerr << problem.message() << '\n';
        const bool bad_usage = problem.kind() == ProblemKind::not_found || problem.param() == "key";
        return bad_usage ? exit_usage : exit_failure;
    }
    std::cout << **explained << '\n';
    return exit_done;
}

}  // namespace

int run_command_line(int argc, char** argv) {
    auto command = parse_command(argc, argv, std::cout, std::cerr);
    if (auto* wanted = std::get_if<ServeCommand>(&command)) {
        return serve(std::move(wanted->options));
    }
    if (const auto* wanted = std::get_if<CheckCommand>(&command)) {
        return check(wanted->file);
    }
    if (const auto* wanted = std::get_if<NewKeyCommand>(&command)) {
        return new_key(wanted->name, wanted->file);
    }
    if (const auto* wanted = std::get_if<KeyCommand>(&command)) {
        return change_keys(*wanted);
    }
    if (const auto* wanted = std::get_if<ExplainCommand>(&command)) {
        return explain(*wanted);
    }
    if (const auto* wanted = std::get_if<TrainCommand>(&command)) {
        return train_classifier(*wanted, std::cout, std::cerr);
    }
    if (const auto* wanted = std::get_if<EvaluateCommand>(&command)) {
        return evaluate_classifier(*wanted, std::cout, std::cerr);
    }
    if (const auto* wanted = std::get_if<UsageCommand>(&command)) {
        return print_usage(*wanted, std::cout, std::cerr);
    }
    if (const auto* wanted = std::get_if<BackupCommand>(&command)) {
        return back_up(*wanted, std::cout, std::cerr);
    }
    return std::get<Answered>(command).exit_code;
}

}  // namespace gatehouse::app

#include "data_commands.hpp"

#include "exit_code.hpp"

#include "gatehouse/config/load.hpp"
#include "gatehouse/server/usage.hpp"
#include "gatehouse/store/store.hpp"

#include <chrono>
#include <optional>
#include <ostream>

namespace gatehouse::app {
namespace {

/// Nothing, once `err` has been told why.
std::optional<std::string> directory_of(const DataPlace& place, std::ostream& err) {
    if (!place.directory.empty()) {
        return place.directory;
    }
    const auto loaded = config::load_file(place.file, config::process_sources());
    if (!loaded || !loaded->configuration) {
        err << (loaded ? loaded->report(place.file) : loaded.problem().message() + "\n");
        return std::nullopt;
    }
    return loaded->configuration->data_dir;
}

}  // namespace

int print_usage(const UsageCommand& command, std::ostream& out, std::ostream& err) {
    auto words = command.words;
    words.insert(words.begin(), {"format", "table"});
    const auto question =
        server::read_usage_question(words, server::UsageScope::everybody, std::chrono::system_clock::now());
    if (!question) {
        err << question.problem().message() << '\n';
        return exit_usage;
    }
    const auto directory = directory_of(command.place, err);
    if (!directory) {
        return exit_usage;
    }
    const auto report = store::read_usage(*directory, question->query);
    if (!report) {
        err << report.problem().message() << '\n';
        return exit_failure;
    }
    out << server::usage_text(*question, *report);
    if (question->format == server::UsageFormat::json) {
        out << '\n';
    }
    return exit_done;
}

int back_up(const BackupCommand& command, std::ostream& out, std::ostream& err) {
    const auto directory = directory_of(command.place, err);
    if (!directory) {
        return exit_usage;
    }
    const auto copied = store::back_up(*directory, command.to);
    if (!copied) {
        err << copied.problem().message() << '\n';
        return exit_failure;
    }
    out << command.to << ": a checked copy of the database\n";
    return exit_done;
}

}  // namespace gatehouse::app

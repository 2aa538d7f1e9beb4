// What the command line asks for.
// Room: app.
#pragma once

#include "key_command.hpp"

#include "gatehouse/app/gatehouse.hpp"
#include "gatehouse/policy/class_table.hpp"

#include <iosfwd>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace gatehouse::app {

struct ServeCommand {
    GatewayOptions options;
};
struct CheckCommand {
    std::string file;
};
struct NewKeyCommand {
    std::string name;
    std::string file;  // whose keys have taken names; empty: none
};
struct ExplainCommand {
    std::string file;
    std::string key;       // empty: a caller that may use everything
    std::string endpoint;  // empty: what standard input says, else chat completions
};
struct TrainCommand {
    std::string in;         // JSON lines
    std::string out;        // the table
    std::string calibrate;  // JSON lines that only the probabilities are fitted to; empty: those held out
};
struct EvaluateCommand {
    std::string in;
    std::string table;  // empty: the one that is compiled in
    double threshold{policy::default_class_threshold};
};
/// Where the database is: in the `data_dir` of a configuration, or named itself.
struct DataPlace {
    std::string file;
    std::string directory;  // not empty: instead of what the file says
};
struct UsageCommand {
    DataPlace place;
    std::vector<std::pair<std::string, std::string>> words;  // as of /admin/usage
};
struct BackupCommand {
    DataPlace place;
    std::string to;
};
/// Nothing to do: help or the version was asked for, or the line is wrong. The streams have been told.
struct Answered {
    int exit_code;
};
using Command = std::variant<ServeCommand, CheckCommand, NewKeyCommand, KeyCommand, ExplainCommand,
                             TrainCommand, EvaluateCommand, UsageCommand, BackupCommand, Answered>;

Command parse_command(int argc, const char* const* argv, std::ostream& out, std::ostream& err);

}  // namespace gatehouse::app

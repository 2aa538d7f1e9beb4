#include "classifier_command.hpp"

#include "exit_code.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <optional>
#include <ostream>

namespace gatehouse::app {
namespace {

Problem bad_line(std::size_t number, std::string_view what) {
    return Problem(ProblemKind::invalid_configuration, fmt::format("line {}: {}", number, what));
}

Result<policy::LabelledPrompt> labelled_prompt(const std::string& line, std::size_t number) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) {
        return bad_line(number, "not a JSON object");
    }
    const auto text = json.find("text");
    if (text == json.end() || !text->is_string()) {
        return bad_line(number, "`text` must be a string");
    }
    const auto label = json.find("class");
    if (label == json.end() || !label->is_string()) {
        return bad_line(number, "`class` must be a string");
    }
    const auto named = policy::prompt_class_named(label->get_ref<const std::string&>());
    if (!named) {
        return bad_line(number,
                        fmt::format("there is no class `{}`: simple, general, complex, code, math, creative",
                                    label->get_ref<const std::string&>()));
    }
    return policy::LabelledPrompt{text->get<std::string>(), *named};
}

/// The prompts of a file; answers with an exit code when there are none to be had.
std::optional<int> load_prompts(const std::string& file, std::vector<policy::LabelledPrompt>& prompts,
                                std::ostream& err) {
    std::ifstream lines(file);
    if (!lines) {
        err << file << ": cannot be read\n";
        return exit_failure;
    }
    auto read = read_labelled_prompts(lines);
    if (!read) {
        err << file << ": " << read.problem().message() << '\n';
        return exit_usage;
    }
    prompts = std::move(*read);
    return std::nullopt;
}

void print(const policy::ClassMeasure& measured, double threshold, std::ostream& out) {
    out << fmt::format(
               "prompts {}  accuracy {:.3f}  calibration error {:.3f}  abstained {:.1f} % (below {})\n\n",
               measured.prompts(), measured.accuracy, measured.calibration_error, 100 * measured.abstention(),
               threshold)
        << fmt::format("{:<10}{:>8}{:>11}{:>8}{:>11}\n", "class", "prompts", "precision", "recall",
                       "abstained");
    for (std::size_t i = 0; i < policy::prompt_class_count; ++i) {
        const auto of = static_cast<policy::PromptClass>(i);
        out << fmt::format("{:<10}{:>8}{:>11.2f}{:>8.2f}{:>11}\n", policy::name_of(of), measured.prompts(of),
                           measured.precision(of), measured.recall(of), measured.abstained[i]);
    }
}

}  // namespace

Result<std::vector<policy::LabelledPrompt>> read_labelled_prompts(std::istream& lines) {
    std::vector<policy::LabelledPrompt> prompts;
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        if (prompts.size() == policy::most_examples) {
            return bad_line(number, fmt::format("more than {} prompts", policy::most_examples));
        }
        auto prompt = labelled_prompt(line, number);
        if (!prompt) {
            return std::move(prompt.problem());
        }
        prompts.push_back(std::move(*prompt));
    }
    return prompts;
}

int train_classifier(const TrainCommand& command, std::ostream& out, std::ostream& err) {
    std::vector<policy::LabelledPrompt> prompts;
    if (const auto refused = load_prompts(command.in, prompts, err)) {
        return *refused;
    }
    std::vector<policy::LabelledPrompt> calibration;
    if (!command.calibrate.empty()) {
        if (const auto refused = load_prompts(command.calibrate, calibration, err)) {
            return *refused;
        }
    }
    const auto trained = policy::train(std::move(prompts), {}, calibration);
    if (!trained) {
        err << command.in << ": " << trained.problem().message() << '\n';
        return exit_usage;
    }
    std::ofstream table(command.out, std::ios::binary);
    table << trained->table.to_text() << std::flush;
    if (!table) {
        err << command.out << ": cannot be written\n";
        return exit_failure;
    }
    out << "On the fifth of the prompts that was held out:\n";
    print(policy::measure(trained->table, trained->held_out, policy::default_class_threshold),
          policy::default_class_threshold, out);
    return exit_done;
}

int evaluate_classifier(const EvaluateCommand& command, std::ostream& out, std::ostream& err) {
    auto text = policy::built_in_class_table();
    if (!command.table.empty()) {
        std::ifstream file(command.table, std::ios::binary);
        if (!file) {
            err << command.table << ": cannot be read\n";
            return exit_failure;
        }
        text.assign(std::istreambuf_iterator<char>(file), {});
    }
    const auto table = policy::ClassTable::read(text);
    if (!table) {
        err << command.table << ": " << table.problem().message() << '\n';
        return exit_usage;
    }
    std::vector<policy::LabelledPrompt> prompts;
    if (const auto refused = load_prompts(command.in, prompts, err)) {
        return *refused;
    }
    print(policy::measure(*table, prompts, command.threshold), command.threshold, out);
    return exit_done;
}

}  // namespace gatehouse::app

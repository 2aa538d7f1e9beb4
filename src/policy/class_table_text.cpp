// The table as text: a head of named numbers, then a line for every place that has a weight.

#include "gatehouse/policy/class_table.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <span>

namespace gatehouse::policy {
namespace {

constexpr std::string_view first_line = "gatehouse-classifier 1";
constexpr double most_scale = 100;
constexpr double most_bias = 1000;
constexpr double least_temperature = 0.01;
constexpr double most_temperature = 100;

class TableReader {
public:
    explicit TableReader(std::string_view text) : rest_(text) {}
    Result<ClassTable> read();

private:
    bool next_line();
    Problem fault(std::string_view what) const {
        return Problem(ProblemKind::invalid_configuration, fmt::format("line {}: {}", line_number_, what));
    }
    /// `name number number …`
    Status read_numbers(std::string_view name, double least, double most, std::span<double> into);
    Status read_layout();
    Status read_weights(ClassTable::Parts& parts);
    /// Of the current line: `place weights`.
    Status read_place(ClassTable::Parts& parts);

    std::string_view rest_;
    std::string_view line_;
    std::size_t line_number_{0};
    std::optional<std::size_t> last_place_;
};

bool TableReader::next_line() {
    if (rest_.empty()) {
        return false;
    }
    const auto end = std::min(rest_.find('\n'), rest_.size());
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++line_number_;
    return true;
}

std::string_view next_word(std::string_view& line) {
    const auto begin = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(begin);
    const auto word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    return word;
}

template <typename Number, typename... Form>
std::optional<Number> number_in(std::string_view word, Form... form) {
    Number number{};
    const auto* const end = word.data() + word.size();
    const auto read = std::from_chars(word.data(), end, number, form...);
    return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

Status TableReader::read_numbers(std::string_view name, double least, double most, std::span<double> into) {
    if (!next_line() || next_word(line_) != name) {
        return fault(fmt::format("`{}` is missing", name));
    }
    for (auto& value : into) {
        const auto number = number_in<double>(next_word(line_));
        // Written so that no number that is none passes.
        if (!number || !(*number >= least && *number <= most)) {
            return fault(fmt::format("`{}` needs {} numbers from {} to {}", name, into.size(), least, most));
        }
        value = *number;
    }
    return next_word(line_).empty() ? done() : fault(fmt::format("more than `{}` needs", name));
}

std::string class_line() {
    std::string line = "classes";
    for (std::size_t i = 0; i < prompt_class_count; ++i) {
        line += ' ';
        line += name_of(static_cast<PromptClass>(i));
    }
    return line;
}

std::string layout_line() {
    return fmt::format("features {} {}", prompt_buckets, prompt_shapes);
}

Status TableReader::read_layout() {
    if (!next_line() || line_ != first_line) {
        return fault("this is no table of `gatehouse classifier train`");
    }
    if (!next_line() || line_ != class_line()) {
        return fault("the table has other classes");
    }
    if (!next_line() || line_ != layout_line()) {
        return fault("the table was made for other features; train it again");
    }
    return done();
}

Status TableReader::read_place(ClassTable::Parts& parts) {
    constexpr int hexadecimal = 16;
    const auto place = number_in<std::size_t>(next_word(line_), hexadecimal);
    if (!place || *place >= prompt_places || (last_place_ && *place <= *last_place_)) {
        return fault("there is no such place, or it stands in the wrong order");
    }
    last_place_ = place;
    for (auto& weight : parts.weights[*place]) {
        const auto value = number_in<std::int8_t>(next_word(line_));
        if (!value) {
            return fault("a weight is a whole number from -128 to 127");
        }
        weight = *value;
    }
    return next_word(line_).empty() ? done() : fault("more weights than classes");
}

Status TableReader::read_weights(ClassTable::Parts& parts) {
    parts.weights.resize(prompt_places);
    while (next_line()) {
        if (line_ == "end") {
            return rest_.empty() ? done() : fault("there is text behind the end");
        }
        if (auto read = read_place(parts); !read) {
            return read;
        }
    }
    return fault("the table breaks off");
}

Result<ClassTable> TableReader::read() {
    ClassTable::Parts parts;
    std::array<double, 2> scales{};
    std::array<double, 1> temperature{};
    if (auto read = read_layout(); !read) {
        return std::move(read.problem());
    }
    constexpr double least_scale = 1e-9;
    if (auto read = read_numbers("scales", least_scale, most_scale, scales); !read) {
        return std::move(read.problem());
    }
    if (auto read = read_numbers("temperature", least_temperature, most_temperature, temperature); !read) {
        return std::move(read.problem());
    }
    if (auto read = read_numbers("bias", -most_bias, most_bias, parts.bias); !read) {
        return std::move(read.problem());
    }
    if (auto read = read_weights(parts); !read) {
        return std::move(read.problem());
    }
    parts.bucket_scale = scales[0];
    parts.shape_scale = scales[1];
    parts.temperature = temperature[0];
    return ClassTable(std::move(parts));
}

}  // namespace

Result<ClassTable> ClassTable::read(std::string_view text) {
    if (text.size() > most_bytes) {
        return Problem(ProblemKind::invalid_configuration, "a table is at most 1 MiB");
    }
    return TableReader(text).read();
}

std::string ClassTable::to_text() const {
    auto text = fmt::format("{}\n{}\n{}\nscales {} {}\ntemperature {}\nbias", first_line, class_line(),
                            layout_line(), parts_.bucket_scale, parts_.shape_scale, parts_.temperature);
    for (const auto bias : parts_.bias) {
        text += fmt::format(" {}", bias);
    }
    text += '\n';
    for (std::size_t place = 0; place < parts_.weights.size(); ++place) {
        const auto& weights = parts_.weights[place];
        if (weights == Weights{}) {
            continue;
        }
        text += fmt::format("{:x}", place);
        for (const auto weight : weights) {
            text += fmt::format(" {}", static_cast<int>(weight));
        }
        text += '\n';
    }
    return text + "end\n";
}

}  // namespace gatehouse::policy

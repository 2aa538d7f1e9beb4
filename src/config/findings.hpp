// What the loader found wrong, collected until the end: positions, de-duplication (an alias shows one place
// many times), an upper bound on their number, and how untrusted text is quoted in them. Room: config. May
// include: core.
#pragma once

#include "gatehouse/config/load.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::config {

struct Node;

/// Text from the file, for a message: in backticks, without control characters, at most 60 bytes.
std::string quote(std::string_view text);

class Findings {
public:
    void error(const Node& where, std::string text);
    void error(int line, int column, std::string text);
    void warning(const Node& where, std::string text);
    void warning(int line, int column, std::string text);

    /// All of another file's.
    void add(const std::string& file, Findings other);

    bool has_errors() const noexcept { return !errors_.empty(); }
    /// In the order of the file, without repetitions; at most 1000 of each sort and a line that says how many
    /// more.
    std::vector<Finding> take_errors() { return tidy(std::move(errors_)); }
    std::vector<Finding> take_warnings() { return tidy(std::move(warnings_)); }

private:
    static std::vector<Finding> tidy(std::vector<Finding> found);
    std::vector<Finding> errors_;
    std::vector<Finding> warnings_;
};

}  // namespace gatehouse::config

// Header values with parameters (RFC 9110, 5.6.6) and the head of a part of a form (RFC 7578, 4.2), read so
// that no other reader can find another name in them: what could be read in two ways is refused. Room: wire,
// private. May include: core.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::wire {

/// Delimiter line and part header together.
inline constexpr std::size_t part_header_limit = 8 * 1024;

struct Parameter {
    std::string_view name;
    std::string value;  // unquoted
};

/// The parameters of `value; a=b; c="d"`. Nothing if they are malformed or a name occurs twice, whatever its
/// case.
std::optional<std::vector<Parameter>> read_parameters(std::string_view text);
/// The value of the parameter of that name (lower case); nullptr if there is none.
const std::string* find_parameter(const std::vector<Parameter>& parameters, std::string_view name) noexcept;

struct PartHead {
    std::string name;
    bool file{false};
};

/// Reads the header lines of a part, each ending with CRLF. Nothing if a line is malformed or folded, if
/// there is not exactly one Content-Disposition, or if it does not name the part once and plainly (`name*` is
/// no plain name).
std::optional<PartHead> read_part_head(std::string_view lines);

}  // namespace gatehouse::wire

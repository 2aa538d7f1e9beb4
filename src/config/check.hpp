// The file against the table: unknown keys, wrong types, bad units, bounds, references; every fault is noted,
// none stops the walk.
//
// Knows shapes, not meanings: what a provider or a model is stands in semantics.hpp.
// Room: config. May include: core.
#pragma once

#include "document.hpp"
#include "findings.hpp"
#include "schema.hpp"

#include "gatehouse/config/load.hpp"

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace gatehouse::config {

/// A number in the unit of its type: milliseconds, bytes, hundredths of a percent, millionths.
std::optional<std::int64_t> number_of(Type type, std::string_view text) noexcept;

/// What the checks learned besides faults.
struct Checked {
    /// Values of secrets, URLs and headers with their references replaced. Absent: unset or faulty.
    std::unordered_map<const Node*, std::string> expanded;
    /// Entries with `optional: true` that name something unset, and what.
    std::unordered_map<const Node*, std::string> left_out;

    const std::string* value(const Node& node) const noexcept;
};

/// `root` is a mapping or null.
Checked check_document(const Node& root, const Sources& sources, Findings& findings);
/// The same against another table, for a file without secrets, URLs and headers.
void check_document(const Shape& shape, const Node& root, Findings& findings);

/// Headers of a provider whose values /admin/config may show.
bool is_harmless_header(std::string_view name) noexcept;

}  // namespace gatehouse::config

// The file as JSON for /admin/config, and the table as JSON schema for editors.
// Room: config. May include: core.
#pragma once

#include "document.hpp"
#include "schema.hpp"

#include <string>

namespace gatehouse::config {

/// Canonical (sorted keys, typed values) and without a secret: those, hashes of keys, and headers that are
/// not known to be harmless read ***; references stand as they were written only where no secret can be.
std::string masked_json(const Node& root);
/// The same of a tree of another shape, on one line.
std::string masked_json(const Shape& shape, const Node& root);

}  // namespace gatehouse::config

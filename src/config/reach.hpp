// What a model's word on broken and slow streams can do with the targets that its requests reach.
// Room: config. May include: core, policy.
#pragma once

#include "readers.hpp"

#include <vector>

namespace gatehouse::config {

/// Warns of `on_midstream_failure: continue` that nobody could act on, and of `slow_stream` where no other
/// target could take a stream's place. `models` is what was read of them.
void check_reach(View root, const std::vector<pipeline::ModelOptions>& models,
                 const policy::ModelCatalog& catalog, Findings& findings);

}  // namespace gatehouse::config

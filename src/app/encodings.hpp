// The vocabularies with which tokens are counted exactly.
// Room: app.
#pragma once

#include "gatehouse/tokens/estimate.hpp"

namespace gatehouse::app {

/// From `ranks` beside the executable, in the directory above, or in /usr/local/share/gatehouse: the first
/// that is there. Those that are missing are logged; counts are estimates then. Blocks (files).
tokens::Encodings load_encodings();

}  // namespace gatehouse::app

// The embedding models in process, by the files that hold them.
// Room: app.
#pragma once

#include "gatehouse/upstream/local_model.hpp"

#include <memory>
#include <string>

namespace gatehouse::app {

/// The model in `path`; without a path that in `models/embedder.model` beside the executable, in the
/// directory above, or in /usr/local/share/gatehouse: the first that is there. What is missing or damaged is
/// logged, and the model never ready. Blocks (files).
std::shared_ptr<const upstream::LocalModel> load_local_model(const std::string& path);

}  // namespace gatehouse::app

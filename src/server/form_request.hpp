// The audio forms: held until the model is known, the rest left to stream, all of it watched: what the key
// was checked for is what the provider reads. Room: server, private.
#pragma once

#include "incoming.hpp"

#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"

namespace gatehouse::server {

/// Problems: missing_parameter (`model`), invalid_value (no well-formed form, or two of `model`), and those
/// of the body. The rest that is still to come has the same problems: it fails instead of passing on the
/// piece that shows one, so that nobody downstream gets a complete form. `in` owns it.
Task<Result<chat::Request>> read_form(Incoming& in);

}  // namespace gatehouse::server

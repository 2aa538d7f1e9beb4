// What a caller sees who asked for `x-gatehouse-debug`: how its request was answered.
// Room: server, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/telemetry/trail.hpp"

#include <string>
#include <string_view>

namespace gatehouse::server {

/// A probability as clients see it: `0.87`.
std::string probability_text(double probability);

/// A JSON object: the rule that decided, the class of the prompt if one was asked for, and every attempt so
/// far, with its reason, status and time. The one that is answering counts up to `now`.
std::string debug_object(const telemetry::Trail& trail, Instant now);

/// `body`, a JSON object, with that as its last member `gatehouse`. Anything else comes back as it is.
std::string with_debug_object(std::string_view body, const telemetry::Trail& trail, Instant now);

/// The same for a stream: a comment, which every reader of events passes over.
std::string debug_comment(const telemetry::Trail& trail, Instant now);

}  // namespace gatehouse::server

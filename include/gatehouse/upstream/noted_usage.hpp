// What a usage says on a request's trail.
// Room: upstream. May include: chat, telemetry.
#pragma once

#include "gatehouse/chat/usage.hpp"
#include "gatehouse/telemetry/trail.hpp"

namespace gatehouse::upstream {

/// The trail's tokens are those of `usage` from now on, in the groups in which prices, metrics and the ledger
/// count them.
inline void note_usage(const chat::Usage& usage, telemetry::Trail& trail) noexcept {
    trail.input_tokens = usage.fresh();
    trail.cached_input_tokens = usage.cached_input;
    trail.cache_write_tokens = usage.written();
    trail.output_tokens = usage.said();
    trail.reasoning_tokens = usage.reasoning;
    trail.token_parts = {usage.cache_write_1h, usage.input_image,  usage.input_audio,
                         usage.input_video,    usage.output_audio, usage.output_image};
    trail.usage_known = usage.known;
}

}  // namespace gatehouse::upstream

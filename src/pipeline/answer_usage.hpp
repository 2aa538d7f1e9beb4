// What an answer took, between the trail of its request and those of the requests that it is given to.
// Room: pipeline, private.
#pragma once

#include "gatehouse/chat/usage.hpp"
#include "gatehouse/telemetry/trail.hpp"

#include <algorithm>
#include <cstdint>

namespace gatehouse::pipeline {

inline chat::Usage usage_on(const telemetry::Trail& trail) noexcept {
    const auto& parts = trail.token_parts;
    chat::Usage usage;
    usage.input = TokenCount(trail.input_tokens.value() - parts.input_image.value() -
                             parts.input_audio.value() - parts.input_video.value());
    usage.cached_input = trail.cached_input_tokens;
    usage.cache_write = TokenCount(trail.cache_write_tokens.value() - parts.cache_write_1h.value());
    usage.cache_write_1h = parts.cache_write_1h;
    usage.input_image = parts.input_image;
    usage.input_audio = parts.input_audio;
    usage.input_video = parts.input_video;
    usage.output =
        TokenCount(trail.output_tokens.value() - parts.output_audio.value() - parts.output_image.value());
    usage.reasoning = trail.reasoning_tokens;
    usage.output_audio = parts.output_audio;
    usage.output_image = parts.output_image;
    usage.known = trail.usage_known;
    return usage;
}

/// Input and output of the answer, as the metrics count them.
inline std::uint64_t all_tokens_on(const telemetry::Trail& trail) noexcept {
    const auto usage = usage_on(trail);
    const auto sum = usage.prompt().value() + usage.completion().value();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(sum, 0));
}

}  // namespace gatehouse::pipeline

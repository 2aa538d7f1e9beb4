// A prompt as numbers: hashed words and pieces of words, and the shape of the text.
//
// Pure and deterministic: the same bytes give the same numbers on every machine. Any bytes will do, valid
// UTF-8 or not. Of a long text the head, the middle and the tail are read, so the time is bounded. Room:
// policy. May include: core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gatehouse::policy {

/// Bytes that are read of the head, the middle and the tail each.
inline constexpr std::size_t prompt_window = 2048;
/// Hashed features share so many places; those of the shape stand behind them.
inline constexpr std::size_t prompt_buckets = 8192;
inline constexpr std::size_t prompt_shapes = 33;
inline constexpr std::size_t prompt_places = prompt_buckets + prompt_shapes;

struct PromptFeature {
    std::uint16_t place;  // below prompt_places
    float value;
};

/// In the order of their places, each place at most once; values lie within [-1, 2].
using PromptFeatures = std::vector<PromptFeature>;

PromptFeatures features_of(std::string_view text);

}  // namespace gatehouse::policy

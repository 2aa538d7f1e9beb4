// What the gateway must know of Gemini's replies while it passes them on: usage, ends, where the model is
// named; of the parts only whether a reader sees something.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "gemini_words.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

struct RelayedCandidate {
    std::int64_t index{0};
    std::string finish_reason;  // empty: none yet
    bool content{false};        // something that a reader sees, thoughts too
    bool answer{false};         // something that is no thought
};

/// A whole body, or one event of a stream, of any endpoint.
struct RelayedChunk {
    std::vector<RelayedCandidate> candidates;
    std::string block_reason;  // the prompt was refused; empty: it was not
    wire::ByteRange model;     // of `modelVersion`, a string with its quotes; empty: none
    std::uint64_t said{0};     // bytes of what a reader sees, thoughts too
    bool usage{false};
    bool error{false};
    bool feedback{false};      // `promptFeedback` is there
    bool total_tokens{false};  // of a count
    bool embedding{false};     // one, or an array of them
};

/// Reads all of `data`; false: it is no JSON object. `usage` is updated on the way.
bool scan_gemini_chunk(std::string_view data, GeminiUsage& usage, RelayedChunk& chunk);

/// Where Google wraps an error in an array: is the first element one?
bool is_gemini_error_array(std::string_view data);

}  // namespace gatehouse::dialect

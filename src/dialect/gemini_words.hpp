// What Gemini's replies are made of: chunks, candidates, their parts, usage, read without knowing yet in
// which order the members come.
//
// Reads only; what follows from it is for gemini_reply.cpp. Room: dialect, private. May include: core, wire,
// chat.
#pragma once

#include "reply_words.hpp"

#include "gatehouse/chat/event.hpp"
#include "gatehouse/chat/usage.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// A `functionCall`. Vertex AI may send one in pieces: then `will_continue` until the last of them.
struct GeminiCall {
    std::string_view id;
    std::string_view name;
    std::string_view args;     // JSON; empty: none
    std::string_view partial;  // JSON of `partialArgs`; empty: none
    bool will_continue{false};
};

struct GeminiPart {
    std::string_view text;
    std::string_view signature;
    std::string_view media_type;  // of inline data
    std::string_view data;        // base64
    std::optional<GeminiCall> call;
    bool thought{false};
};

struct GeminiCandidate {
    std::int64_t index{0};
    std::string_view finish_reason;  // empty: none yet
    std::string_view finish_message;
    std::string_view grounding;  // JSON; empty: none
    std::string_view quotes;     // the same: `citationMetadata`
    std::string_view logprobs;   // JSON; empty: none
    std::vector<GeminiPart> parts;
};

/// A whole body, or one event of a stream. `FINISH_REASON_UNSPECIFIED` and its like are read as nothing.
struct GeminiChunk {
    std::string_view id;
    std::string_view model;
    std::string_view block_reason;  // the prompt was refused; empty: it was not
    std::vector<GeminiCandidate> candidates;
    bool error{false};
};

/// Counts of one reply; running totals: a later value replaces an earlier one, null and absent change
/// nothing.
class GeminiUsage {
public:
    /// A negative, fractional or absurd number makes the whole value void.
    void read(wire::JsonReader& json);
    chat::Usage usage() const noexcept;
    /// The provider counts thoughts and no answer, and its sum agrees: a turn that was thought through, but
    /// said nothing.
    bool thoughts_only() const noexcept;

private:
    /// Tokens by what they are of; text and documents are not told apart from the rest.
    struct Kinds {
        std::int64_t image{0};
        std::int64_t audio{0};
        std::int64_t video{0};
    };
    struct Counts {
        std::optional<std::int64_t> prompt;
        std::optional<std::int64_t> total;
        std::int64_t tool_prompt{0};
        std::int64_t cached{0};
        std::int64_t candidates{0};
        std::int64_t thoughts{0};
        Kinds of_prompt;
        Kinds of_cached;
        Kinds of_tools;
        Kinds of_candidates;
        chat::Service service{chat::Service::standard};
    };
    static void read_kinds(wire::JsonReader& json, Kinds& kinds, bool& sound);

    Counts counts_;
};

/// The answer failed in the provider; the same request may succeed next time.
bool is_gemini_failure(std::string_view reason) noexcept;
/// `STOP` is the reason of calls, too. `CONTINUATION` offers to go on behind the limit of one call; that is
/// not taken up.
chat::Finish gemini_finish(std::string_view reason, bool has_calls) noexcept;

/// Reads all of `data`; false: it is no JSON object. `usage` is updated on the way. The views live as long as
/// `data` and what `texts` keeps.
bool read_gemini_chunk(std::string_view data, Texts& texts, GeminiUsage& usage, GeminiChunk& chunk);

}  // namespace gatehouse::dialect

// Tokens of one reply, by what they cost, and how the provider served it. All numbers are disjoint: cached
// input is not part of input, sound not of text, reasoning not of output.
//
// Room: chat.
#pragma once

#include "gatehouse/core/units.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::chat {

/// How a provider says that it served a request: what it costs differs.
enum class Service : std::uint8_t {
    standard,  // also where nothing is said
    batch,
    flex,
    priority,
    fast,
    other,  // a word that nobody here knows
};

/// What the word of a reply means: OpenAI's and Gemini's `service_tier`, Anthropic's that and `speed`.
Service service_named(std::string_view word) noexcept;

struct UsagePart;

struct Usage {
    TokenCount input;           // not cached; text, and all that is not told apart
    TokenCount cached_input;    // read from the provider's prompt cache, of any kind
    TokenCount cache_write;     // written to it for the shorter time
    TokenCount cache_write_1h;  // written to it for the longer time
    TokenCount input_image;     // pictures, not cached
    TokenCount input_audio;     // sound, not cached
    TokenCount input_video;     // video, not cached
    TokenCount output;          // text without reasoning, and all that is not told apart
    TokenCount reasoning;
    TokenCount output_audio;
    TokenCount output_image;
    Service service{Service::standard};
    bool known{false};  // the provider said so; false: nothing was reported
    /// Of a reply that took several calls of models inside the provider, perhaps of different ones: what each
    /// used. These are billed, then; the numbers above are what the client is told. Null: one call.
    std::shared_ptr<const std::vector<UsagePart>> parts{};
    bool unbilled{false};  // the provider takes nothing for it: a refusal before anything was said

    TokenCount written() const noexcept { return TokenCount(cache_write.value() + cache_write_1h.value()); }
    /// All that was neither read from the cache nor written to it.
    TokenCount fresh() const noexcept {
        return TokenCount(input.value() + input_image.value() + input_audio.value() + input_video.value());
    }
    TokenCount prompt() const noexcept {
        return TokenCount(fresh().value() + cached_input.value() + written().value());
    }
    /// The answer, without reasoning.
    TokenCount said() const noexcept {
        return TokenCount(output.value() + output_audio.value() + output_image.value());
    }
    TokenCount completion() const noexcept { return TokenCount(said().value() + reasoning.value()); }

    /// Of another call; running totals of one call replace each other instead.
    Usage& operator+=(const Usage& other) noexcept;
    bool operator==(const Usage&) const = default;
};

struct UsagePart {
    std::string model;  // by the provider's name
    Usage usage;
};

/// Knows what a reply costs, for those who tell it to a client in its last words.
class CostTeller {
public:
    virtual ~CostTeller() = default;
    /// US dollars for the whole request so far, as a JSON number; empty: not known. `model`: the one that
    /// answered, by the provider's name.
    virtual std::string tell(const Usage& usage, std::string_view model) const = 0;
};

}  // namespace gatehouse::chat

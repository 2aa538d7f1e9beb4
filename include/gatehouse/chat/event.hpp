// A reply in neutral words, piece by piece: what a provider's stream or whole body says. A whole body gives
// the same pieces as the stream of the same answer would, in fewer of them.
//
// Room: chat. May include: core.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::chat {

/// Why a choice ended.
enum class Finish : std::uint8_t { stop, tool_calls, length, content_filter };

/// The chat dialect's word: `stop`, `tool_calls`, `length`, `content_filter`.
std::string_view name_of(Finish finish) noexcept;

enum class EventKind : std::uint8_t {
    start,           // once, first. `id`: the provider's; `name`: the model that answers
    text,            // `text`
    refusal,         // `text`
    reasoning,       // `text`: thoughts as far as they are shown
    signature,       // `text`: of the thoughts before it; opaque
    redacted,        // `text`: thoughts that are not shown; opaque
    tool_start,      // `tool`, `id` (never empty), `name`, `custom`; `signature`: the provider's, if any
    tool_arguments,  // `tool`, `text`: the next fragment; all of a call's together are its arguments
    tool_end,        // `tool`
    citation,        // `text`: an annotation object of the chat dialect, as JSON; with a `name` it is of a
                     // document in the request, in Anthropic's form of that name
    logprobs,  // `text`: of tokens just told, elements of the chat dialect's `logprobs.content`, as JSON
    image,     // `name`: media type, `text`: base64
    finish,    // `finish`; `text`: the provider's own word
};

/// The views live until the next call to whoever gave the event.
struct Event {
    EventKind kind{EventKind::text};
    std::uint32_t choice{0};
    std::uint32_t tool{0};  // running number of the call within its choice, from 0 without gaps
    Finish finish{Finish::stop};
    bool custom{false};  // tool_start: arguments are free text
    std::string_view text;
    std::string_view id;
    std::string_view name;
    std::string_view signature;
};

}  // namespace gatehouse::chat

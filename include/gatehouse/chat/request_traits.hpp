// What a request holds, whichever vendor's words it is said in: what routing rules ask about, and what tokens
// are estimated from.
//
// Room: chat. May include: core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::chat {

enum class Content : std::uint8_t { image, audio, file, tools, schema };
inline constexpr std::size_t content_count = 5;

/// `image`, `audio` …
std::string_view name_of(Content content) noexcept;
std::optional<Content> content_named(std::string_view name) noexcept;

/// A set of them.
class Contents {
public:
    constexpr void add(Content content) noexcept { bits_ |= bit(content); }
    constexpr bool has(Content content) const noexcept { return (bits_ & bit(content)) != 0; }
    constexpr bool empty() const noexcept { return bits_ == 0; }
    /// Those of this set that `others` lacks.
    constexpr Contents without(Contents others) const noexcept {
        Contents rest;
        rest.bits_ = bits_ & ~others.bits_;
        return rest;
    }
    constexpr bool operator==(const Contents&) const noexcept = default;

private:
    static constexpr unsigned bit(Content content) noexcept { return 1U << static_cast<unsigned>(content); }
    unsigned bits_{0};
};

/// Most bytes that are kept of what a user said first: enough to know a conversation again.
inline constexpr std::size_t most_first_text = 1024;

/// At most `most` bytes of the beginning, cut at a character.
std::string_view beginning_of(std::string_view text, std::size_t most) noexcept;

struct RequestTraits {
    Contents contents;
    std::string text;  // of messages, calls, results, tools and schemas, a line each
    std::int64_t messages{0};
    std::int64_t tools{0};
    std::int64_t media{0};                        // pictures, sound, files: their tokens are a guess
    std::int64_t token_ids{0};                    // of prompts that came as tokens
    std::int64_t prompts{0};                      // texts and lists of tokens that stand in one list
    std::int64_t user_turns{0};                   // messages in which the user said something
    std::string first_text;                       // what the user said first; its beginning
    std::string user_text;                        // what the user said last
    std::optional<std::int64_t> max_tokens;       // the output that is asked for, of each answer
    std::int64_t answers{1};                      // how many are asked for, for each prompt
    std::map<std::string, std::string> metadata;  // its entries that are strings
};

}  // namespace gatehouse::chat

// Whether a text asks for something that its words do not hold: text that is not there, this very moment, or
// an answer that must be a new one. Answers to such texts are not kept.
//
// Read from English words alone; of other languages it knows nothing, and says so by `none`. What a caller is
// told to keep out by hand (personalised routes, `cache-control`) is not its matter. Pure. Room: policy. May
// include: core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatehouse::policy {

/// Earlier turns are part of a request's key, so a text may point at them; without any it points at nothing.
enum class EarlierTurns : std::uint8_t { none, some };

enum class NotCacheable : std::uint8_t {
    none,
    unseen_context,  // `explain this`, `continue`, `the attached file`, and nothing is there
    moment,          // `the latest`, `today`, `what time is it`
    fresh_answer,    // `another`, `a random`
};
inline constexpr std::size_t not_cacheable_count = 4;

/// For logs and metrics: `unseen_context`.
std::string_view name_of(NotCacheable reason) noexcept;

/// Of the last text of the user, of which the first 2 KiB are read.
NotCacheable not_cacheable(std::string_view text, EarlierTurns earlier);

}  // namespace gatehouse::policy

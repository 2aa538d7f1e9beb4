// Is a stream so slow that another target had better answer? Asked while nothing of it was sent: its content
// is held back until it has shown its pace, or its time is up.
//
// Pure: instants come from the caller. A token is counted as four bytes of what is to be read. Room: policy.
// May include: core, chat.
#pragma once

#include "gatehouse/core/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace gatehouse::policy {

struct SlowStreamOptions {
    std::int64_t tokens_per_second{1};  // yaml: models.*.slow_stream.tokens_per_second
    Milliseconds within{3000};          // yaml: models.*.slow_stream.within; from the first content on
};

class SlowStreamGuard {
public:
    /// More than this is not held back: the stream goes out, however slow it is.
    static constexpr std::size_t most_held = std::size_t{256} * 1024;

    enum class Verdict : std::uint8_t {
        wait,      // hold it back
        let_go,    // it is quick enough, or nobody could take its place
        too_slow,  // another target is to answer
    };

    /// `last_start`: when a call to another target may begin at the latest.
    SlowStreamGuard(const SlowStreamOptions& options, Instant last_start) noexcept
        : options_(options), last_start_(last_start) {}

    /// Content has come. `said`: bytes to be read, all so far; `held`: bytes that wait to be sent.
    void content(std::size_t said, std::size_t held, Instant now) noexcept;
    Verdict verdict(Instant now) const noexcept;
    /// When a stream that says nothing more is too slow; nothing: before its first content, or once it may
    /// go.
    std::optional<Instant> decides_at() const noexcept;

private:
    SlowStreamOptions options_;
    Instant last_start_;
    std::optional<Instant> first_content_;
    bool let_go_{false};
};

}  // namespace gatehouse::policy

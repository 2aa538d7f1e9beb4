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
        let_go,    // it is quick enough, nobody could take its place, or its pace says nothing
        too_slow,  // another target is to answer
    };
    /// What has come so far.
    struct Seen {
        std::size_t said{0};    // bytes to be read
        std::size_t held{0};    // bytes that wait to be sent
        bool only_texts{true};  // which come word by word; a call of a tool is worked out in silence
    };

    explicit SlowStreamGuard(const SlowStreamOptions& options) noexcept : options_(options) {}

    /// Content has come. The time runs from the first of it that is to be read.
    void content(const Seen& seen, Instant now) noexcept;
    /// Its time runs, and nobody has said whether another target could take its place.
    bool asks() const noexcept { return first_content_ && !let_go_ && !answered_; }
    /// The answer. `last_start`: when a call to another target may begin at the latest; nothing: there is
    /// none. REQUIRES: it asks.
    void replaceable_until(std::optional<Instant> last_start) noexcept;
    Verdict verdict(Instant now) const noexcept;
    /// When a stream that says nothing more is too slow; nothing: before its first content, or once it may
    /// go.
    std::optional<Instant> decides_at() const noexcept;

private:
    SlowStreamOptions options_;
    std::optional<Instant> first_content_;
    bool answered_{false};
    bool let_go_{false};
};

}  // namespace gatehouse::policy

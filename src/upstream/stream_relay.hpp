// A provider's stream between its bytes and the runs that go to the sink: splits, decodes, and holds
// everything back until first content, and content until the stream has shown its pace where that counts, so
// that another target may still answer.
//
// No I/O and no waiting: bytes in, a run out. Room: upstream.
#pragma once

#include "pace.hpp"

#include "gatehouse/chat/delta.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/wire/sse.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

class StreamRelay {
public:
    /// What may be held before first content, in bytes: more is no opening but a fault.
    static constexpr std::size_t held_limit = 256 * 1024;

    /// `pace`: null: content goes out as it comes.
    StreamRelay(dialect::StreamDecoder& decoder, const wire::ResponseHead& head, Clock& clock,
                Pace* pace = nullptr)
        : decoder_(decoder), head_(head), clock_(clock), pace_(pace) {}

    /// Takes bytes in and makes the next run. What came before a failure is still in the run.
    std::optional<Problem> feed(std::string_view bytes);
    /// The provider closed properly: is what came a complete reply?
    std::optional<Problem> end();

    bool content_seen() const noexcept { return content_; }
    /// Until when the next bytes must be there; `never`: the usual timeouts are enough. REQUIRES: content has
    /// been seen.
    Instant next_by() const noexcept;
    /// Why the stream ended, if no more bytes came for this reason.
    Problem ended_by(Problem cause) const;
    /// Is there anything to push? Valid until the next `feed`.
    bool has_run() const noexcept { return !run_.empty(); }
    std::span<const chat::Delta> run() const noexcept { return run_; }

private:
    std::optional<Problem> decode();
    std::optional<Problem> close();
    /// Holds the run back or lets it go, with what was held before.
    std::optional<Problem> settle(bool content, std::optional<Problem> failure);
    std::optional<Problem> hold();
    /// Content is there and must not go out yet.
    bool is_paced();

    dialect::StreamDecoder& decoder_;
    const wire::ResponseHead& head_;
    Clock& clock_;
    Pace* pace_;  // null: it is not judged, or no more
    wire::SseSplitter splitter_;
    std::string held_;      // what waits for content, or for the pace of it
    std::string released_;  // the same on their way out; valid while their run is
    std::vector<chat::Delta> run_;
    bool content_{false};  // has been seen
    bool held_content_{false};
    bool let_go_{false};  // nothing is held back any more
};

}  // namespace gatehouse::upstream

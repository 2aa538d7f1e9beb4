// A provider's stream between its bytes and the runs that go to the sink: splits, decodes, and holds
// everything back until first content, so that another target may still answer.
//
// No I/O and no waiting: bytes in, a run out. Room: upstream.
#pragma once

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

    StreamRelay(dialect::StreamDecoder& decoder, const wire::ResponseHead& head, Clock& clock)
        : decoder_(decoder), head_(head), clock_(clock) {}

    /// Takes bytes in and makes the next run. What came before a failure is still in the run.
    std::optional<Problem> feed(std::string_view bytes);
    /// The provider closed properly: is what came a complete reply?
    std::optional<Problem> end();

    bool content_seen() const noexcept { return content_; }
    /// Is there anything to push? Valid until the next `feed`.
    bool has_run() const noexcept { return !run_.empty(); }
    std::span<const chat::Delta> run() const noexcept { return run_; }

private:
    std::optional<Problem> decode();
    std::optional<Problem> close();
    /// Holds the run back or lets it go, with what was held before.
    std::optional<Problem> settle(bool content, std::optional<Problem> failure);
    std::optional<Problem> hold();

    dialect::StreamDecoder& decoder_;
    const wire::ResponseHead& head_;
    Clock& clock_;
    wire::SseSplitter splitter_;
    std::string held_;      // openings that wait for content
    std::string released_;  // the same on their way out; valid while their run is
    std::vector<chat::Delta> run_;
    bool content_{false};
};

}  // namespace gatehouse::upstream

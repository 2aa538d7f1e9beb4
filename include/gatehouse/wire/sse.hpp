// Server-sent events out of bytes, by the rules of WHATWG HTML 9.2.6: LF, CRLF and CR (CRLF also split over
// two reads), BOM, comments, several data lines, a missing blank after the colon.
//
// The splitter keeps the original bytes, so that a stream can be relayed untouched while it looks on.
// Room: wire.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/wire/byte_buffer.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::wire {

struct SseEvent {
    std::string_view name;  // of `event:`; empty if there was none
    std::string_view data;  // data lines joined with LF
    std::string_view raw;   // the event as it came, comments before it and the empty line behind it included
};

class SseSplitter {
public:
    /// `event_limit` bounds one event and so the memory of the splitter (bytes).
    explicit SseSplitter(std::size_t event_limit = 8 * 1024 * 1024) : limit_(event_limit) {}

    /// Takes bytes in. Views given out before are invalid from here on. An event above the limit is a Problem
    /// (upstream_protocol), as is invalid UTF-8 at an event's end.
    Status feed(std::string_view bytes);
    /// The next complete event with at least one data line, or nothing until more bytes come. Events without
    /// data (comments, `retry:` only) are skipped, and their bytes dropped. The views of all events of one
    /// `feed` stay valid together, and `raw` of neighbours is contiguous when nothing was skipped between.
    std::optional<SseEvent> next();
    /// Bytes of an event that has not ended: what a closed connection leaves behind. The whole text once
    /// `bare_json()` says so.
    std::string_view rest() const noexcept;
    /// A line at an event's start began with `{` or `[`: from there to the end of the stream it is one JSON
    /// text without SSE framing (Gemini reports errors so), and `next` gives nothing more.
    bool bare_json() const noexcept { return bare_json_; }

private:
    bool find_event_end() noexcept;
    SseEvent parse(std::string_view raw);
    void add_data(SseEvent& event, std::size_t data_lines, std::string_view value);
    void skip_byte_order_mark() noexcept;

    std::size_t limit_;
    ByteBuffer buffer_;
    std::size_t position_{0};   // start of the event that `next` looks at
    std::size_t line_{0};       // start of the line that has not ended
    std::size_t scanned_{0};    // no line end between `line_` and here
    std::size_t validated_{0};  // UTF-8 is known to be valid before this offset
    struct Line {
        std::size_t begin, end;
    };
    std::array<Line, 4> lines_{};  // the first lines of the event that are not empty, from `position_`
    std::size_t line_count_{0};    // all of them
    bool at_start_{true};          // a byte-order mark may still come
    bool after_cr_{false};         // the last line ended with CR: an LF now belongs to it
    bool dropped_{false};          // the last event had no data: what is left of its line end goes with it
    bool only_comments_{true};     // no field line yet in this event
    bool bare_json_{false};
    std::string
        joined_;  // data of events with several data lines; never grows beyond its reserve within a feed
};

}  // namespace gatehouse::wire

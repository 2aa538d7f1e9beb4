// The log: one JSON object a line on standard output (or plain text for a terminal), control characters
// escaped.
//
// Callers give an event name and fields; nobody formats secrets into messages. Access lines and events are
// one ordered stream, handed to a writer thread, so a slow reader of our output never stops a lane; what does
// not fit its queue is counted as lost, and a line `log_lines_lost` says so once there is room. Room:
// telemetry. May include: core.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/telemetry/options.hpp"

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::telemetry {

struct Trail;

/// One field of a log line. Holds views: name and text must live until the call returns. Text is cut at 512
/// bytes.
struct LogField {
    LogField(std::string_view field, std::string_view text) : name(field), text_value(text) {}
    LogField(std::string_view field, const char* text) : name(field), text_value(text) {}
    LogField(std::string_view field, const std::string& text) : name(field), text_value(text) {}
    template <std::integral Number>
    LogField(std::string_view field, Number number)
        : name(field), number_value(static_cast<std::int64_t>(number)), is_number(true) {}
    std::string_view name;  // an ASCII word of ours, written as it is
    std::string_view text_value;
    std::int64_t number_value{0};
    bool is_number{false};
};

/// Any thread may call any function.
class Log {
public:
    /// Writes to `descriptor`, which stays open for the log's life; 1 is standard output.
    explicit Log(LogOptions options, int descriptor = 1);
    /// Writes what is queued, for up to two seconds; a reader that is slower loses the rest.
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    /// `event` is a short stable name such as `config_reloaded`; written as it is.
    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
    /// The access-log line of one finished request, at level info. `ledger`: what became of its row, where
    /// that is not that it was committed; a word of ours.
    void access(const Trail& trail, WallTime finished, std::string_view ledger = {});
    /// Takes effect from the next line.
    void options(LogOptions options);
    /// Counts an exception that reached a last net, and writes it as `escaped_exception`, if there is memory
    /// for a line.
    void note_escaped(std::string_view what) noexcept;
    /// So many were noted.
    std::uint64_t escaped() const noexcept;
    /// Waits until all lines so far are written, for up to two seconds.
    void flush();
    /// Lines that found the queue full, or whose write failed.
    std::uint64_t lost() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The process log; made by the composition root before anything else runs. Writing without one is a no-op.
Log* process_log() noexcept;
void set_process_log(Log* log) noexcept;
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
/// What becomes of an exception where there is nobody to throw it on to, in destructors mostly: the process
/// log's note_escaped. `gatehouse_escaped_exceptions_total` counts it.
void note_escaped(std::string_view what) noexcept;

}  // namespace gatehouse::telemetry

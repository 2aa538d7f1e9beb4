// Reads one HTTP answer and judges it: framing, status, and for streams every chunk's number and the end
// marker.
//
// Strict on purpose: a gateway that loses, repeats or reorders a byte must not look fast.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace gatehouse::bench {

enum class Verdict : std::uint8_t {
    right,
    http_error,
    truncated,
    short_stream,
    unordered,
    unterminated,
    wrong
};

class ReplyReader {
public:
    /// Called for each content chunk, with the time at which the provider sent it.
    using OnChunk = std::function<void(std::uint64_t sent_ns)>;

    void begin() { *this = ReplyReader{}; }
    void feed(std::string_view bytes, const OnChunk& on_chunk);

    bool started() const noexcept { return started_; }
    /// The message is over, or cannot be read further.
    bool done() const noexcept { return complete_ || broken_; }
    bool keeps_connection() const noexcept { return complete_ && !broken_ && !server_closes_; }
    int status() const noexcept { return status_; }
    long chunks() const noexcept { return next_sequence_; }
    Verdict judge(bool stream, long expected_chunks) const;

private:
    enum class Part : std::uint8_t { head, sized, chunk_size, chunk, chunk_end, trailer };
    enum class Mark : std::uint8_t { none, sequence, time };

    void take_head();
    std::string_view take_head_bytes(std::string_view bytes);
    std::string_view take_line(std::string_view bytes);
    std::string_view take_body(std::string_view bytes, const OnChunk& on_chunk);
    void on_line();
    void scan(std::string_view payload, const OnChunk& on_chunk);

    Part part_{Part::head};
    std::string head_;
    std::string line_;
    std::string tail_;  // the end of what came: all of a short answer
    char first_byte_{0};
    std::uint64_t left_{0};
    int status_{0};
    bool started_{false}, complete_{false}, broken_{false}, server_closes_{false}, unordered_{false};
    Mark mark_{Mark::none};
    long sequence_{0};
    long next_sequence_{0};
    std::uint64_t sent_ns_{0};
};

}  // namespace gatehouse::bench

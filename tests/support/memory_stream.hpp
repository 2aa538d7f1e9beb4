// A connection in memory: reads come in the given splits, writes are kept, and any step can be made to fail.
#pragma once

#include "gatehouse/net/byte_stream.hpp"
#include "gatehouse/net/signal.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::test {

class MemoryStream final : public net::ByteStream {
public:
    /// What comes after the last split: the proper end, a cut, or silence until the stream is closed.
    enum class Ending { end, cut, silence };

    explicit MemoryStream(std::vector<std::string> reads, Ending ending = Ending::end);
    /// `bytes` one byte a read.
    static std::vector<std::string> each_byte(const std::string& bytes);

    /// The step of that number (from 0; a read or a write is a step) fails.
    void fail_at(std::size_t step, Problem problem);

    Task<Result<std::size_t>> read_some(std::span<char> into) override;
    Task<Status> write(std::span<const std::string_view> pieces) override;
    void read_deadline(Instant when) noexcept override { read_deadline_ = when; }
    void write_deadline(Instant when) noexcept override { write_deadline_ = when; }
    Task<void> shutdown_send() override;
    void close() noexcept override;
    bool peer_left() noexcept override { return reads_.empty() && ending_ != Ending::silence; }
    const std::string& peer_address() const noexcept override { return peer_address_; }

    /// Everything written, and the same write by write.
    std::string written() const;
    const std::vector<std::string>& writes() const noexcept { return writes_; }
    std::size_t steps() const noexcept { return steps_; }
    bool is_closed() const noexcept { return closed_; }
    bool sending_is_shut() const noexcept { return shut_; }
    Instant read_deadline() const noexcept { return read_deadline_; }
    Instant write_deadline() const noexcept { return write_deadline_; }

private:
    std::optional<Problem> failure_of_this_step();

    std::deque<std::string> reads_;
    Ending ending_;
    std::optional<std::size_t> fails_at_;
    std::optional<Problem> failure_;
    std::vector<std::string> writes_;
    std::size_t steps_{0};
    bool closed_{false};
    bool shut_{false};
    net::Signal closing_;
    Instant read_deadline_{never};
    Instant write_deadline_{never};
    std::string peer_address_{"192.0.2.1"};
};

}  // namespace gatehouse::test

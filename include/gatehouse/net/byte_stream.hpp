// ByteStream: a connection as two directions of bytes. TCP, TLS and the scripted one of the tests look alike.
//
// One read and one write may be pending at a time, together. A stream stays on its lane.
// Room: net. May include: core.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::net {

class ByteStream {
public:
    virtual ~ByteStream() = default;

    /// Reads what is there, at least one byte; 0 says that the peer has closed its side properly. Problems:
    /// timed_out (the read deadline passed), closed (reset, TLS cut short). Safe to cancel: a cancelled read
    /// loses no bytes.
    virtual Task<Result<std::size_t>> read_some(std::span<char> into) = 0;
    /// Writes all pieces, in order, in as few system calls as possible. The pieces must outlive the call.
    /// Problems: timed_out (the write deadline passed), closed.
    virtual Task<Status> write(std::span<const std::string_view> pieces) = 0;

    /// From then on reads (writes) fail with timed_out. Cheap: a store, no system call. `never` lifts it.
    virtual void read_deadline(Instant when) noexcept = 0;
    virtual void write_deadline(Instant when) noexcept = 0;

    /// Says "no more from us" (TLS: close_notify too); reading goes on.
    virtual Task<void> shutdown_send() = 0;
    /// Cuts the connection at once. Pending operations fail with closed.
    virtual void close() noexcept = 0;
    /// Has the peer closed or reset its side, whatever it sent before that nobody has read? Not told by reads
    /// as long as bytes lie in front of the end.
    virtual bool peer_left() noexcept = 0;
    /// The peer's address without the port, for per-address limits; empty if unknown.
    virtual const std::string& peer_address() const noexcept = 0;
};

}  // namespace gatehouse::net

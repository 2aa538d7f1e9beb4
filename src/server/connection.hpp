// What the requests of one connection share: the stream, the bytes that have arrived, the reused head block,
// and whether the process lets them run on.
// Room: server, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/net/byte_stream.hpp"
#include "gatehouse/net/signal.hpp"
#include "gatehouse/wire/byte_buffer.hpp"

#include <algorithm>
#include <string>

namespace gatehouse::server {

/// What a client is told whose request comes during the drain, or outlives it.
inline Problem shutting_down() {
    return Problem(ProblemKind::shutting_down, "The gateway is shutting down.");
}

struct Connection {
    net::ByteStream& stream;
    Clock& clock;
    wire::ByteBuffer received;  // arrived, not yet dealt with
    std::string block;          // the response head being written; its memory serves every request
    bool broken{false};         // the client is gone or does not read: write nothing more
    net::Signal cut{};          // raised at the end of the drain time: wait for nothing more
    Instant last_words{never};  // until then the client may still be told so

    /// Waits for the client's bytes end then; at once if the connection has been cut.
    void read_by(Instant when) { stream.read_deadline(cut.raised() ? clock.now() : when); }
    void write_by(Instant when) { stream.write_deadline(std::min(when, last_words)); }
    /// Ends all waiting for the client. What was going on fails, and has until then to say so.
    void cut_short(Instant until) {
        last_words = until;
        cut.raise();
        stream.read_deadline(clock.now());
        stream.write_deadline(until);
    }
};

}  // namespace gatehouse::server

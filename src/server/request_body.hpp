// The body of one request: read from the connection within its limits of size and time, inflated if need be.
//
// Sends `100 Continue` when the client waits for it, and not before somebody asks for the body.
// Room: server, private.
#pragma once

#include "connection.hpp"

#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/net/signal.hpp"
#include "gatehouse/server/options.hpp"
#include "gatehouse/wire/http1_reader.hpp"
#include "gatehouse/wire/http_message.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::server {

class RequestBody : public chat::RestOfBody {
public:
    /// `since`: when the head was complete; the body timeout runs from there.
    RequestBody(Connection& connection, const wire::RequestHead& head, const LimitOptions& limits,
                Instant since);

    /// The size that the client declared, of the bytes on the wire.
    std::optional<std::uint64_t> declared() const noexcept;
    bool gzip() const noexcept { return gzip_; }
    bool complete() const noexcept { return reader_.complete(); }

    /// All of it, inflated. Problems: request_too_large, request_timeout, bad_framing, client_gone,
    /// invalid_value (no gzip).
    Task<Result<std::string>> whole();
    /// The next piece as it came; the empty view is the end. Valid until the next call. Problems as above.
    Task<Result<std::string_view>> next() override;
    /// Takes what has already arrived off the connection. True if that was all of the body, so that the next
    /// request may follow although this body was never read.
    bool discard_received();
    /// Returns once the body has been read to its end, and what came behind it is free to be read.
    Task<void> completed();
    bool has_completed() const noexcept { return completed_.raised(); }
    /// Time spent waiting for the client's bytes.
    std::chrono::nanoseconds waited() const noexcept { return waited_; }

private:
    Result<std::string_view> take();
    Task<Status> fill();
    std::size_t expected() const noexcept;
    Result<std::string> inflated(std::string body) const;

    Connection& connection_;
    const LimitOptions& limits_;
    wire::BodyReader reader_;
    wire::BodyFraming framing_;
    std::size_t limit_;
    std::uint64_t total_{0};
    Instant deadline_;
    std::chrono::nanoseconds waited_{0};
    bool gzip_{false};
    bool expects_continue_;
    std::string last_;  // the last piece, kept aside so that the connection's buffer is free for what follows
    std::size_t taken_{0};
    net::Signal completed_;
};

}  // namespace gatehouse::server

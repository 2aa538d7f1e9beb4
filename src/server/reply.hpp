// Reply: how the answer to one request gets onto the connection. Knows version, method, request id, trail,
// CORS.
//
// Head and body leave in one gathered write. Room: server, private.
#pragma once

#include "connection.hpp"
#include "request_body.hpp"

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/chat/reply_sink.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/server/options.hpp"
#include "gatehouse/server/session.hpp"
#include "gatehouse/telemetry/trail.hpp"
#include "gatehouse/wire/http_message.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::server {

/// Time that a request has spent here and not waiting for others: `waited` for its client, the trail's for
/// its provider.
std::chrono::nanoseconds overhead_of(const telemetry::Trail& trail, Instant now,
                                     std::chrono::nanoseconds waited);

class Reply {
public:
    Reply(Connection& connection, const wire::RequestHead& head, RequestBody& body, telemetry::Trail& trail,
          const ServerOptions& options, const Life& life);

    /// Answers with a body in one piece. Problem client_gone when it cannot be delivered.
    Task<Status> whole(int status, std::string_view content_type, std::string_view body);
    /// Answers with the error object; the trail learns what the client was told.
    Task<Status> refuse(const Problem& problem);

    /// Lines that the head will carry besides, "name: value\r\n" each.
    std::string& fields() noexcept { return fields_; }
    /// The provider's fields that clients see.
    void add_provider_fields(const chat::ReplyHead& head);

    /// Begins a head in the connection's block; `content_type` may be empty. The caller appends what frames
    /// the body, then calls end_head().
    std::string& begin_head(int status, std::string_view content_type);
    void end_head();
    /// Writes pieces. Problem client_gone, also when the client takes next to nothing for the write timeout,
    /// the first time from `now`.
    Task<Status> write(std::span<const std::string_view> pieces, Instant now);

    /// True from the moment a head has been made: no other status is possible.
    bool started() const noexcept { return started_; }
    /// May another request follow on this connection?
    bool keeps_connection() const noexcept { return keep_ && !connection_.broken; }
    void end_connection() noexcept { keep_ = false; }
    bool http_1_0() const noexcept { return head_.http_1_0; }
    /// The client's words for errors; OpenAI's until it is known.
    void speak(chat::Vendor vendor) noexcept { vendor_ = vendor; }
    chat::Vendor vendor() const noexcept { return vendor_; }
    /// Shows the caller how its request was answered.
    void show_debug() noexcept { debug_ = true; }
    bool debug() const noexcept { return debug_; }
    /// Leaves the fields of CORS out.
    void hide_from_pages() noexcept { shown_to_pages_ = false; }

    Connection& connection() noexcept { return connection_; }
    telemetry::Trail& trail() noexcept { return trail_; }

private:
    Task<Status> write_slice(std::span<const std::string_view> pieces, Instant now);
    Task<Status> write_slices(std::span<const std::string_view> pieces);
    void append_trail_fields(std::string& block);
    void append_cache_fields(std::string& block) const;

    Connection& connection_;
    const wire::RequestHead& head_;
    RequestBody& body_;
    telemetry::Trail& trail_;
    const ServerOptions& options_;
    const Life& life_;
    std::string fields_;
    chat::Vendor vendor_{chat::Vendor::openai};
    bool started_{false};
    bool shown_to_pages_{true};
    bool debug_{false};
    bool keep_;
};

}  // namespace gatehouse::server

#include "reply.hpp"

#include "cors.hpp"
#include "debug_report.hpp"
#include "problem_response.hpp"
#include "rate_fields.hpp"

#include "gatehouse/wire/http1_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace gatehouse::server {
namespace {

/// Milliseconds with three decimals, such as `0.214`.
void append_milliseconds(std::string& out, std::chrono::nanoseconds time) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
    std::array<char, 24> digits{};
    const auto whole = std::to_chars(digits.data(), digits.data() + digits.size(), us / 1000);
    out.append(digits.data(), static_cast<std::size_t>(whole.ptr - digits.data()));
    const auto rest = us % 1000;
    out.push_back('.');
    out.push_back(static_cast<char>('0' + rest / 100));
    out.push_back(static_cast<char>('0' + rest / 10 % 10));
    out.push_back(static_cast<char>('0' + rest % 10));
}

void append_unless_empty(std::string& block, std::string_view name, std::string_view value) {
    if (!value.empty()) {
        wire::append_known_field(block, name, value);
    }
}

/// What a client has to take of a reply within the write timeout. Whoever reads on is not cut off, however
/// long the reply is.
constexpr std::size_t bytes_at_once = std::size_t{64} * 1024;

/// The pieces of a long write, so many bytes at a time.
class Slices {
public:
    explicit Slices(std::span<const std::string_view> pieces) : pieces_(pieces) {}

    /// Good until the next call; empty: that was all.
    std::span<const std::string_view> next() {
        slice_.clear();
        std::size_t room = bytes_at_once;
        while (room > 0 && !pieces_.empty()) {
            const auto part = pieces_.front().substr(begin_, room);
            if (!part.empty()) {
                slice_.push_back(part);
            }
            room -= part.size();
            begin_ += part.size();
            if (begin_ == pieces_.front().size()) {
                pieces_ = pieces_.subspan(1);
                begin_ = 0;
            }
        }
        return slice_;
    }

private:
    std::span<const std::string_view> pieces_;
    std::size_t begin_{0};  // of the first one's rest
    std::vector<std::string_view> slice_;
};

std::size_t size_of(std::span<const std::string_view> pieces) noexcept {
    std::size_t size = 0;
    for (const auto piece : pieces) {
        size += piece.size();
    }
    return size;
}

}  // namespace

std::chrono::nanoseconds overhead_of(const telemetry::Trail& trail, Instant now,
                                     std::chrono::nanoseconds waited) {
    const std::chrono::nanoseconds spent = now - trail.started;
    return std::max(spent - trail.upstream_time - waited, std::chrono::nanoseconds(0));
}

Reply::Reply(Connection& connection, const wire::RequestHead& head, RequestBody& body,
             telemetry::Trail& trail, const ServerOptions& options, const Life& life)
    : connection_(connection),
      head_(head),
      body_(body),
      trail_(trail),
      options_(options),
      life_(life),
      keep_(head.keep_alive) {}

void Reply::add_provider_fields(const chat::ReplyHead& head) {
    append_unless_empty(fields_, "openai-processing-ms", head.processing_ms);
    append_unless_empty(fields_, "openai-version", head.version);
}

/// How the cache came to this answer, or why it did not.
void Reply::append_cache_fields(std::string& block) const {
    if (trail_.cache.empty()) {
        return;
    }
    wire::append_field(block, "x-gatehouse-cache", trail_.cache);
    append_unless_empty(block, "x-gatehouse-cache-type", trail_.cache_tier);
    if (trail_.cache_similarity) {
        wire::append_field(block, "x-gatehouse-cache-similarity",
                           fmt::format("{:.3f}", *trail_.cache_similarity));
    }
    if (trail_.cache_age) {
        wire::append_field(block, "age", static_cast<std::size_t>(trail_.cache_age->count()));
    }
    const bool is_hit = trail_.cache == "hit";
    if (is_hit || trail_.saved > PicoUsd(0)) {
        wire::append_field(block, "x-gatehouse-saved-usd", usd_text(trail_.saved));
    }
    if (is_hit && trail_.stream && trail_.cost) {  // of other streams nobody knows it yet
        wire::append_field(block, "x-gatehouse-cost-usd", usd_text(*trail_.cost));
    }
}

void Reply::append_trail_fields(std::string& block) {
    wire::append_field(block, "x-request-id", trail_.request_id);
    if (vendor_ == chat::Vendor::anthropic) {
        wire::append_field(block, "request-id", trail_.request_id);
    }
    append_unless_empty(block, "x-gatehouse-provider", trail_.provider);
    append_unless_empty(block, "x-gatehouse-model", trail_.upstream_model);
    append_unless_empty(block, "x-gatehouse-route", trail_.route);
    if (!trail_.prompt_class.empty()) {
        wire::append_field(block, "x-gatehouse-class", trail_.prompt_class);
        wire::append_field(block, "x-gatehouse-class-probability",
                           probability_text(trail_.class_probability));
    }
    append_unless_empty(block, "x-gatehouse-dropped-params", trail_.dropped_params);
    append_cache_fields(block);
    append_rate_fields(block, trail_, vendor_, connection_.clock.wall());
    if (!trail_.endpoint.empty()) {
        wire::append_field(block, "x-gatehouse-attempts", trail_.attempts.size());
    }
    block.append("x-gatehouse-overhead-ms: ");
    append_milliseconds(block, overhead_of(trail_, connection_.clock.now(), body_.waited()));
    block.append("\r\n");
}

std::string& Reply::begin_head(int status, std::string_view content_type) {
    started_ = true;
    if (trail_.source != nullptr) {
        trail_.source->bring_up_to_date(trail_);
    }
    trail_.status = status;
    // A body that has not arrived whole cannot be told from the next request.
    keep_ = keep_ && !life_.draining() && (body_.complete() || body_.discard_received());
    std::string& block = connection_.block;
    block.clear();
    wire::append_status_line(block, status);
    wire::append_field(block, "date", wire::http_date());
    append_unless_empty(block, "content-type", content_type);
    append_trail_fields(block);
    if (shown_to_pages_) {
        append_cors_fields(block, head_.fields, options_.cors);
    }
    block.append(fields_);
    return block;
}

void Reply::end_head() {
    std::string& block = connection_.block;
    if (!keep_) {
        block.append("connection: close\r\n");
    } else if (head_.http_1_0) {
        block.append("connection: keep-alive\r\n");
    }
    block.append("\r\n");
}

Task<Status> Reply::write(std::span<const std::string_view> pieces, Instant now) {
    if (connection_.broken) {
        co_return Problem(ProblemKind::client_gone, "The client closed the connection.");
    }
    // Until the write is through the connection counts as broken: a write that was cut short cannot be
    // continued.
    connection_.broken = true;
    const auto size = size_of(pieces);
    auto writing = size <= bytes_at_once ? write_slice(pieces, now) : write_slices(pieces);
    auto written = co_await std::move(writing);
    if (!written) {
        co_return Problem(ProblemKind::client_gone, "The client does not take the reply.");
    }
    connection_.broken = false;
    trail_.reply_bytes += size;
    co_return done();
}

// Not a coroutine: nearly every write is one of these.
Task<Status> Reply::write_slice(std::span<const std::string_view> pieces, Instant now) {
    connection_.write_by(now + options_.limits.write_timeout);
    return connection_.stream.write(pieces);
}

Task<Status> Reply::write_slices(std::span<const std::string_view> pieces) {
    Slices slices(pieces);
    while (true) {
        const auto slice = slices.next();
        if (slice.empty()) {
            co_return done();
        }
        auto written = co_await write_slice(slice, connection_.clock.now());
        if (!written) {
            co_return written;
        }
    }
}

Task<Status> Reply::whole(int status, std::string_view content_type, std::string_view body) {
    std::string& block = begin_head(status, content_type);
    if (trail_.cost && !trail_.endpoint.empty()) {
        wire::append_field(block, "x-gatehouse-cost-usd", usd_text(*trail_.cost));
    }
    if (status != 204) {
        wire::append_field(block, "content-length", body.size());
    }
    end_head();
    const bool head_only = head_.method == "HEAD" || body.empty();
    const std::array<std::string_view, 2> pieces{block, body};
    const std::span<const std::string_view> sent(pieces.data(), head_only ? 1 : 2);
    co_return co_await write(sent, connection_.clock.now());
}

Task<Status> Reply::refuse(const Problem& problem) {
    if (ends_connection(problem)) {
        end_connection();
    }
    trail_.problem = problem.kind();
    if (trail_.outcome == telemetry::RequestOutcome::running) {
        trail_.outcome = outcome_of(problem);
    }
    append_problem_fields(fields_, problem);
    std::string body = error_body_of(problem, vendor_, trail_.request_id);
    if (debug_) {
        body = with_debug_object(body, trail_, connection_.clock.now());
    }
    const int status = view_of(problem, vendor_).status;
    co_return co_await whole(status, "application/json", body);
}

}  // namespace gatehouse::server

#include "http_reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gatehouse::net {
namespace {

// A stream that waits holds a buffer of this size, enough for an event or a few; one that fills it is read in
// bigger pieces until it lags behind them again.
constexpr std::size_t first_read = 1024;
constexpr std::size_t biggest_read = 64 * 1024;

}  // namespace

Problem CallClock::expired(Instant now, std::string_view doing, Milliseconds limit) const {
    if (now >= total) {
        // All the time there is for one attempt is spent; the same target would spend it again.
        return Problem(ProblemKind::upstream_timeout,
                       fmt::format("timed out after {} in all", in_words(timeouts.total)), Retry::elsewhere);
    }
    return Problem(ProblemKind::upstream_timeout,
                   fmt::format("timed out after {} {}", in_words(limit), doing), Retry::same_place);
}

PooledReply::PooledReply(std::weak_ptr<ConnectionPool> pool, Origin origin,
                         std::unique_ptr<Connection> connection, wire::ResponseHead head, Sent request,
                         CallClock deadlines)
    : pool_(std::move(pool)),
      origin_(std::move(origin)),
      connection_(std::move(connection)),
      head_(std::move(head)),
      request_(request),
      deadlines_(deadlines),
      body_(head_.body),
      read_size_(first_read) {}

PooledReply::~PooledReply() {
    if (!connection_ || ended_) {
        return;
    }
    // A reader that knows the end from the contents stops before the last chunk, which is often here already.
    connection_->received().consume(std::exchange(shown_, 0));
    if (!body_.complete()) {
        const Result<std::string_view> rest = payload();
        if (!rest || !rest->empty()) {
            return;
        }
    }
    if (body_.complete()) {
        connection_->received().consume(std::exchange(shown_, 0));
        finish();
    }
}

void PooledReply::read_by(Instant when) noexcept {
    read_by_ = when;
}

/// The payload of all that is in the buffer, as one view; empty if it holds none.
Result<std::string_view> PooledReply::payload() {
    wire::ByteBuffer& received = connection_->received();
    const std::string_view all = received.data();
    std::string_view only;
    std::size_t parts = 0;
    while (shown_ < all.size() && !body_.complete()) {
        Result<wire::BodyReader::Step> step = body_.feed(all.substr(shown_));
        if (!step) {
            return Problem(ProblemKind::upstream_protocol, "malformed response body", Retry::same_place);
        }
        if (step->consumed == 0) {
            break;
        }
        shown_ += step->consumed;
        if (step->payload.empty()) {
            continue;
        }
        // Chunks that arrive together are handed on together: one step for whoever writes them on.
        if (parts == 0) {
            only = step->payload;
        } else {
            if (parts == 1) {
                joined_.assign(only);
            }
            joined_.append(step->payload);
        }
        ++parts;
    }
    const std::string_view whole = parts > 1 ? std::string_view(joined_) : only;
    delivered_ += whole.size();
    if (whole.empty()) {
        received.consume(std::exchange(shown_, 0));
    }
    return whole;
}

std::size_t PooledReply::wanted() const noexcept {
    if (head_.body.kind != wire::BodyKind::sized) {
        return read_size_;
    }
    const std::uint64_t left = head_.body.size > delivered_ ? head_.body.size - delivered_ : 1;
    return static_cast<std::size_t>(std::min<std::uint64_t>(left, biggest_read));
}

Problem PooledReply::lost(const Problem& cause) {
    connection_.reset();
    const Instant now = std::chrono::steady_clock::now();
    switch (cause.kind()) {
        case ProblemKind::cancelled:
            return cause;
        case ProblemKind::timed_out:
            if (now >= read_by_ && now < deadlines_.total) {
                return Problem(ProblemKind::upstream_timeout, "timed out waiting for the first content",
                               Retry::same_place);
            }
            return deadlines_.expired(now, "of silence in the response", deadlines_.timeouts.idle);
        default:
            return Problem(ProblemKind::upstream_lost,
                           "the connection was cut before the response was complete", Retry::same_place);
    }
}

void PooledReply::finish() {
    ended_ = true;
    const bool reusable = request_ == Sent::whole && head_.keep_alive &&
                          head_.body.kind != wire::BodyKind::until_close && connection_->received().empty();
    const std::shared_ptr<ConnectionPool> pool = pool_.lock();
    if (reusable && pool) {
        pool->give_back(origin_, std::move(connection_));
    }
    connection_.reset();
}

Task<Result<std::string_view>> PooledReply::next() {
    if (ended_) {
        co_return std::string_view();
    }
    if (!connection_) {
        co_return Problem(ProblemKind::upstream_lost, "the connection is gone", Retry::same_place);
    }
    wire::ByteBuffer& received = connection_->received();
    received.consume(std::exchange(shown_, 0));
    while (!body_.complete()) {
        Result<std::string_view> part = payload();
        if (!part) {
            connection_.reset();
            co_return part;
        }
        if (!part->empty()) {
            co_return part;
        }
        if (body_.complete()) {
            break;
        }
        const Instant silence = std::chrono::steady_clock::now() + deadlines_.timeouts.idle;
        connection_->stream().read_deadline(std::min({silence, deadlines_.total, read_by_}));
        const bool streamed = head_.body.kind != wire::BodyKind::sized;
        if (streamed && received.empty() && received.capacity() > read_size_) {
            received.release();
        }
        const std::span<char> room = received.prepare(wanted());
        const Result<std::size_t> count = co_await connection_->stream().read_some(room);
        if (!count) {
            co_return lost(count.problem());
        }
        if (*count == 0) {
            if (head_.body.kind == wire::BodyKind::until_close) {
                break;
            }
            co_return lost(Problem(ProblemKind::closed, "closed"));
        }
        received.commit(*count);
        if (*count >= room.size()) {
            read_size_ = biggest_read;
        } else if (*count < first_read) {
            read_size_ = first_read;
        }
    }
    finish();
    co_return std::string_view();
}

}  // namespace gatehouse::net

#include "gatehouse/net/http_client.hpp"

#include "connection_pool.hpp"
#include "http_reply.hpp"

#include "gatehouse/net/unless.hpp"
#include "gatehouse/wire/http1_reader.hpp"
#include "gatehouse/wire/http1_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace gatehouse::net {
namespace {

constexpr std::size_t head_read = 4 * 1024;
/// Up to here a request fits the socket's buffer, and nobody needs to listen for an answer while it is sent.
constexpr std::size_t sent_in_one_go = 64 * 1024;
constexpr int most_interim_responses = 16;
/// A peer that refuses and closes while we send: how long its words may take to arrive.
constexpr std::chrono::seconds last_words(1);

std::size_t size_of(std::span<const std::string_view> pieces) {
    std::size_t size = 0;
    for (const std::string_view piece : pieces) {
        size += piece.size();
    }
    return size;
}

/// One request on one connection, up to the response's head.
class Attempt {
public:
    Attempt(ConnectionPool& pool, const Origin& origin, HttpCall& call,
            std::unique_ptr<Connection> connection, CallClock deadlines)
        : pool_(pool),
          origin_(origin),
          call_(call),
          connection_(std::move(connection)),
          deadlines_(deadlines),
          reader_(wire::HeadLimits{.block = pool.options().head}) {}

    Task<Result<std::unique_ptr<HttpReply>>> run();
    /// The peer was gone before it said anything, and everything that was sent can be sent again.
    bool may_be_sent_again() const noexcept { return was_closed_ && !received_any_ && !rest_begun_; }

private:
    void write_head();
    Task<Status> send_start();
    Task<Status> send_all();
    Task<Status> send_rest();
    Task<void> answer_early();
    Task<Status> read_head();
    Problem failed(const Problem& cause, std::string_view doing);
    Result<std::unique_ptr<HttpReply>> reply();

    bool is_chunked() const noexcept { return call_.rest != nullptr && !call_.size; }

    ConnectionPool& pool_;
    const Origin& origin_;
    HttpCall& call_;
    std::unique_ptr<Connection> connection_;
    CallClock deadlines_;
    wire::ResponseHeadReader reader_;
    wire::ResponseHead head_;
    std::optional<Status> answer_;  // how reading the head went, once it is over
    std::string head_text_;
    PooledReply::Sent sent_{PooledReply::Sent::partly};
    bool received_any_{false};
    bool rest_begun_{false};
    bool was_closed_{false};
};

void Attempt::write_head() {
    head_text_.reserve(256 + call_.fields.size() + call_.target.size());
    wire::append_request_line(head_text_, call_.method, call_.target);
    wire::append_field(head_text_, "Host", origin_.authority());
    head_text_.append(call_.fields);
    const std::size_t known = size_of(call_.body);
    if (is_chunked()) {
        wire::append_field(head_text_, "Transfer-Encoding", "chunked");
    } else if (call_.rest != nullptr) {
        wire::append_field(head_text_, "Content-Length", static_cast<std::size_t>(*call_.size));
    } else if (known != 0 || (call_.method != "GET" && call_.method != "HEAD")) {
        wire::append_field(head_text_, "Content-Length", known);
    }
    head_text_.append("\r\n");
    if (is_chunked() && known != 0) {
        wire::append_chunk_head(head_text_, known);
    }
}

Task<Status> Attempt::send_start() {
    std::vector<std::string_view> pieces;
    pieces.reserve(call_.body.size() + 2);
    pieces.emplace_back(head_text_);
    pieces.insert(pieces.end(), call_.body.begin(), call_.body.end());
    if (is_chunked() && size_of(call_.body) != 0) {
        pieces.emplace_back(wire::chunk_end);
    }
    const Instant limit = pool_.clock().now() + deadlines_.timeouts.first_byte;
    connection_->stream().write_deadline(std::min(limit, deadlines_.total));
    if (call_.asked != nullptr) {
        *call_.asked = true;
    }
    const Status sent = co_await connection_->stream().write(pieces);
    co_return sent;
}

Task<Status> Attempt::send_rest() {
    std::uint64_t sent_bytes = size_of(call_.body);
    while (true) {
        rest_begun_ = true;
        Result<std::string_view> part = co_await call_.rest->next();
        if (!part) {
            co_return std::move(part).problem();
        }
        sent_bytes += part->size();
        const bool at_end = part->empty();
        if (call_.size && (sent_bytes > *call_.size || (at_end && sent_bytes != *call_.size))) {
            co_return Problem(ProblemKind::internal, "a body of another size than announced");
        }
        std::string chunk_head;
        std::vector<std::string_view> pieces;
        if (!is_chunked()) {
            pieces = {*part};
        } else if (at_end) {
            pieces = {wire::last_chunk};
        } else {
            wire::append_chunk_head(chunk_head, part->size());
            pieces = {chunk_head, *part, wire::chunk_end};
        }
        const Instant limit = pool_.clock().now() + deadlines_.timeouts.idle;
        connection_->stream().write_deadline(std::min(limit, deadlines_.total));
        Status sent = co_await connection_->stream().write(pieces);
        if (!sent || at_end) {
            co_return sent;
        }
    }
}

Task<Status> Attempt::send_all() {
    Status sent = co_await send_start();
    if (sent && call_.rest != nullptr) {
        sent = co_await send_rest();
    }
    co_return sent;
}

/// Ends when the response's head has come, or never will.
Task<void> Attempt::answer_early() {
    connection_->stream().read_deadline(deadlines_.total);
    Status answer = co_await read_head();
    if (answer || answer.problem().kind() != ProblemKind::cancelled) {
        answer_ = std::move(answer);
    }
}

Task<Status> Attempt::read_head() {
    wire::ByteBuffer& received = connection_->received();
    int interim = 0;
    while (true) {
        if (!received.empty()) {
            const Result<std::size_t> taken = reader_.read(received.data(), head_, call_.method == "HEAD");
            if (!taken) {
                co_return Problem(ProblemKind::upstream_protocol, taken.problem().message(),
                                  Retry::same_place);
            }
            received.consume(*taken);
            if (*taken != 0 && head_.status >= 200) {
                co_return done();
            }
            if (*taken != 0) {
                if (head_.status == 101 || ++interim > most_interim_responses) {
                    co_return Problem(ProblemKind::upstream_protocol, "unexpected interim response",
                                      Retry::same_place);
                }
                reader_.reset();
                head_ = wire::ResponseHead();
                continue;
            }
        }
        const std::span<char> room = received.prepare(head_read);
        const Result<std::size_t> count = co_await connection_->stream().read_some(room);
        if (!count) {
            co_return count.problem();
        }
        if (*count == 0) {
            co_return Problem(ProblemKind::closed, "closed before the response");
        }
        received_any_ = true;
        received.commit(*count);
    }
}

Problem Attempt::failed(const Problem& cause, std::string_view doing) {
    switch (cause.kind()) {
        case ProblemKind::timed_out:
            return deadlines_.expired(pool_.clock().now(), doing, deadlines_.timeouts.first_byte);
        case ProblemKind::closed:
            was_closed_ = true;
            return Problem(ProblemKind::upstream_lost,
                           received_any_ ? "the connection was cut within the response head"
                                         : "the connection was cut before the response",
                           Retry::same_place);
        default:
            return cause;
    }
}

Task<Result<std::unique_ptr<HttpReply>>> Attempt::run() {
    write_head();
    std::optional<Status> sent;
    if (call_.rest == nullptr && size_of(call_.body) <= sent_in_one_go) {
        Status started = co_await send_start();
        sent = std::move(started);
    } else {
        sent = co_await unless(send_all(), answer_early());
    }
    const bool cut = sent && !*sent && sent->problem().kind() == ProblemKind::closed;
    if (sent && !*sent && !cut && !answer_) {
        co_return failed(sent->problem(), "sending the request");
    }
    sent_ = sent && *sent ? PooledReply::Sent::whole : PooledReply::Sent::partly;
    if (!answer_) {
        const auto patience = cut ? Milliseconds(last_words) : deadlines_.timeouts.first_byte;
        const Instant limit = pool_.clock().now() + patience;
        connection_->stream().read_deadline(std::min(limit, deadlines_.total));
        Status answer = co_await read_head();
        answer_ = std::move(answer);
    }
    if (!*answer_) {
        co_return failed(cut ? sent->problem() : answer_->problem(), "waiting for the response head");
    }
    co_return reply();
}

Result<std::unique_ptr<HttpReply>> Attempt::reply() {
    if (head_.status >= 300 && head_.status < 400) {
        // Followed, the credential would go wherever the redirect says.
        return Problem(ProblemKind::upstream_redirect, fmt::format("redirect (status {})", head_.status),
                       Retry::elsewhere)
            .with_status(head_.status);
    }
    return std::unique_ptr<HttpReply>(std::make_unique<PooledReply>(
        pool_.weak_from_this(), origin_, std::move(connection_), std::move(head_), sent_, deadlines_));
}

}  // namespace

struct HttpClient::State {
    std::shared_ptr<ConnectionPool> pool;
};

HttpClient::HttpClient(Lane& lane, Resolver& resolver, HttpClientOptions options)
    : state_(std::make_shared<State>()) {
    state_->pool = std::make_shared<ConnectionPool>(lane, resolver, options);
}

HttpClient::~HttpClient() = default;

PoolCounts HttpClient::counts() const {
    PoolCounts sum;
    for (const OriginCounts& each : counts_by_origin()) {
        sum.open += each.counts.open;
        sum.idle += each.counts.idle;
        sum.dialled += each.counts.dialled;
        sum.reused += each.counts.reused;
        sum.redialled += each.counts.redialled;
    }
    return sum;
}
std::vector<OriginCounts> HttpClient::counts_by_origin() const {
    return state_->pool->counts();
}
void HttpClient::close_idle() {
    state_->pool->close_idle();
}

Task<Result<std::unique_ptr<HttpReply>>> HttpClient::send(const Origin& origin, HttpCall& call) {
    const std::shared_ptr<ConnectionPool> pool = state_->pool;
    CallClock deadlines;
    deadlines.timeouts = call.timeouts;
    deadlines.total = pool->clock().now() + call.timeouts.total;
    // A body that is read as it comes cannot be sent twice: it gets a connection that the peer has not tired
    // of.
    std::unique_ptr<Connection> kept = call.rest == nullptr ? pool->take(origin) : nullptr;
    if (kept) {
        Attempt attempt(*pool, origin, call, std::move(kept), deadlines);
        Result<std::unique_ptr<HttpReply>> reply = co_await attempt.run();
        if (reply || !attempt.may_be_sent_again()) {
            co_return std::move(reply);
        }
        // The peer closed an idle connection in the moment we used it. That says nothing about the peer's
        // health.
        pool->count_redial(origin);
    }
    auto fresh = co_await pool->dial(origin, call.timeouts.connect, deadlines.total);
    if (!fresh) {
        co_return std::move(fresh).problem();
    }
    Attempt attempt(*pool, origin, call, std::move(*fresh), deadlines);
    Result<std::unique_ptr<HttpReply>> reply = co_await attempt.run();
    co_return std::move(reply);
}

}  // namespace gatehouse::net

#include "request_body.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/encodings.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::server {
namespace {

constexpr Milliseconds silence_limit{30'000};
constexpr std::size_t read_size = 64 * 1024;
constexpr std::size_t reserve_limit = 1024 * 1024;  // beyond it memory is taken as bytes come
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

Problem gone() {
    return Problem(ProblemKind::client_gone, "The client closed the connection.");
}

Problem too_large(std::size_t limit) {
    return Problem(ProblemKind::request_too_large,
                   "The request body is larger than " + std::to_string(limit) + " bytes.");
}

}  // namespace

RequestBody::RequestBody(Connection& connection, const wire::RequestHead& head, const LimitOptions& limits,
                         Instant since)
    : connection_(connection),
      limits_(limits),
      reader_(head.body),
      framing_(head.body),
      limit_(limits.body),
      deadline_(since + limits.body_timeout),
      expects_continue_(head.expects_continue) {
    const auto encoding = head.fields.find("content-encoding");
    gzip_ = encoding && equals_ignoring_case(*encoding, "gzip");
}

std::optional<std::uint64_t> RequestBody::declared() const noexcept {
    if (framing_.kind == wire::BodyKind::chunked) {
        return std::nullopt;
    }
    return framing_.size;
}

std::size_t RequestBody::expected() const noexcept {
    if (framing_.kind != wire::BodyKind::sized) {
        return read_size / 4;
    }
    return static_cast<std::size_t>(std::min<std::uint64_t>(framing_.size - total_, read_size));
}

Result<std::string_view> RequestBody::take() {
    auto& received = connection_.received;
    received.consume(std::exchange(taken_, 0));
    while (!reader_.complete() && !received.empty()) {
        auto step = reader_.feed(received.data());
        if (!step) {
            return std::move(step.problem());
        }
        if (!step->payload.empty()) {
            total_ += step->payload.size();
            if (total_ > limit_) {
                return too_large(limit_);
            }
            taken_ = step->consumed;
            return step->payload;
        }
        if (step->consumed == 0) {
            break;
        }
        received.consume(step->consumed);
    }
    return std::string_view();
}

Task<Status> RequestBody::fill() {
    const Instant began = connection_.clock.now();
    if (expects_continue_) {
        expects_continue_ = false;
        if (total_ == 0 && connection_.received.empty()) {
            const std::array<std::string_view, 1> pieces{continue_line};
            connection_.write_by(began + limits_.write_timeout);
            auto written = co_await connection_.stream.write(pieces);
            if (!written) {
                co_return gone();
            }
        }
    }
    connection_.read_by(std::min(deadline_, began + silence_limit));
    const auto room = connection_.received.prepare(std::max<std::size_t>(expected(), 512));
    auto got = co_await connection_.stream.read_some(room);
    waited_ += connection_.clock.now() - began;
    if (!got && got.problem().kind() == ProblemKind::timed_out) {
        if (connection_.cut.raised()) {
            co_return shutting_down();
        }
        co_return Problem(ProblemKind::request_timeout, "The request body came too slowly.");
    }
    if (!got || *got == 0) {
        co_return gone();
    }
    connection_.received.commit(*got);
    co_return done();
}

Task<Result<std::string>> RequestBody::whole() {
    std::string body;
    if (framing_.kind == wire::BodyKind::sized) {
        body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(framing_.size, reserve_limit)));
    }
    while (true) {
        auto piece = take();
        if (!piece) {
            co_return std::move(piece.problem());
        }
        if (!piece->empty()) {
            body.append(*piece);
            continue;
        }
        if (reader_.complete()) {
            break;
        }
        auto filled = co_await fill();
        if (!filled) {
            co_return std::move(filled.problem());
        }
    }
    completed_.raise();
    if (gzip_) {
        co_return inflated(std::move(body));
    }
    co_return std::move(body);
}

Result<std::string> RequestBody::inflated(std::string body) const {
    auto plain = wire::gunzip(body, limit_);
    if (!plain && plain.problem().kind() == ProblemKind::request_too_large) {
        return too_large(limit_);
    }
    return plain;
}

Task<Result<std::string_view>> RequestBody::next() {
    while (true) {
        auto piece = take();
        if (!piece) {
            co_return std::move(piece.problem());
        }
        if (reader_.complete() && !completed_.raised()) {
            last_.assign(*piece);
            connection_.received.consume(std::exchange(taken_, 0));
            completed_.raise();
            co_return std::string_view(last_);
        }
        if (!piece->empty() || reader_.complete()) {
            co_return *piece;
        }
        auto filled = co_await fill();
        if (!filled) {
            co_return std::move(filled.problem());
        }
    }
}

bool RequestBody::discard_received() {
    if (expects_continue_) {
        return complete();
    }
    while (true) {
        const auto piece = take();
        if (!piece) {
            return false;
        }
        if (piece->empty()) {
            break;
        }
    }
    return complete();
}

Task<void> RequestBody::completed() {
    return completed_.wait();
}

}  // namespace gatehouse::server

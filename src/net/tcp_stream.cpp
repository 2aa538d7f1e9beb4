#include "tcp_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/detail/socket_option.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <utility>

namespace gatehouse::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// Of one write that needs no waiting; more pieces than that take another turn.
constexpr std::size_t buffers_at_once = 32;

std::string in_words(const error_code& error) {
    if (error == asio::error::connection_refused) {
        return "connection refused";
    }
    if (error == asio::error::connection_reset || error == asio::error::broken_pipe) {
        return "connection reset by the peer";
    }
    if (error == asio::error::network_unreachable || error == asio::error::host_unreachable) {
        return "no route";
    }
    if (error == asio::error::timed_out) {
        return "the peer does not answer";
    }
    if (error == asio::error::no_descriptors || error.value() == ENFILE) {
        return "out of file descriptors";
    }
    return "connection lost";
}

/// Reads in a row that may end without a turn of the lane: a peer faster than we are must not keep it to
/// itself.
constexpr unsigned reads_in_a_row = 16;

/// Bytes that wait in the system for their turn on the wire; those beyond it wait here. What is on its way is
/// not among them.
constexpr int most_unsent = 128 * 1024;
using UnsentLimit = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

/// Drops the first `written` bytes of the buffers.
void advance(std::vector<asio::const_buffer>& buffers, std::size_t written) {
    auto first = buffers.begin();
    while (first != buffers.end() && written >= first->size()) {
        written -= first->size();
        ++first;
    }
    buffers.erase(buffers.begin(), first);
    if (!buffers.empty()) {
        buffers.front() += written;
    }
}

}  // namespace

/// Marks a direction as waiting, and has the timer armed for it.
class TcpStream::Pending {
public:
    Pending(TcpStream& stream, Direction& direction) : direction_(direction) {
        direction_.pending = true;
        stream.arm(direction_.deadline);
    }
    ~Pending() { direction_.pending = false; }
    Pending(const Pending&) = delete;
    Pending& operator=(const Pending&) = delete;

private:
    Direction& direction_;
};

TcpStream::TcpStream(Socket socket, std::string peer_address)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), peer_address_(std::move(peer_address)) {
    // Small writes leave at once (Nagle would hold an event back until the one before is acknowledged).
    // Neither option decides about correctness, and a peer that is already gone shows at the first read.
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    // The system takes megabytes for a peer that reads slowly, and then has room again only when a third of
    // them is gone: a reader of a megabyte a second would look like one that takes nothing for over a second.
    const UnsentLimit few_unsent(most_unsent);
    socket_.set_option(few_unsent, ignored);
    socket_.non_blocking(true, ignored);
}

TcpStream::~TcpStream() {
    close();
}

Task<Result<std::unique_ptr<TcpStream>>> TcpStream::connect(asio::io_context& context, Endpoint to,
                                                            Instant deadline) {
    Socket socket(context.get_executor());
    error_code error;
    socket.open(to.protocol(), error);
    if (error) {
        co_return Problem(ProblemKind::closed, in_words(error));
    }
    socket.set_option(asio::socket_base::keep_alive(true), error);
    auto stream = std::make_unique<TcpStream>(std::move(socket), to.address().to_string());
    stream->write_deadline(deadline);
    {
        const Pending pending(*stream, stream->write_);
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await stream->socket_.async_connect(to, std::move(token));
    }
    if (error) {
        const auto state = co_await asio::this_coro::cancellation_state;
        const bool cancelled = state.cancelled() != asio::cancellation_type::none;
        co_return stream->reason(error, cancelled);
    }
    stream->write_deadline(never);
    co_return std::move(stream);
}

Problem TcpStream::reason(const error_code& error, bool cancelled) const {
    if (closed_) {
        return Problem(ProblemKind::closed, "connection closed");
    }
    if (error != asio::error::operation_aborted) {
        return Problem(ProblemKind::closed, in_words(error));
    }
    if (cancelled) {
        return Problem(ProblemKind::cancelled, "cancelled");
    }
    return Problem(ProblemKind::timed_out, "timed out");
}

bool TcpStream::peer_left() noexcept {
    pollfd watched{socket_.native_handle(), POLLRDHUP, 0};
    return closed_ || (::poll(&watched, 1, 0) == 1 && watched.revents != 0);
}

Task<Result<std::size_t>> TcpStream::read_some(std::span<char> into) {
    while (!closed_) {
        if (read_.deadline <= std::chrono::steady_clock::now()) {
            co_return Problem(ProblemKind::timed_out, "timed out");
        }
        error_code error = asio::error::would_block;
        std::size_t count = 0;
        const asio::mutable_buffer buffer(into.data(), into.size());
        if (more_expected_ && ++read_at_once_ < reads_in_a_row) {
            count = socket_.read_some(buffer, error);
        }
        if (error == asio::error::would_block || error == asio::error::try_again) {
            read_at_once_ = 0;
            const Pending pending(*this, read_);
            auto token = asio::redirect_error(asio::use_awaitable, error);
            count = co_await socket_.async_read_some(buffer, std::move(token));
        }
        more_expected_ = count == into.size();
        if (!error) {
            co_return count;
        }
        if (error == asio::error::eof) {
            co_return std::size_t{0};
        }
        const auto state = co_await asio::this_coro::cancellation_state;
        const bool cancelled = state.cancelled() != asio::cancellation_type::none;
        // The other direction's deadline aborts this one too: an abort that is neither ours is tried again.
        if (error != asio::error::operation_aborted || cancelled || closed_) {
            co_return reason(error, cancelled);
        }
    }
    co_return Problem(ProblemKind::closed, "connection closed");
}

Task<Status> TcpStream::write(std::span<const std::string_view> pieces) {
    if (closed_) {
        co_return Problem(ProblemKind::closed, "connection closed");
    }
    std::array<asio::const_buffer, buffers_at_once> few;
    std::size_t total = 0;
    std::size_t used = 0;
    for (const std::string_view piece : pieces) {
        if (!piece.empty() && used < few.size()) {
            few[used++] = asio::const_buffer(piece.data(), piece.size());
        }
        total += piece.size();
    }
    if (total == 0) {
        co_return done();
    }
    // The socket's buffer nearly always takes all: then there is nothing to wait for, and no coroutine to
    // resume.
    error_code error;
    const std::span<const asio::const_buffer> first(few.data(), used);
    const std::size_t written = socket_.write_some(first, error);
    if (error && error != asio::error::would_block && error != asio::error::try_again) {
        co_return reason(error, false);
    }
    if (!error && written == total) {
        co_return done();
    }
    std::vector<asio::const_buffer> rest;
    rest.reserve(pieces.size());
    for (const std::string_view piece : pieces) {
        if (!piece.empty()) {
            rest.emplace_back(piece.data(), piece.size());
        }
    }
    advance(rest, error ? 0 : written);
    const Status finished = co_await finish_write(std::move(rest));
    co_return finished;
}

Task<Status> TcpStream::finish_write(std::vector<asio::const_buffer> rest) {
    while (!rest.empty()) {
        if (closed_) {
            co_return Problem(ProblemKind::closed, "connection closed");
        }
        if (write_.deadline <= std::chrono::steady_clock::now()) {
            co_return Problem(ProblemKind::timed_out, "timed out");
        }
        error_code error;
        std::size_t written = 0;
        {
            const Pending pending(*this, write_);
            auto token = asio::redirect_error(asio::use_awaitable, error);
            written = co_await socket_.async_write_some(rest, std::move(token));
        }
        advance(rest, written);
        if (!error) {
            continue;
        }
        const auto state = co_await asio::this_coro::cancellation_state;
        const bool cancelled = state.cancelled() != asio::cancellation_type::none;
        if (error != asio::error::operation_aborted || cancelled || closed_) {
            co_return reason(error, cancelled);
        }
    }
    co_return done();
}

void TcpStream::read_deadline(Instant when) noexcept {
    read_.deadline = when;
    if (read_.pending) {
        arm(when);
    }
}

void TcpStream::write_deadline(Instant when) noexcept {
    write_.deadline = when;
    if (write_.pending) {
        arm(when);
    }
}

void TcpStream::arm(Instant when) {
    if (when >= armed_for_) {
        return;
    }
    armed_for_ = when;
    if (!alive_) {
        alive_ = std::make_shared<Alive>();
    }
    timer_.expires_at(when);
    timer_.async_wait([this, alive = std::weak_ptr(alive_)](const error_code& error) {
        if (!error && !alive.expired()) {
            on_timer();
        }
    });
}

void TcpStream::on_timer() {
    const Instant now = std::chrono::steady_clock::now();
    if (now < armed_for_) {
        return;  // Armed anew after this wait had been queued.
    }
    armed_for_ = never;
    Instant next = never;
    bool expired = false;
    for (const Direction* direction : {&read_, &write_}) {
        if (!direction->pending) {
            continue;
        }
        if (direction->deadline <= now) {
            expired = true;
        } else {
            next = std::min(next, direction->deadline);
        }
    }
    if (expired && !closed_) {
        error_code ignored;  // Fails on a closed socket only.
        socket_.cancel(ignored);
    }
    arm(next);
}

Task<void> TcpStream::shutdown_send() {
    error_code already_gone;
    socket_.shutdown(asio::socket_base::shutdown_send, already_gone);
    co_return;
}

void TcpStream::close() noexcept {
    if (closed_) {
        return;
    }
    closed_ = true;
    alive_.reset();
    armed_for_ = Instant::min();  // No timer any more.
    timer_.cancel();
    error_code ignored;  // The descriptor is given back whatever close() says.
    socket_.close(ignored);
}

bool TcpStream::is_quiet() noexcept {
    if (closed_) {
        return false;
    }
    char byte = 0;
    const ssize_t count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::size_t TcpStream::read_now(std::span<char> into) noexcept {
    const ssize_t count = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

}  // namespace gatehouse::net

#include "gatehouse/net/listener.hpp"

#include "tcp_stream.hpp"
#include "tls_stream.hpp"

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/core/text.hpp"
#include "gatehouse/net/lane.hpp"
#include "gatehouse/telemetry/log.hpp"

#include <arpa/inet.h>
#include <boost/asio/detail/socket_option.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <optional>
#include <utility>

namespace gatehouse::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr int backlog = 4096;
constexpr std::chrono::milliseconds pause_when_exhausted(100);
constexpr std::chrono::minutes log_at_most_every(1);

Result<Endpoint> parse_endpoint(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    const auto bad = [&address] {
        return Problem(ProblemKind::invalid_configuration,
                       "not an address: " + address + " (expected 127.0.0.1:8080 or [::]:8080)");
    };
    if (colon == std::string::npos) {
        return bad();
    }
    const std::optional<std::uint64_t> port = parse_unsigned(std::string_view(address).substr(colon + 1));
    std::string host = address.substr(0, colon);
    if (host == "localhost") {
        host = "127.0.0.1";
    } else if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string::npos) {
        return bad();
    }
    error_code error;
    const asio::ip::address parsed = asio::ip::make_address(host, error);
    if (error || !port || *port > 65535) {
        return bad();
    }
    return Endpoint(parsed, static_cast<std::uint16_t>(*port));
}

struct Descriptor {
    explicit Descriptor(int descriptor) : value(descriptor) {}
    ~Descriptor() {
        if (value >= 0) {
            ::close(value);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int release() { return std::exchange(value, -1); }
    int value;
};

int set_flag(int descriptor, int level, int option, int value) {
    return ::setsockopt(descriptor, level, option, &value, sizeof value);
}

/// Holds the connection's place until it has ended.
Task<void> serve_in(std::shared_ptr<void> place, Task<void> served) {
    co_await std::move(served);
    place.reset();
}

enum class Sharing : bool { exclusive, among_lanes };

/// A listening socket, or -1 with errno. An exclusive one refuses to exist beside any other listener.
int open_listening(const Endpoint& at, Sharing sharing) {
    Descriptor socket(::socket(at.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.value < 0 || set_flag(socket.value, SOL_SOCKET, SO_REUSEADDR, 1) != 0) {
        return -1;
    }
    if (at.protocol() == asio::ip::tcp::v6() && set_flag(socket.value, IPPROTO_IPV6, IPV6_V6ONLY, 0) != 0) {
        return -1;
    }
    if (sharing == Sharing::among_lanes && set_flag(socket.value, SOL_SOCKET, SO_REUSEPORT, 1) != 0) {
        return -1;
    }
    if (::bind(socket.value, at.data(), static_cast<socklen_t>(at.size())) != 0 ||
        ::listen(socket.value, backlog) != 0) {
        return -1;
    }
    return socket.release();
}

}  // namespace

struct Port::State {
    Endpoint at;
    // The socket that holds the claim; the first lane listens on it, so nothing is accepted in vain.
    Guarded<Descriptor> first{-1};

    int take_socket() {
        const int claimed = first.with([](Descriptor& socket) { return socket.release(); });
        return claimed >= 0 ? claimed : open_listening(at, Sharing::among_lanes);
    }
};

Port::Port(std::unique_ptr<State> state) : state_(std::move(state)) {}
Port::~Port() = default;

Result<std::unique_ptr<Port>> Port::claim(const std::string& address) {
    Result<Endpoint> at = parse_endpoint(address);
    if (!at) {
        return at.problem();
    }
    // SO_REUSEPORT would let a second instance in silently. So the first socket listens without it, which the
    // kernel grants to one process only and in one step, and opens the port to our other lanes afterwards.
    Descriptor socket(open_listening(*at, Sharing::exclusive));
    if (socket.value < 0) {
        const error_code reason(errno, boost::system::system_category());
        return Problem(ProblemKind::closed, "cannot listen on " + address + ": " + reason.message());
    }
    socklen_t size = static_cast<socklen_t>(at->capacity());
    if (set_flag(socket.value, SOL_SOCKET, SO_REUSEPORT, 1) != 0 ||
        ::getsockname(socket.value, at->data(), &size) != 0) {
        const error_code reason(errno, boost::system::system_category());
        return Problem(ProblemKind::closed,
                       "cannot share " + address + " between lanes: " + reason.message());
    }
    auto state = std::make_unique<State>();
    state->at = *at;
    const int claimed = socket.release();
    state->first.with([claimed](Descriptor& first) { first.value = claimed; });
    return std::make_unique<Port>(std::move(state));
}

std::uint16_t Port::number() const noexcept {
    return state_->at.port();
}

std::string Port::address() const {
    const std::string host = state_->at.address().to_string();
    const std::string port = std::to_string(number());
    return state_->at.address().is_v6() ? "[" + host + "]:" + port : host + ":" + port;
}

struct Listener::State {
    State(Lane& on, Identity with_identity, Admit with_admit, Serve with_serve,
          std::chrono::milliseconds timeout)
        : lane(on),
          acceptor(on.context().get_executor()),
          identity(std::move(with_identity)),
          admit(std::move(with_admit)),
          serve(std::move(with_serve)),
          handshake_timeout(timeout) {}

    void take(Socket socket, const Endpoint& peer);
    void take_or_drop(Socket socket, const Endpoint& peer);
    void report_exhaustion(const error_code& error);

    Lane& lane;
    Acceptor acceptor;
    Identity identity;
    Admit admit;
    Serve serve;
    std::chrono::milliseconds handshake_timeout;
    std::optional<Instant> reported;
    bool stopped{false};
};

void Listener::State::take(Socket socket, const Endpoint& peer) {
    std::string address = peer.address().to_string();
    std::shared_ptr<void> place;
    if (admit) {
        place = admit(address);
        if (!place) {
            return;
        }
    }
    auto stream = std::make_unique<TcpStream>(std::move(socket), std::move(address));
    const std::shared_ptr<const TlsIdentity> current = identity ? identity() : nullptr;
    if (!current) {
        lane.spawn(serve_in(std::move(place), serve(std::move(stream))));
        return;
    }
    const Instant deadline = lane.clock().now() + handshake_timeout;
    auto secured = std::make_unique<TlsStream>(std::move(stream), server_side(*current), deadline);
    lane.spawn(serve_in(std::move(place), serve(std::move(secured))));
}

void Listener::State::take_or_drop(Socket socket, const Endpoint& peer) {
    try {
        take(std::move(socket), peer);
    } catch (const std::exception& error) {
        // No memory for one more: this connection is dropped, the next may find some.
        telemetry::log(telemetry::LogLevel::error, "connection_dropped", {{"reason", error.what()}});
    }
}

void Listener::State::report_exhaustion(const error_code& error) {
    const Instant now = lane.clock().now();
    if (!reported || now - *reported >= log_at_most_every) {
        reported = now;
        telemetry::log(telemetry::LogLevel::error, "accept_paused", {{"reason", error.message()}});
    }
}

namespace {

/// These say something about one connection, or nothing; all others would only repeat themselves at once.
bool concerns_one_connection(const error_code& error) {
    return error == asio::error::connection_aborted || error == asio::error::interrupted ||
           error == asio::error::connection_reset || error.value() == EPROTO ||
           error == asio::error::network_unreachable || error == asio::error::host_unreachable ||
           error == asio::error::network_down;
}

template <class State>
Task<void> accept_until_stopped(std::shared_ptr<State> state) {
    while (!state->stopped) {
        Socket socket(state->lane.context().get_executor());
        Endpoint peer;
        error_code error;
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await state->acceptor.async_accept(socket, peer, std::move(token));
        if (error == asio::error::operation_aborted) {
            co_return;  // Stopped, or the lane is.
        }
        if (!error) {
            state->take_or_drop(std::move(socket), peer);
        } else if (!state->stopped && !concerns_one_connection(error)) {
            // Out of descriptors or memory: those who wait stay in the kernel's queue until some are free
            // again.
            state->report_exhaustion(error);
            const Instant later = state->lane.clock().now() + pause_when_exhausted;
            co_await state->lane.clock().sleep_until(later);
        }
    }
}

}  // namespace

Listener::Listener(Lane& lane, Port& port, Identity identity, Admit admit, Serve serve,
                   std::chrono::milliseconds handshake_timeout)
    : state_(std::make_shared<State>(lane, std::move(identity), std::move(admit), std::move(serve),
                                     handshake_timeout)) {
    Descriptor socket(port.state().take_socket());
    error_code error(errno, boost::system::system_category());
    if (socket.value >= 0) {
        state_->acceptor.assign(port.state().at.protocol(), socket.value, error);
    }
    if (error && !state_->acceptor.is_open()) {
        throw boost::system::system_error(error, "cannot listen on " + port.address());
    }
    socket.release();
    state_->acceptor.non_blocking(true);
}

Listener::~Listener() {
    stop();
}

void Listener::start() {
    state_->lane.spawn(accept_until_stopped(state_));
}

void Listener::stop() {
    State& state = *state_;
    if (state.stopped) {
        return;
    }
    state.stopped = true;
    // Who is connected already in the kernel's queue gets an answer; who comes later is refused.
    error_code error;
    while (true) {
        Socket socket(state.lane.context().get_executor());
        Endpoint peer;
        state.acceptor.accept(socket, peer, error);
        if (error && !concerns_one_connection(error)) {
            break;
        }
        if (!error) {
            state.take_or_drop(std::move(socket), peer);
        }
    }
    state.acceptor.close(error);
}

}  // namespace gatehouse::net

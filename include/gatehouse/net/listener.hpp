// Listening sockets. Each lane has its own socket on the shared port (SO_REUSEPORT), so the kernel spreads
// connections; a probe bind without SO_REUSEPORT first makes sure that no other process holds the port.
// Room: net.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/net/byte_stream.hpp"
#include "gatehouse/net/options.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace gatehouse::net {

class Lane;

/// A server's TLS identity; may be replaced while connections live (certificate reload).
class TlsIdentity {
public:
    /// Reads certificate chain and key (TLS 1.2 and newer). Problem invalid_configuration names the file.
    static Result<std::shared_ptr<const TlsIdentity>> load(const TlsServerOptions& options);
    ~TlsIdentity();
    struct State;
    explicit TlsIdentity(std::unique_ptr<State> state);
    const State& state() const noexcept { return *state_; }

private:
    std::unique_ptr<State> state_;
};

/// An address that this process has bound: claims the port for the whole life of the process (an exclusive
/// lock against a second instance), and hands a socket to each lane. Port 0 picks one.
class Port {
public:
    /// `address` as `127.0.0.1:8080`, `[::]:8080`, `localhost:0`. Problem invalid_configuration for a bad
    /// address, upstream-free `closed` with the reason when the port is taken.
    static Result<std::unique_ptr<Port>> claim(const std::string& address);
    ~Port();
    std::uint16_t number() const noexcept;
    std::string address() const;

    struct State;
    explicit Port(std::unique_ptr<State> state);
    State& state() noexcept { return *state_; }

private:
    std::unique_ptr<State> state_;
};

/// Accepts on one lane until stopped. On descriptor exhaustion it pauses and resumes without spinning.
class Listener {
public:
    using Serve = std::function<Task<void>(std::unique_ptr<ByteStream>)>;
    /// Given the peer's address, may this connection be taken? Null: no, it is closed at once. Otherwise its
    /// place, held until the connection has ended, a failed handshake included.
    using Admit = std::function<std::shared_ptr<void>(const std::string& peer_address)>;
    /// The current TLS identity, or null for plain connections; asked for each connection.
    using Identity = std::function<std::shared_ptr<const TlsIdentity>()>;

    Listener(Lane& lane, Port& port, Identity identity, Admit admit, Serve serve,
             std::chrono::milliseconds handshake_timeout = std::chrono::seconds(10));
    ~Listener();
    void start();
    /// Closes the listening socket; connections that live go on. On the lane.
    void stop();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace gatehouse::net

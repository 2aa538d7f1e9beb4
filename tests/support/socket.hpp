// A blocking socket of a test's peer, plain or TLS, with a deadline for each call.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::test {

/// Owns the descriptor. Not thread-safe but for `cut`.
class BlockingSocket {
public:
    explicit BlockingSocket(int descriptor, std::chrono::milliseconds patience = std::chrono::seconds(20));
    ~BlockingSocket();
    BlockingSocket(const BlockingSocket&) = delete;
    BlockingSocket& operator=(const BlockingSocket&) = delete;

    /// False when the handshake fails.
    bool accept_tls(SSL_CTX* context);
    bool connect_tls(SSL_CTX* context, const std::string& server_name);
    std::string server_name() const;

    /// False when the peer is gone.
    bool send(std::string_view bytes);
    enum class Outcome { bytes, end, lost, timed_out };
    /// Appends what has come to `into`.
    Outcome receive(std::string& into);
    /// Waits for `duration`; true at once when the peer closes or resets meanwhile.
    bool closes_within(std::chrono::milliseconds duration);
    void half_close();
    /// Closes with a reset instead of an end.
    void reset();
    /// Closes; a TLS peer is told by close_notify.
    void close();
    /// Closes without telling a TLS peer.
    void cut();
    /// Ends what another thread waits for.
    void wake() noexcept;

private:
    int descriptor_;
    SSL* ssl_{nullptr};
};

}  // namespace gatehouse::test

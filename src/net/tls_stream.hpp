// TLS over a TCP stream: OpenSSL turns bytes into bytes in memory, the stream below moves them.
//
// So deadlines, cancellation and closing are those of the stream below. The handshake happens in the first
// read or write. A peer that cuts without saying so (close_notify) is a Problem, not an end. Room: net,
// private.
#pragma once

#include "tcp_stream.hpp"
#include "tls_context.hpp"

#include <array>
#include <memory>
#include <string>

namespace gatehouse::net {

class TlsStream final : public KeptStream {
public:
    /// The handshake must be done by `handshake_deadline`.
    TlsStream(std::unique_ptr<TcpStream> below, SslHandle ssl, Instant handshake_deadline);

    /// Problems: timed_out, cancelled, closed with OpenSSL's reason (a certificate's fault in words).
    Task<Status> handshake();

    Task<Result<std::size_t>> read_some(std::span<char> into) override;
    Task<Status> write(std::span<const std::string_view> pieces) override;
    void read_deadline(Instant when) noexcept override;
    void write_deadline(Instant when) noexcept override;
    Task<void> shutdown_send() override;
    void close() noexcept override { below_->close(); }
    const std::string& peer_address() const noexcept override { return below_->peer_address(); }
    bool is_quiet() noexcept override;
    bool peer_left() noexcept override { return below_->peer_left(); }

private:
    Task<Status> receive();
    Task<Status> send_pending();
    Problem failed(const char* doing);

    std::unique_ptr<TcpStream> below_;
    SslHandle ssl_;
    BIO* incoming_;  // owned by ssl_
    BIO* outgoing_;  // owned by ssl_
    bool established_{false};
    bool broken_{false};
    Instant handshake_deadline_;
    Instant read_deadline_{never};
    Instant write_deadline_{never};
    std::string sending_;
    std::array<char, 16 * 1024 + 512> received_;  // one record and its wrapping
};

}  // namespace gatehouse::net

// Options of the net room.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace gatehouse::net {

struct TlsServerOptions {
    std::string certificate;  // yaml: server.tls.certificate; PEM chain
    std::string key;          // yaml: server.tls.key; PEM
};

struct Timeouts {
    std::chrono::milliseconds connect{5'000};  // yaml: providers.*.timeouts.connect; TCP and TLS handshake
    std::chrono::milliseconds first_byte{300'000};   // .first_byte: to the response head
    std::chrono::milliseconds first_token{300'000};  // .first_token: to first content, streams only
    std::chrono::milliseconds idle{60'000};          // .idle: between bytes
    std::chrono::milliseconds total{600'000};        // .total: one attempt
};

struct HttpClientOptions {
    std::size_t idle_per_origin{64};  // kept-alive connections waiting for work, per lane and origin
    std::chrono::milliseconds idle_for{60'000};  // then they are closed
    std::size_t head{64 * 1024};                 // bound of a response head
    std::chrono::milliseconds resolve_ttl{30'000};
};

struct WorkerPoolOptions {
    std::size_t threads{1};
    std::size_t queue{256};  // jobs that may wait
};

}  // namespace gatehouse::net

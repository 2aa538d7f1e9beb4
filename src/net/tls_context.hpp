// TLS settings on both sides: the server's identity, the client's trust.
// Room: net, private.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/net/listener.hpp"

#include <openssl/ssl.h>

#include <ctime>
#include <map>
#include <memory>
#include <string>

namespace gatehouse::net {

struct SslDeleter {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using SslHandle = std::unique_ptr<SSL, SslDeleter>;
using SslContext = std::unique_ptr<SSL_CTX, SslDeleter>;

struct TlsIdentity::State {
    SslContext context;
};

/// The server's half of a new connection.
SslHandle server_side(const TlsIdentity& identity);

/// The client's contexts, one for each file of trust anchors, made anew when the file has changed. Per lane.
class TlsTrust {
public:
    /// The client's half of a new connection to `host`, which the peer's certificate must name. Problem
    /// upstream_tls when the anchors cannot be read.
    Result<SslHandle> client_side(const std::string& host, const std::string& ca_file);

private:
    struct Entry {
        std::time_t changed{0};
        SslContext context;
    };
    std::map<std::string, Entry> entries_;
};

/// What OpenSSL says about its last failure on this thread, emptying its queue.
std::string tls_error_text();

}  // namespace gatehouse::net

// A client that sends exactly the bytes it is told to. Blocking, with a deadline; throws when it passes.
#pragma once

#include "support/socket.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::test {

struct RawResponse {
    int status{0};
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;  // without chunk lines
    bool complete{false};
    bool closes{false};  // says that the connection ends here

    /// The value of the first such header; nothing if there is none.
    std::optional<std::string> header(std::string_view name) const;
};

class RawClient {
public:
    /// What the client trusts and whom it expects; for TLS.
    struct Tls {
        std::string ca_file;
        std::string server_name{"localhost"};
    };
    static constexpr std::chrono::seconds usual_patience{20};

    /// Connects to 127.0.0.1; throws when nobody listens or the handshake fails.
    explicit RawClient(std::uint16_t port, std::chrono::milliseconds patience = usual_patience);
    RawClient(std::uint16_t port, const Tls& tls, std::chrono::milliseconds patience = usual_patience);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    /// Is anybody accepting on that port of 127.0.0.1?
    static bool can_connect(std::uint16_t port);

    /// False when the peer is gone.
    bool send(std::string_view bytes);
    /// At least one byte more; empty when the peer has closed or reset.
    std::string read_some();
    /// Exactly `count` bytes, fewer if the peer closes before.
    std::string read(std::size_t count);
    /// Until `text` has come; all up to its end.
    std::string read_until(std::string_view text);
    std::string read_until_closed();
    /// One response; interim ones (1xx) are returned too, one by one.
    RawResponse read_response(std::string_view method = "GET");
    /// Sends and reads one response.
    RawResponse exchange(std::string_view bytes);
    /// Has the peer closed, or does so within the time?
    bool is_closed_within(std::chrono::milliseconds duration);
    void half_close();
    void reset();
    void close();

private:
    bool fill();

    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
    BlockingSocket socket_;
    std::string received_;
};

}  // namespace gatehouse::test

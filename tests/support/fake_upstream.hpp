// A provider that does as it is told: a real HTTP server on 127.0.0.1 in threads of its own, answering from a
// script, able to fail at any byte, and writing down what it has seen.
#pragma once

#include "support/test_ca.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::test {

struct FakePiece {
    FakePiece(std::string text, std::chrono::milliseconds wait = std::chrono::milliseconds(0))
        : bytes(std::move(text)), delay(wait) {}
    std::string bytes;
    std::chrono::milliseconds delay;  // before it
    std::shared_future<void> gate;    // if there is one: it waits until that is open
};

enum class FakeFraming { sized, chunked, until_close };
/// What happens at the byte of the response named by `FakeResponse::at_byte`.
enum class FakeFault { none, reset, close, stall };

struct FakeResponse {
    int status{200};
    std::vector<std::pair<std::string, std::string>> headers;
    std::vector<FakePiece> body;
    FakeFraming framing{FakeFraming::sized};
    std::string trailers;  // chunked: complete lines before the last empty one
    std::string raw;       // sent as it is instead of all of the above
    std::string interim;   // sent as it is before the response
    std::chrono::milliseconds head_delay{0};
    FakeFault fault{FakeFault::none};
    std::size_t at_byte{0};
    bool before_body{false};  // answer as soon as the head is there, leave the body unread
    bool then_close{false};

    static FakeResponse json(std::string text, int status = 200);
    /// One chunk an event, as it comes; `data: ` and the empty line are added.
    static FakeResponse events(const std::vector<std::string>& data,
                               std::chrono::milliseconds between = std::chrono::milliseconds(0));
};

struct FakeRequest {
    std::string method;
    std::string target;
    std::string head;  // as it came, with its empty line
    std::string body;  // without chunk lines
    std::size_t connection{0};
    std::string server_name;  // TLS: what the client asked for
    std::chrono::steady_clock::time_point at;

    /// The value of the first such field; nothing if there is none.
    std::optional<std::string> field(std::string_view name) const;
};

class FakeUpstream {
public:
    using Script = std::function<FakeResponse(const FakeRequest&)>;

    /// Answers what `push` has queued, then 500.
    FakeUpstream();
    explicit FakeUpstream(Script script);
    FakeUpstream(Script script, const IssuedIdentity& tls);
    ~FakeUpstream();
    FakeUpstream(const FakeUpstream&) = delete;
    FakeUpstream& operator=(const FakeUpstream&) = delete;

    void push(FakeResponse response);

    std::uint16_t port() const noexcept;
    /// `http://127.0.0.1:port`, or `https://localhost:port`.
    std::string base_url() const;

    std::vector<FakeRequest> requests() const;
    std::size_t accepted() const;
    std::size_t open_connections() const;
    /// Of all responses so far, as far as the sockets took them.
    std::uint64_t sent_bytes() const;
    /// When a peer last closed while its response was being sent or held back.
    std::optional<std::chrono::steady_clock::time_point> last_abandoned() const;
    /// Closes the connections that wait for a next request.
    void close_idle();
    /// Ends listening and all connections.
    void stop();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gatehouse::test

// HTTP/1.1 client: one call to one origin over a pooled connection, the body streamed.
//
// Per lane. TLS peers are verified by name against the system store plus the origin's own CA file; there is
// no way to switch that off. Redirects are Problems. A call on a kept connection that the peer closed before
// any response byte is sent once more on a fresh one (not when a streamed body has begun). Room: net. May
// include: core, wire, telemetry.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/net/options.hpp"
#include "gatehouse/wire/http_message.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::net {

class Lane;
class Resolver;

/// Where to: the authority of a base URL.
struct Origin {
    bool tls{true};
    std::string host;  // name or address, without brackets
    std::uint16_t port{443};
    std::string ca_file;  // extra trust anchors, PEM; empty: system store only

    bool operator==(const Origin&) const = default;
    /// `host` or `host:port`, for the Host field.
    std::string authority() const;
};

struct BaseUrl {
    Origin origin;
    std::string path;  // without trailing '/'
};
/// `http://host:port/prefix` or https. Problem invalid_configuration for anything else (user info, query,
/// fragment …).
Result<BaseUrl> parse_base_url(std::string_view url);

/// A body that is still arriving. Empty view: the end.
class BodySource {
public:
    virtual ~BodySource() = default;
    virtual Task<Result<std::string_view>> next() = 0;
};

struct HttpCall {
    std::string_view method{"POST"};
    std::string target;  // path and query
    std::string fields;  // "name: value\r\n"…; Host, Content-Length and Transfer-Encoding are added here
    std::span<const std::string_view> body;  // sent as they are, in order; must outlive the call
    BodySource* rest{nullptr};               // follows `body`; null: nothing follows
    std::optional<std::uint64_t> size;       // of body and rest; absent with a rest: chunked
    Timeouts timeouts;
    bool* asked{nullptr};  // set once the request's first bytes leave; null: nobody wants to know
};

/// A response whose head has come. Destroying it before the end closes the connection; at the end it goes
/// back to the pool.
class HttpReply {
public:
    virtual ~HttpReply() = default;
    virtual const wire::ResponseHead& head() const noexcept = 0;
    /// The next body bytes, as they came; an empty view is the proper end. The view is valid until the next
    /// call. Problems: upstream_timeout (idle or total), upstream_lost (cut before the end),
    /// upstream_protocol.
    virtual Task<Result<std::string_view>> next() = 0;
    /// Tightens (never widens) the deadline of the reads to come, e.g. to the first-token timeout; `never`
    /// leaves the idle and total timeouts in force.
    virtual void read_by(Instant when) noexcept = 0;
};

/// What makes calls. HttpClient is one, the simulated provider another.
class HttpCaller {
public:
    virtual ~HttpCaller() = default;
    /// Returns once the response head is there. Problems: upstream_connect, upstream_tls, upstream_timeout,
    /// upstream_lost, upstream_protocol, upstream_redirect (any 3xx).
    virtual Task<Result<std::unique_ptr<HttpReply>>> send(const Origin& origin, HttpCall& call) = 0;
};

struct PoolCounts {
    std::size_t open{0};
    std::size_t idle{0};
    std::uint64_t dialled{0};
    std::uint64_t reused{0};
    std::uint64_t redialled{0};
};
struct OriginCounts {
    Origin origin;
    PoolCounts counts;
};

class HttpClient : public HttpCaller {
public:
    HttpClient(Lane& lane, Resolver& resolver, HttpClientOptions options);
    ~HttpClient() override;
    Task<Result<std::unique_ptr<HttpReply>>> send(const Origin& origin, HttpCall& call) override;
    /// From any thread: of all origins together, and of each one called so far.
    PoolCounts counts() const;
    std::vector<OriginCounts> counts_by_origin() const;
    /// Closes the idle connections (drain, tests).
    void close_idle();

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace gatehouse::net

// Connections of one client to its origins: dialled, lent, kept while idle, closed when old.
//
// Per lane. The youngest idle connection is lent first, so that the others can age.
// Room: net, private.
#pragma once

#include "tcp_stream.hpp"
#include "tls_context.hpp"

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/net/http_client.hpp"
#include "gatehouse/wire/byte_buffer.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace gatehouse::net {

/// What happens at one origin: the pool's lane writes, any thread may read.
class Tally {
public:
    class Number {
    public:
        void up() noexcept { value_.store(read() + 1, std::memory_order_relaxed); }
        void down(std::uint64_t by = 1) noexcept { value_.store(read() - by, std::memory_order_relaxed); }
        std::uint64_t read() const noexcept { return value_.load(std::memory_order_relaxed); }

    private:
        std::atomic<std::uint64_t> value_{0};
    };
    Number open, idle, dialled, reused, redialled;

    PoolCounts counts() const noexcept {
        return PoolCounts{open.read(), idle.read(), dialled.read(), reused.read(), redialled.read()};
    }
};

/// A connection and what was received on it but not read yet. Counts as open while it lives.
class Connection {
public:
    Connection(std::unique_ptr<KeptStream> stream, std::shared_ptr<Tally> tally)
        : stream_(std::move(stream)), tally_(std::move(tally)) {
        tally_->open.up();
    }
    ~Connection() { tally_->open.down(); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    KeptStream& stream() noexcept { return *stream_; }
    wire::ByteBuffer& received() noexcept { return received_; }

private:
    std::unique_ptr<KeptStream> stream_;
    std::shared_ptr<Tally> tally_;
    wire::ByteBuffer received_;
};

class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
public:
    ConnectionPool(Lane& lane, Resolver& resolver, HttpClientOptions options);

    /// An idle connection on which nothing has come meanwhile; null if there is none.
    std::unique_ptr<Connection> take(const Origin& origin);
    /// Takes back a connection between two exchanges.
    void give_back(const Origin& origin, std::unique_ptr<Connection> connection);
    /// All addresses in turn, within `limit` in all but not past `total`. Problems: upstream_connect,
    /// upstream_tls, upstream_timeout, cancelled.
    Task<Result<std::unique_ptr<Connection>>> dial(const Origin& origin, Milliseconds limit, Instant total);

    void close_idle();
    /// From any thread.
    std::vector<OriginCounts> counts() const;
    void count_redial(const Origin& origin) { at(origin).tally->redialled.up(); }
    const HttpClientOptions& options() const noexcept { return options_; }
    Clock& clock() noexcept;

private:
    struct Idle {
        std::unique_ptr<Connection> connection;
        Instant since;
    };
    struct Place {
        std::vector<Idle> idle;
        std::shared_ptr<Tally> tally;
    };
    struct HashOrigin {
        std::size_t operator()(const Origin& origin) const noexcept {
            return std::hash<std::string>()(origin.host) ^ origin.port;
        }
    };

    Place& at(const Origin& origin);
    Task<Result<std::vector<std::string>>> addresses_of(const std::string& host, Instant deadline);
    Task<Result<std::unique_ptr<KeptStream>>> secure(const Origin& origin, std::unique_ptr<TcpStream> plain,
                                                     Instant deadline);
    void sweep_later();
    void sweep();

    Lane& lane_;
    Resolver& resolver_;
    HttpClientOptions options_;
    TlsTrust trust_;
    std::unordered_map<Origin, Place, HashOrigin> places_;  // as many as were ever configured
    Guarded<std::vector<std::pair<Origin, std::shared_ptr<const Tally>>>> tallies_;
    bool sweeping_{false};
};

/// `5 s`, `250 ms`: for messages.
std::string in_words(Milliseconds duration);

}  // namespace gatehouse::net

#include "connection_pool.hpp"

#include "tls_stream.hpp"

#include "gatehouse/net/lane.hpp"
#include "gatehouse/net/resolver.hpp"
#include "gatehouse/net/unless.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gatehouse::net {
namespace {

Problem timed_out(Milliseconds limit) {
    return Problem(ProblemKind::upstream_timeout,
                   fmt::format("timed out after {} connecting", in_words(limit)), Retry::same_place);
}

}  // namespace

std::string in_words(Milliseconds duration) {
    return duration.count() % 1000 == 0 ? fmt::format("{} s", duration.count() / 1000)
                                        : fmt::format("{} ms", duration.count());
}

ConnectionPool::ConnectionPool(Lane& lane, Resolver& resolver, HttpClientOptions options)
    : lane_(lane), resolver_(resolver), options_(options) {}

Clock& ConnectionPool::clock() noexcept {
    return lane_.clock();
}

std::unique_ptr<Connection> ConnectionPool::take(const Origin& origin) {
    Place& place = at(origin);
    std::vector<Idle>& kept = place.idle;
    const Instant oldest = clock().now() - options_.idle_for;
    while (!kept.empty()) {
        Idle youngest = std::move(kept.back());
        kept.pop_back();
        place.tally->idle.down();
        // Bytes that came unasked would be taken for the answer to the next request.
        if (youngest.since > oldest && youngest.connection->stream().is_quiet()) {
            place.tally->reused.up();
            return std::move(youngest.connection);
        }
    }
    return nullptr;
}

void ConnectionPool::give_back(const Origin& origin, std::unique_ptr<Connection> connection) {
    Place& place = at(origin);
    if (place.idle.size() >= options_.idle_per_origin) {
        return;
    }
    connection->stream().read_deadline(never);
    connection->stream().write_deadline(never);
    place.idle.push_back(Idle{std::move(connection), clock().now()});
    place.tally->idle.up();
    sweep_later();
}

void ConnectionPool::sweep_later() {
    if (std::exchange(sweeping_, true)) {
        return;
    }
    lane_.after(std::max(options_.idle_for / 4, Milliseconds(10)), [weak = weak_from_this()] {
        if (const auto alive = weak.lock()) {
            alive->sweep();
        }
    });
}

void ConnectionPool::sweep() {
    sweeping_ = false;
    const Instant oldest = clock().now() - options_.idle_for;
    bool any_left = false;
    for (auto& [origin, place] : places_) {
        place.tally->idle.down(std::erase_if(place.idle, [oldest](const Idle& idle) {
            return idle.since <= oldest || !idle.connection->stream().is_quiet();
        }));
        any_left = any_left || !place.idle.empty();
    }
    if (any_left) {
        sweep_later();
    }
}

void ConnectionPool::close_idle() {
    for (auto& [origin, place] : places_) {
        place.tally->idle.down(place.idle.size());
        place.idle.clear();
    }
}

ConnectionPool::Place& ConnectionPool::at(const Origin& origin) {
    Place& place = places_[origin];
    if (!place.tally) {
        place.tally = std::make_shared<Tally>();
        tallies_.with([&](auto& tallies) { tallies.emplace_back(origin, place.tally); });
    }
    return place;
}

std::vector<OriginCounts> ConnectionPool::counts() const {
    return tallies_.with([](const auto& tallies) {
        std::vector<OriginCounts> counts;
        counts.reserve(tallies.size());
        for (const auto& [origin, tally] : tallies) {
            counts.push_back(OriginCounts{origin, tally->counts()});
        }
        return counts;
    });
}

Task<Result<std::vector<std::string>>> ConnectionPool::addresses_of(const std::string& host,
                                                                    Instant deadline) {
    std::optional<std::vector<std::string>> known = resolver_.known(host);
    if (known) {
        co_return std::move(*known);
    }
    auto found = co_await unless(resolver_.resolve(lane_, host), clock().sleep_until(deadline));
    if (!found) {
        co_return Problem(ProblemKind::timed_out, "timed out");
    }
    co_return std::move(*found);
}

Task<Result<std::unique_ptr<KeptStream>>> ConnectionPool::secure(const Origin& origin,
                                                                 std::unique_ptr<TcpStream> plain,
                                                                 Instant deadline) {
    if (!origin.tls) {
        co_return std::unique_ptr<KeptStream>(std::move(plain));
    }
    Result<SslHandle> ssl = trust_.client_side(origin.host, origin.ca_file);
    if (!ssl) {
        co_return std::move(ssl).problem();
    }
    auto stream = std::make_unique<TlsStream>(std::move(plain), std::move(*ssl), deadline);
    const Status secured = co_await stream->handshake();
    if (!secured && secured.problem().kind() == ProblemKind::closed) {
        co_return Problem(ProblemKind::upstream_tls, secured.problem().message(), Retry::elsewhere);
    }
    if (!secured) {
        co_return secured.problem();
    }
    co_return std::unique_ptr<KeptStream>(std::move(stream));
}

Task<Result<std::unique_ptr<Connection>>> ConnectionPool::dial(const Origin& origin, Milliseconds limit,
                                                               Instant total) {
    const Instant deadline = std::min(clock().now() + limit, total);
    Result<std::vector<std::string>> addresses = co_await addresses_of(origin.host, deadline);
    if (!addresses) {
        const bool late = addresses.problem().kind() == ProblemKind::timed_out;
        co_return late ? timed_out(limit) : std::move(addresses).problem();
    }
    Problem last(ProblemKind::upstream_connect, "the host has no address", Retry::same_place);
    for (std::size_t i = 0; i < addresses->size(); ++i) {
        // A silent address must leave time for those after it.
        const Instant now = clock().now();
        const auto share = (deadline - now) / static_cast<std::int64_t>(addresses->size() - i);
        boost::system::error_code error;
        const auto address = boost::asio::ip::make_address((*addresses)[i], error);
        if (error) {
            continue;
        }
        const Endpoint to(address, origin.port);
        const Instant until = now + share;
        auto plain = co_await TcpStream::connect(lane_.context(), to, until);
        if (plain) {
            auto stream = co_await secure(origin, std::move(*plain), deadline);
            if (stream) {
                const std::shared_ptr<Tally> tally = at(origin).tally;
                tally->dialled.up();
                co_return std::make_unique<Connection>(std::move(*stream), tally);
            }
            const bool late = stream.problem().kind() == ProblemKind::timed_out;
            co_return late ? timed_out(limit) : std::move(stream).problem();
        }
        if (plain.problem().kind() == ProblemKind::cancelled) {
            co_return std::move(plain).problem();
        }
        last = plain.problem().kind() == ProblemKind::timed_out
                   ? timed_out(limit)
                   : Problem(ProblemKind::upstream_connect, plain.problem().message(), Retry::same_place);
    }
    co_return last;
}

}  // namespace gatehouse::net

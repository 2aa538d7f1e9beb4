// Names to addresses. getaddrinfo blocks, so it runs on a small thread pool behind a cache (30 s); when a new
// look-up fails, the old answer stays good. Shared by all lanes.
// Room: net.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::net {

class Lane;

class Resolver {
public:
    /// The blocking look-up; called on the pool's threads.
    using Lookup = std::function<Result<std::vector<std::string>>(const std::string& host)>;

    explicit Resolver(std::chrono::milliseconds ttl = std::chrono::seconds(30), std::size_t threads = 2);
    Resolver(std::chrono::milliseconds ttl, Lookup lookup, std::size_t threads = 2);
    /// Waits for the look-ups that run. No lane may be waiting for one any more.
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    /// The answer that needs no waiting: an address itself, or what is in the cache. One that is past its
    /// time is still given, and asked for anew meanwhile.
    std::optional<std::vector<std::string>> known(const std::string& host);
    /// Numeric addresses in the order to try them, resumed on `lane`. An address resolves to itself without a
    /// look-up. Problem upstream_connect. A cancelled caller leaves at once; the look-up ends by itself.
    Task<Result<std::vector<std::string>>> resolve(Lane& lane, std::string host);

private:
    struct State;
    struct Waiter;
    std::unique_ptr<State> state_;
};

}  // namespace gatehouse::net

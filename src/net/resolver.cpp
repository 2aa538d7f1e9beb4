#include "gatehouse/net/resolver.hpp"

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/guarded.hpp"
#include "gatehouse/net/lane.hpp"
#include "gatehouse/net/signal.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <netdb.h>

#include <algorithm>
#include <map>
#include <utility>

namespace gatehouse::net {
namespace {

namespace asio = boost::asio;

/// So many names at most are remembered; they come from the configuration, so this is never reached.
constexpr std::size_t most_names = 4096;

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

Result<std::vector<std::string>> look_up(const std::string& host) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    const int outcome = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (outcome != 0) {
        return Problem(ProblemKind::upstream_connect, "the host's name does not resolve", Retry::same_place);
    }
    const std::unique_ptr<addrinfo, FreeAddresses> list(found);
    std::vector<std::string> addresses;
    for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
        char text[NI_MAXHOST];
        if (::getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) ==
                0 &&
            std::find(addresses.begin(), addresses.end(), text) == addresses.end()) {
            addresses.emplace_back(text);
        }
    }
    if (addresses.empty()) {
        return Problem(ProblemKind::upstream_connect, "the host's name does not resolve", Retry::same_place);
    }
    return addresses;
}

}  // namespace

struct Resolver::State {
    struct Name {
        std::vector<std::string> addresses;  // empty: never found
        Instant fresh_until{Instant::min()};
        bool looking{false};
        std::vector<Waiter*> waiting;
    };
    using Names = std::map<std::string, Name>;

    State(std::chrono::milliseconds time_to_live, Lookup how, std::size_t threads)
        : ttl(time_to_live), lookup(std::move(how)), pool(threads) {}

    void start(const std::string& host);
    void finish(const std::string& host, Result<std::vector<std::string>> outcome);

    std::chrono::milliseconds ttl;
    Lookup lookup;
    Guarded<Names> names;
    asio::thread_pool pool;
};

/// A coroutine that waits for a look-up. Lives in its frame and takes itself off the list, so neither a
/// cancelled caller nor a lane that has ended is ever touched. A lane is posted to under the lock, for the
/// same reason.
struct Resolver::Waiter {
    Waiter(State& of, Lane& waits_on, std::string name)
        : state(of), lane(waits_on), host(std::move(name)), woken(std::make_shared<Signal>()) {}
    ~Waiter() {
        state.names.with([this](State::Names& names) { std::erase(names[host].waiting, this); });
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    State& state;
    Lane& lane;
    std::string host;
    std::shared_ptr<Signal> woken;
    std::optional<Problem> failure;
};

void Resolver::State::start(const std::string& host) {
    asio::post(pool, [this, host] { finish(host, lookup(host)); });
}

void Resolver::State::finish(const std::string& host, Result<std::vector<std::string>> outcome) {
    const Instant now = std::chrono::steady_clock::now();
    names.with([&](Names& all) {
        Name& name = all[host];
        name.looking = false;
        // An old answer stays good when a new one cannot be had; it is asked for again after another ttl.
        if (outcome) {
            name.addresses = std::move(*outcome);
        }
        if (!name.addresses.empty()) {
            name.fresh_until = now + ttl;
        }
        for (Waiter* waiter : name.waiting) {
            if (!outcome) {
                waiter->failure = outcome.problem();
            }
            waiter->lane.post([woken = std::weak_ptr(waiter->woken)] {
                if (const auto alive = woken.lock()) {
                    alive->raise();
                }
            });
        }
        name.waiting.clear();
    });
}

Resolver::Resolver(std::chrono::milliseconds ttl, std::size_t threads) : Resolver(ttl, look_up, threads) {}
Resolver::Resolver(std::chrono::milliseconds ttl, Lookup lookup, std::size_t threads)
    : state_(std::make_unique<State>(ttl, std::move(lookup), threads)) {}

Resolver::~Resolver() {
    state_->pool.join();
}

std::optional<std::vector<std::string>> Resolver::known(const std::string& host) {
    boost::system::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
        return std::vector<std::string>(1, host);
    }
    const Instant now = std::chrono::steady_clock::now();
    bool start = false;
    auto addresses = state_->names.with([&](State::Names& names) -> std::optional<std::vector<std::string>> {
        const auto found = names.find(host);
        if (found == names.end() || found->second.addresses.empty()) {
            return std::nullopt;
        }
        State::Name& name = found->second;
        start = name.fresh_until <= now && !name.looking;
        name.looking = name.looking || start;
        return name.addresses;
    });
    if (start) {
        state_->start(host);
    }
    return addresses;
}

Task<Result<std::vector<std::string>>> Resolver::resolve(Lane& lane, std::string host) {
    std::optional<std::vector<std::string>> old = known(host);
    if (old) {
        co_return std::move(*old);
    }
    Waiter waiter(*state_, lane, host);
    const bool start = state_->names.with([&](State::Names& names) {
        if (names.size() >= most_names) {
            std::erase_if(names, [](const auto& name) { return !name.second.looking; });
        }
        State::Name& name = names[host];
        name.waiting.push_back(&waiter);
        return !std::exchange(name.looking, true);
    });
    if (start) {
        state_->start(host);
    }
    co_await waiter.woken->wait();
    if (waiter.failure) {
        co_return *std::move(waiter.failure);
    }
    old = known(host);
    if (!old) {
        co_return Problem(ProblemKind::upstream_connect, "the host's name does not resolve",
                          Retry::same_place);
    }
    co_return std::move(*old);
}

}  // namespace gatehouse::net

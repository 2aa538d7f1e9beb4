// One client connection: reads requests, finds their handler, keeps the connection for the next one.
//
// Everything a client can do wrong below the level of a request ends here, as an error object and a closed
// connection. Room: server.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/net/byte_stream.hpp"
#include "gatehouse/net/lane.hpp"
#include "gatehouse/pipeline/cache_stage.hpp"
#include "gatehouse/pipeline/settings.hpp"
#include "gatehouse/pipeline/stage.hpp"
#include "gatehouse/policy/circuit_breaker.hpp"
#include "gatehouse/policy/key_check.hpp"
#include "gatehouse/server/key_desk.hpp"
#include "gatehouse/server/options.hpp"
#include "gatehouse/store/conversation_store.hpp"
#include "gatehouse/store/ledger.hpp"
#include "gatehouse/telemetry/metrics.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace gatehouse::server {

/// What may change while connections live: swapped as a whole at a reload.
struct Live {
    std::shared_ptr<const pipeline::Settings> settings;
    std::shared_ptr<const ServerOptions> options;
    std::shared_ptr<const policy::KeyRing> keys{};  // null: those of the settings

    const policy::KeyRing& callers() const noexcept { return keys ? *keys : settings->keys(); }
};

/// Is the process serving or draining? Shared by all lanes.
class Life {
public:
    bool draining() const noexcept { return draining_.load(std::memory_order_relaxed); }
    void drain() noexcept { draining_.store(true, std::memory_order_relaxed); }

private:
    std::atomic<bool> draining_{false};
};

/// An operator's word on one target.
struct TargetOrder {
    std::string provider;
    std::string model;  // upstream name
    policy::BreakerOrder breaker{policy::BreakerOrder::none};
};

struct ExplainQuestion;

/// What the admin endpoints may ask the composition root for.
struct AdminHooks {
    /// Loads the file anew. Done, or why the old configuration stays (all findings, one a line).
    std::function<Task<Status>()> reload;
    /// `/admin/config`: version, when, masked configuration, last failed reload; a JSON text.
    std::function<std::string()> show_config;
    /// `/admin/targets`: how every target stands; a JSON text.
    std::function<std::string()> show_targets;
    /// False: there is no such target.
    std::function<bool(const TargetOrder&)> order_target;
    /// `/admin/explain`: what would become of a request under these settings; a JSON text (explain.hpp).
    std::function<Task<Result<std::string>>(const ExplainQuestion&, const Live&)> explain;
    /// Which parts work less well than they should, though the gateway serves: shown by `/health/ready`.
    std::function<std::vector<std::string>()> degraded;
    /// Not empty: why `/health/ready` says no (beyond draining).
    std::function<std::string()> not_ready;
    /// Keys and the audit log. Null: there are none, as on a lane without the admin doors.
    KeyDesk* keys{nullptr};
    /// Null: no answers are kept.
    const pipeline::CacheParts* cache{nullptr};
};

/// What the server of one lane works with. All references outlive it.
struct ServerContext {
    net::Lane& lane;
    std::function<Live()> live;  // the current snapshot; cheap
    std::span<const std::unique_ptr<pipeline::Stage>> stages;
    telemetry::Metrics& metrics;
    const Life& life;
    AdminHooks admin;
    store::ConversationStore* conversations{nullptr};  // null: none are kept
    store::Ledger* ledger{nullptr};                    // null: it is off
    Clock* clock{nullptr};                             // null: the lane's; tests turn one by hand
};

/// Which doors a listener opens.
enum class Door : std::uint8_t { client, admin };

/// The server of one lane: serves connections of either door.
class Server {
public:
    explicit Server(ServerContext context);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Serves one connection to its end. At a drain the session answers what it has, then closes.
    Task<void> serve(std::unique_ptr<net::ByteStream> stream, Door door);
    /// Connections of this lane that are between two requests are closed; call once draining has begun. On
    /// the lane.
    void close_idle();
    /// The end of the drain time: every request that is still running fails with shutting_down, streams with
    /// the error event of their dialect, and every connection closes. Who does not take the news by `until`
    /// is left without. On the lane.
    void cut_short(Instant until);
    std::size_t connections() const noexcept;

    struct State;

private:
    std::shared_ptr<State>
        state_;  // shared with the connections: at a hard stop their frames go after the server
};

}  // namespace gatehouse::server

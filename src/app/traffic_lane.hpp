// One lane of client traffic with all that it owns: pool, stages, server, listening sockets.
// Room: app.
#pragma once

#include "connection_count.hpp"
#include "live_board.hpp"

#include "gatehouse/app/version.hpp"
#include "gatehouse/core/guarded.hpp"
#include "gatehouse/core/random.hpp"
#include "gatehouse/net/http_client.hpp"
#include "gatehouse/net/lane.hpp"
#include "gatehouse/net/listener.hpp"
#include "gatehouse/net/resolver.hpp"
#include "gatehouse/pipeline/cache_stage.hpp"
#include "gatehouse/pipeline/cache_tally.hpp"
#include "gatehouse/pipeline/coalescing_table.hpp"
#include "gatehouse/pipeline/given_hits.hpp"
#include "gatehouse/pipeline/question_index.hpp"
#include "gatehouse/pipeline/stage.hpp"
#include "gatehouse/policy/classifier.hpp"
#include "gatehouse/server/session.hpp"
#include "gatehouse/store/answer_cache.hpp"
#include "gatehouse/store/conversation_store.hpp"
#include "gatehouse/store/key_store.hpp"
#include "gatehouse/store/ledger.hpp"
#include "gatehouse/telemetry/metrics.hpp"
#include "gatehouse/tokens/estimate.hpp"
#include "gatehouse/upstream/attempt.hpp"

#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace gatehouse::app {

/// What all lanes share; outlives them.
struct Shared {
    explicit Shared(tokens::Encodings encodings) : counter(std::move(encodings)) {}

    LiveBoard board;
    ConnectionCount connections;
    telemetry::Metrics metrics{version};
    server::Life life;
    net::Resolver resolver;
    upstream::ThoughtStore thoughts;
    tokens::TokenCounter counter;
    Guarded<policy::ConversationClasses> classes;
    pipeline::CoalescingTable calls{};
    std::unique_ptr<store::ConversationStore> conversations{};  // null: none are kept
    std::unique_ptr<store::Ledger> ledger{};                    // null: it is off
    std::unique_ptr<store::KeyStore> keys{};                    // null: there is no disk for them
    std::unique_ptr<store::AnswerCache> answers{};              // there before any lane is
    pipeline::CacheTally cache_tally;
    pipeline::EvidenceBook evidence{};
    pipeline::GivenHits given_hits{};
    std::unique_ptr<pipeline::QuestionIndex> questions{};  // likewise
    std::optional<pipeline::CacheParts> cache{};           // there before any lane is
};

class TrafficLane {
public:
    TrafficLane(Shared& shared, const std::vector<std::unique_ptr<net::Port>>& ports,
                server::AdminHooks admin);
    ~TrafficLane();
    TrafficLane(const TrafficLane&) = delete;
    TrafficLane& operator=(const TrafficLane&) = delete;

    /// Starts the thread; the sockets listen when this returns.
    void start();
    /// From any thread: closes the listening sockets and the idle connections.
    void drain();
    /// From any thread: ends what is still running, each request with an error, by `until`.
    void cut_short(Instant until);
    /// From any thread; join() then waits for the thread.
    void stop();
    void join();
    /// From any thread: questions of kept answers are to be found by their meaning again.
    void restore_questions(std::shared_ptr<const pipeline::Settings> settings);
    /// From any thread.
    std::vector<net::OriginCounts> pool() const { return client_.counts_by_origin(); }

private:
    std::shared_ptr<void> admit(const std::string& address);

    Shared& shared_;
    net::Lane lane_;
    LaneView view_;
    net::HttpClient client_;
    upstream::Callers callers_;
    SystemRandom random_;
    std::vector<std::unique_ptr<pipeline::Stage>> stages_;
    server::Server server_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    std::thread thread_;
};

}  // namespace gatehouse::app

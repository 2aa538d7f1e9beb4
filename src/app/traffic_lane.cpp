#include "traffic_lane.hpp"

#include "gatehouse/pipeline/cache_stage.hpp"
#include "gatehouse/pipeline/question_restore.hpp"
#include "gatehouse/pipeline/stages.hpp"

#include <sys/prctl.h>

namespace gatehouse::app {

namespace {

/// The order of the stages is this vector.
std::vector<std::unique_ptr<pipeline::Stage>> stages_of(net::Lane& lane, pipeline::CoalescingTable& calls,
                                                        const pipeline::CacheParts& cache,
                                                        upstream::Callers& callers,
                                                        const pipeline::FactSources& facts, Random& random) {
    std::vector<std::unique_ptr<pipeline::Stage>> stages;
    stages.push_back(std::make_unique<pipeline::AdmitStage>());
    stages.push_back(std::make_unique<pipeline::LimitStage>(facts.clock));
    auto answers = std::make_unique<pipeline::CacheStage>(facts.clock, cache, &callers);
    stages.push_back(std::make_unique<pipeline::RecallStage>(*answers));
    stages.push_back(std::make_unique<pipeline::CoalesceStage>(lane, calls, cache.tally));
    stages.push_back(std::move(answers));
    stages.push_back(std::make_unique<pipeline::RouteStage>(facts, random));
    stages.push_back(std::make_unique<pipeline::ReserveStage>(facts, random));
    stages.push_back(std::make_unique<pipeline::DispatchStage>(callers, random));
    return stages;
}

}  // namespace

TrafficLane::TrafficLane(Shared& shared, const std::vector<std::unique_ptr<net::Port>>& ports,
                         server::AdminHooks admin)
    : shared_(shared),
      view_(shared.board),
      client_(lane_, shared.resolver, net::HttpClientOptions{}),
      callers_(lane_.clock(), client_, &shared.thoughts, &shared.counter),
      stages_(stages_of(lane_, shared.calls, *shared.cache, callers_,
                        pipeline::FactSources{lane_.clock(), shared.counter, &shared.classes}, random_)),
      server_(server::ServerContext{lane_, [this] { return view_.current().live; }, stages_, shared.metrics,
                                    shared.life, std::move(admin), shared.conversations.get(),
                                    shared.ledger.get()}) {
    for (const auto& port : ports) {
        listeners_.push_back(std::make_unique<net::Listener>(
            lane_, *port, [this] { return view_.current().tls; },
            [this](const std::string& address) { return admit(address); },
            [this](std::unique_ptr<net::ByteStream> stream) {
                return server_.serve(std::move(stream), server::Door::client);
            }));
    }
}

TrafficLane::~TrafficLane() {
    stop();
    join();
}

void TrafficLane::start() {
    for (const auto& listener : listeners_) {
        listener->start();
    }
    thread_ = std::thread([this] {
        ::prctl(PR_SET_NAME, "lane");
        lane_.run();
    });
}

void TrafficLane::drain() {
    lane_.post([this] {
        for (const auto& listener : listeners_) {
            listener->stop();
        }
        server_.close_idle();
        client_.close_idle();
    });
}

void TrafficLane::cut_short(Instant until) {
    lane_.post([this, until] { server_.cut_short(until); });
}

void TrafficLane::stop() {
    lane_.stop();
}

void TrafficLane::restore_questions(std::shared_ptr<const pipeline::Settings> settings) {
    lane_.post([this, settings = std::move(settings)]() mutable {
        lane_.spawn(
            pipeline::restore_questions(*shared_.answers, *shared_.questions, std::move(settings), callers_));
    });
}

void TrafficLane::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

std::shared_ptr<void> TrafficLane::admit(const std::string& address) {
    const auto& limits = view_.current().live.options->limits;
    if (!shared_.connections.enter(address, limits.connections, limits.connections_per_address)) {
        shared_.metrics.connection_refused();
        return nullptr;
    }
    return std::make_shared<ConnectionPlace>(shared_.connections, address);
}

}  // namespace gatehouse::app

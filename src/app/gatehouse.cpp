#include "gatehouse/app/gatehouse.hpp"

#include "bound.hpp"
#include "cache_gauge.hpp"
#include "configuration_source.hpp"
#include "encodings.hpp"
#include "evidence_file.hpp"
#include "file_watch.hpp"
#include "load_account.hpp"
#include "opened_store.hpp"
#include "pool_gauges.hpp"
#include "restored_spending.hpp"
#include "stored_keys.hpp"
#include "target_report.hpp"
#include "thought_archive.hpp"
#include "traffic_lane.hpp"

#include "gatehouse/pipeline/cache_look.hpp"
#include "gatehouse/server/explain.hpp"
#include "gatehouse/telemetry/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <stdexcept>
#include <thread>

namespace gatehouse::app {

namespace {

using telemetry::LogLevel;

constexpr Milliseconds drain_poll{20};
constexpr Milliseconds cache_tidied_every{60'000};
/// Replies that are written down until they are complete may take this part of the cache's room, beside it.
constexpr std::size_t recording_part = 4;
/// What outlives the drain time has so long to be told.
constexpr Milliseconds last_words{1'000};
/// So long a disk may take for what waits to be written when the lanes have stopped.
constexpr Milliseconds last_commit{5'000};

/// Connections need descriptors: take as many as the system lets us have.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        const auto before = std::exchange(limit.rlim_cur, limit.rlim_max);
        if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            telemetry::log(LogLevel::warning, "descriptor_limit_kept",
                           {{"limit", static_cast<std::int64_t>(before)}});
        }
    }
}

}  // namespace

struct Gateway::State {
    explicit State(GatewayOptions given)
        : options(std::move(given)), shared(load_encodings()), view(shared.board), signals(lane.context()) {}

    void on_signal();
    void begin_reload(std::function<void(Status)> then);
    void finish_reload(Result<Built> built, const std::function<void(Status)>& then);
    Task<Status> reload_and_wait();
    void begin_drain();
    void cut_short();
    void when_empty(Instant until, void (State::*late)());
    void end_drain();
    void end(Ending how);
    Status claim_ports();
    void open_store(const std::string& directory, const store::LedgerOptions& ledger);
    void open_cache(const std::string& directory, const policy::CacheBounds& bounds);
    void tidy_cache_now_and_then();
    void recall_spending();
    void assemble();
    void accept_configuration(Built built);
    void post_with_keys(Snapshot snapshot);
    void post_key(const KeyChange& change);
    Task<Result<std::string>> explain(const server::ExplainQuestion& question, const server::Live& live);
    server::AdminHooks admin_hooks();
    std::vector<telemetry::PoolGauge> pools() const;

    GatewayOptions options;
    Shared shared;
    StoredKeys keys{lane,
                    [this](const KeyChange& change) { post_key(change); }};  // outlives what the lane runs
    net::Lane lane;  // management: admin listener, signals, reload; no client traffic
    net::HttpClient client{lane, shared.resolver, net::HttpClientOptions{}};  // for embedders
    upstream::Callers callers{lane.clock(), client, nullptr, &shared.counter};
    std::unique_ptr<StoredThoughts> thoughts_on_disk;
    LaneView view;
    boost::asio::signal_set signals;
    boost::asio::thread_pool worker{1};  // reads and parses files at a reload
    std::vector<std::unique_ptr<net::Port>> ports;
    std::string data_dir;        // as the process was started
    bool ledger_enabled{true};   // likewise
    bool store_on_disk{true};    // false: it could not be opened
    EvidenceFile evidence_file;  // on the worker, once everybody is served
    bool cache_persists{false};  // as the process was started
    std::unique_ptr<net::Port> admin_port;
    std::vector<std::unique_ptr<TrafficLane>> lanes;
    std::unique_ptr<server::Server> admin_server;
    std::unique_ptr<net::Listener> admin_listener;
    std::unique_ptr<FileWatch> watch;
    std::uint64_t version{1};  // of the newest load that was begun
    LoadAccount account;
    std::vector<ProviderOrigin> origins;  // of the configuration in force
    // Those before the last reload, kept so that no lane has to take down thousands of them.
    std::shared_ptr<const policy::KeyRing> replaced_keys;
    std::shared_ptr<const server::ServerOptions> bound;  // as the process was started
    std::optional<Ending> ending;
    int cut_by{0};  // the signal
    std::thread management;
};

Result<std::unique_ptr<Gateway>> Gateway::make(GatewayOptions options) {
    auto built = build_configuration(options, 1, std::chrono::system_clock::now());
    if (!built) {
        return std::move(built.problem());
    }
    raise_descriptor_limit();
    try {
        auto state = std::make_unique<State>(std::move(options));
        state->bound = built->snapshot.live.options;
        auto claimed = state->claim_ports();
        if (!claimed) {
            return std::move(claimed.problem());
        }
        const std::string data_dir = built->data_dir;
        const store::LedgerOptions ledger = built->ledger;
        const policy::CacheBounds bounds = built->cache;
        state->accept_configuration(std::move(*built));
        state->open_store(data_dir, ledger);
        state->open_cache(data_dir, bounds);
        state->assemble();
        return std::unique_ptr<Gateway>(new Gateway(std::move(state)));
    } catch (const std::runtime_error& error) {
        // The system has no descriptor for one of the parts.
        return Problem(ProblemKind::internal, std::string("cannot start: ") + error.what());
    }
}

Status Gateway::State::claim_ports() {
    for (const auto& address : bound->listen) {
        auto port = net::Port::claim(address);
        if (!port) {
            return std::move(port.problem());
        }
        ports.push_back(std::move(*port));
    }
    auto admin = net::Port::claim(bound->admin_listen);
    if (!admin) {
        return std::move(admin.problem());
    }
    admin_port = std::move(*admin);
    return done();
}

void Gateway::State::open_store(const std::string& directory, const store::LedgerOptions& ledger) {
    data_dir = directory;
    ledger_enabled = ledger.enabled;
    store::StoreOptions store_options;
    store_options.directory = directory;
    store_options.ledger = ledger;
    auto opened = open_store_or_memory(store_options);
    store_on_disk = opened.why_not_on_disk.empty();
    shared.conversations = std::move(opened.conversations);
    shared.ledger = std::move(opened.ledger);
    shared.keys = std::move(opened.keys);
    // Keys of a disk that can only be read count all the same; to change them has to wait.
    keys.open(shared.keys.get(), directory, opened.why_not_on_disk);
    post_with_keys(shared.board.read());
    recall_spending();
    if (store_on_disk) {
        thoughts_on_disk = std::make_unique<StoredThoughts>(*shared.conversations, lane.clock());
        thoughts_on_disk->bring_back(shared.thoughts);
        shared.thoughts.archive_in(thoughts_on_disk.get());
    }
}

/// Waits for the disk, before anybody is served.
void Gateway::State::open_cache(const std::string& directory, const policy::CacheBounds& bounds) {
    cache_persists = bounds.persist;
    store::AnswerCacheOptions cache_options;
    cache_options.max_bytes = bounds.max_size;
    cache_options.directory = bounds.persist ? directory : std::string();
    shared.answers = store::open_answer_cache(cache_options, lane.clock().wall());
    net::WorkerPoolOptions workers;
    workers.threads = std::max<std::size_t>(1, std::thread::hardware_concurrency() / 2);
    shared.questions = std::make_unique<pipeline::QuestionIndex>(bounds.max_entries, workers);
    if (store_on_disk) {
        evidence_file.open(directory, shared.evidence);
    }
    shared.cache.emplace(pipeline::CacheParts{.answers = *shared.answers,
                                              .tally = shared.cache_tally,
                                              .counter = &shared.counter,
                                              .questions = shared.questions.get(),
                                              .evidence = &shared.evidence,
                                              .given = &shared.given_hits});
    shared.cache->recording->bound(bounds.max_size / recording_part);
}

void Gateway::State::tidy_cache_now_and_then() {
    lane.after(cache_tidied_every, [this] {
        boost::asio::post(worker, [this] { evidence_file.save(shared.evidence); });
        pipeline::drop_lost_questions(*shared.answers, *shared.questions, lane.clock().wall());
        tidy_cache_now_and_then();
    });
}

/// What was spent before this process; from here on the accounts know it themselves, whatever comes. Waits
/// for the disk, before anybody is served.
void Gateway::State::recall_spending() {
    if (!store_on_disk || !shared.ledger) {
        return;
    }
    const auto accounts = shared.board.read().live.settings->accounts();
    const auto restored = restore_spending(*shared.ledger, *accounts, lane.clock().wall());
    if (!restored) {
        telemetry::log(LogLevel::error, "spending_not_known", {{"reason", restored.problem().message()}});
    }
}

/// From here on everybody works with it.
void Gateway::State::accept_configuration(Built built) {
    if (auto* log = telemetry::process_log()) {
        log->options(built.log);
    }
    keys.configure(built.keys, std::move(built.key_names), built.masked);
    for (const auto& warning : built.warnings) {
        telemetry::log(LogLevel::warning, "config_warning", {{"text", warning}});
    }
    const auto& settings = *built.snapshot.live.settings;
    account = LoadAccount{options.config_file,     settings.version(),        settings.loaded_at(),
                          std::move(built.masked), std::move(built.warnings), std::nullopt};
    origins = std::move(built.origins);
    post_with_keys(std::move(built.snapshot));
}

/// With the keys of its file and all the others.
void Gateway::State::post_with_keys(Snapshot snapshot) {
    replaced_keys = shared.board.read().live.keys;
    snapshot.live.keys = keys.with_keys_of(*snapshot.live.settings);
    shared.board.post(std::move(snapshot));
}

void Gateway::State::post_key(const KeyChange& change) {
    auto snapshot = shared.board.read();
    snapshot.live.keys = after(change, *snapshot.live.keys, *snapshot.live.settings, lane.clock().now());
    shared.board.post(std::move(snapshot));
    if (change.anew && shared.answers) {
        shared.answers->forget_all({.key = change.anew});
        pipeline::drop_lost_questions(*shared.answers, *shared.questions, lane.clock().wall());
    }
}

void Gateway::State::assemble() {
    const std::size_t count = lane_count(*bound, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < count; ++i) {
        lanes.push_back(std::make_unique<TrafficLane>(shared, ports, admin_hooks()));
    }
    admin_server =
        std::make_unique<server::Server>(server::ServerContext{lane,
                                                               [this] { return view.current().live; },
                                                               {},
                                                               shared.metrics,
                                                               shared.life,
                                                               admin_hooks(),
                                                               nullptr,
                                                               shared.ledger.get()});
    admin_listener = std::make_unique<net::Listener>(
        lane, *admin_port, [this] { return view.current().tls; },
        [](const std::string&) { return std::make_shared<int>(0); },
        [this](std::unique_ptr<net::ByteStream> stream) {
            return admin_server->serve(std::move(stream), server::Door::admin);
        });
    shared.metrics.upstream_pools([this] { return pools(); });
    shared.metrics.upstream_targets(
        [this] { return target_gauges(*shared.board.read().live.settings, lane.clock().now()); });
    shared.metrics.ledger([this] { return ledger_gauge(shared.ledger.get()); });
    shared.metrics.kept_answers([this] { return cache_gauge(*shared.cache); });
    shared.metrics.shared_calls(
        [this] { return telemetry::SharedCallsGauge{shared.calls.size(), shared.calls.readers()}; });
    shared.metrics.account_budgets(
        [this] { return budget_gauges(*shared.board.read().live.settings, lane.clock().wall()); });
}

Gateway::Gateway(std::unique_ptr<State> state) : state_(std::move(state)) {}

Gateway::~Gateway() {
    stop();
    if (state_->management.joinable()) {
        state_->management.join();
    }
    state_->worker.stop();  // reloads that have not begun
    state_->worker.join();
    state_->evidence_file.save(state_->shared.evidence);
}

void Gateway::start() {
    auto& state = *state_;
    for (const auto& lane : state.lanes) {
        lane->start();
    }
    state.tidy_cache_now_and_then();
    if (state.cache_persists) {
        state.lanes.front()->restore_questions(state.shared.board.read().live.settings);
    }
    state.admin_listener->start();
    if (state.options.watch_file) {
        state.watch = std::make_unique<FileWatch>(state.lane, state.options.config_file, [held = &state] {
            held->begin_reload([](const Status&) {});
        });
    }
    if (state.options.handle_signals) {
        state.signals.add(SIGTERM);
        state.signals.add(SIGINT);
        state.signals.add(SIGHUP);
        state.on_signal();
    }
    for (const auto& port : state.ports) {
        telemetry::log(LogLevel::info, "listening", {{"address", port->address()}, {"door", "client"}});
    }
    telemetry::log(LogLevel::info, "listening",
                   {{"address", state.admin_port->address()}, {"door", "admin"}});
    state.management = std::thread([held = &state] { held->lane.run(); });
}

Ending Gateway::wait() {
    state_->management.join();
    if (state_->shared.ledger && !state_->shared.ledger->flush(last_commit)) {
        telemetry::log(LogLevel::error, "ledger_not_finished");
    }
    return state_->ending.value_or(Ending::cut);
}

int Gateway::cut_by() const noexcept {
    return state_->cut_by;
}

void Gateway::drain() {
    state_->lane.post([state = state_.get()] { state->begin_drain(); });
}

void Gateway::stop() {
    state_->lane.post([state = state_.get()] { state->end(Ending::cut); });
}

void Gateway::reload(std::function<void(Status)> then) {
    state_->lane.post(
        [state = state_.get(), then = std::move(then)]() mutable { state->begin_reload(std::move(then)); });
}

std::uint16_t Gateway::port() const noexcept {
    return state_->ports.front()->number();
}
std::uint16_t Gateway::admin_port() const noexcept {
    return state_->admin_port->number();
}

void Gateway::State::on_signal() {
    signals.async_wait([this](const boost::system::error_code& error, int number) {
        if (error) {
            return;
        }
        if (number == SIGHUP) {
            begin_reload([](const Status&) {});
        } else if (shared.life.draining()) {
            telemetry::log(LogLevel::warning, "ended_by_second_signal");
            cut_by = number;
            end(Ending::cut);
            return;
        } else {
            begin_drain();
        }
        on_signal();
    });
}

void Gateway::State::begin_reload(std::function<void(Status)> then) {
    const auto next_version = ++version;
    boost::asio::post(worker, [this, next_version, then = std::move(then)]() mutable {
        const auto before = shared.board.read().live.settings;
        auto built = build_configuration(options, next_version, std::chrono::system_clock::now(), bound.get(),
                                         before.get());
        lane.post([this, held = std::make_shared<Result<Built>>(std::move(built)), then = std::move(then)] {
            finish_reload(std::move(*held), then);
        });
    });
}

// A timer that never fires is the wake-up: it is cancelled when the result is there.
Task<Status> Gateway::State::reload_and_wait() {
    struct Wait {
        explicit Wait(boost::asio::io_context& context)
            : timer(context, boost::asio::steady_timer::time_point::max()) {}
        boost::asio::steady_timer timer;
        std::optional<Status> status;
    };
    const auto wait = std::make_shared<Wait>(lane.context());
    begin_reload([wait](Status status) {
        wait->status.emplace(std::move(status));
        wait->timer.cancel();
    });
    boost::system::error_code woken;
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, woken);
    co_await wait->timer.async_wait(std::move(token));
    if (!wait->status) {
        co_return Problem(ProblemKind::cancelled, "The reload was not waited for.");
    }
    co_return std::move(*wait->status);
}

void Gateway::State::finish_reload(Result<Built> built, const std::function<void(Status)>& then) {
    shared.metrics.config_reload(static_cast<bool>(built));
    if (!built) {
        account.failed = FailedReload{lane.clock().wall(), built.problem().message()};
        telemetry::log(LogLevel::error, "config_reload_failed", {{"reason", account.failed->findings}});
        then(std::move(built.problem()));
        return;
    }
    if (built->data_dir != data_dir) {
        built->warnings.push_back(options.config_file + ": `data_dir` changes at a restart only");
    }
    if (built->ledger.enabled != ledger_enabled) {
        built->warnings.push_back(options.config_file + ": `ledger.enabled` changes at a restart only");
    }
    if (built->cache.persist != cache_persists) {
        built->warnings.push_back(options.config_file + ": `cache.exact.persist` changes at a restart only");
    }
    shared.answers->bound(built->cache.max_size, lane.clock().wall());
    shared.questions->bound(built->cache.max_entries);
    shared.cache->recording->bound(built->cache.max_size / recording_part);
    if (shared.ledger) {
        shared.ledger->retain(built->ledger.retention);
    }
    const auto vectors_before = shared.board.read().live.settings->comparing_models();
    accept_configuration(std::move(*built));
    const auto settings = shared.board.read().live.settings;
    if (auto vectors = settings->comparing_models(); vectors != vectors_before) {
        shared.questions->keep_only(std::move(vectors));
        lanes.front()->restore_questions(settings);
    }
    telemetry::log(LogLevel::info, "config_reloaded",
                   {{"version", static_cast<std::int64_t>(account.version)}});
    then(done());
}

void Gateway::State::begin_drain() {
    if (shared.life.draining()) {
        return;
    }
    shared.life.drain();
    telemetry::log(LogLevel::info, "draining",
                   {{"connections", static_cast<std::int64_t>(shared.connections.all())}});
    for (const auto& traffic : lanes) {
        traffic->drain();
    }
    when_empty(lane.clock().now() + view.current().live.options->drain, &State::cut_short);
}

/// Ends the drain when the last connection has gone; if that is not so by `until`, goes on with `late`.
void Gateway::State::when_empty(Instant until, void (State::*late)()) {
    if (shared.connections.all() == 0) {
        end_drain();
    } else if (lane.clock().now() >= until) {
        (this->*late)();
    } else {
        lane.after(drain_poll, [this, until, late] { when_empty(until, late); });
    }
}

void Gateway::State::cut_short() {
    telemetry::log(LogLevel::warning, "drain_time_over",
                   {{"connections", static_cast<std::int64_t>(shared.connections.all())}});
    const Instant until = lane.clock().now() + last_words;
    for (const auto& traffic : lanes) {
        traffic->cut_short(until);
    }
    // The write deadline of the last words is the same moment: what remains is on its way out.
    when_empty(until + drain_poll, &State::end_drain);
}

void Gateway::State::end_drain() {
    telemetry::log(LogLevel::info, "drained",
                   {{"connections", static_cast<std::int64_t>(shared.connections.all())}});
    end(Ending::drained);
}

void Gateway::State::end(Ending how) {
    if (ending) {
        return;
    }
    ending = how;
    // From here on a signal ends the process in the system's own way, whatever holds it up.
    boost::system::error_code nothing_to_do_about_it;
    signals.clear(nothing_to_do_about_it);
    for (const auto& traffic : lanes) {
        traffic->stop();
    }
    for (const auto& traffic : lanes) {
        traffic->join();
    }
    admin_listener->stop();
    lane.stop();
}

Task<Result<std::string>> Gateway::State::explain(const server::ExplainQuestion& question,
                                                  const server::Live& live) {
    const pipeline::FactSources sources{lane.clock(), shared.counter, &shared.classes};
    const server::CacheView cache{*shared.cache, callers};
    co_return co_await server::explain(question, live, sources, server::TargetStates::live, &cache);
}

server::AdminHooks Gateway::State::admin_hooks() {
    server::AdminHooks hooks;
    hooks.reload = [this] { return reload_and_wait(); };
    hooks.show_config = [this] { return show(account); };
    hooks.show_targets = [this] { return show_targets(*view.current().live.settings, lane.clock().now()); };
    hooks.order_target = [this](const server::TargetOrder& order) {
        const bool known =
            view.current().live.settings->health()->order(order.provider, order.model, order.breaker);
        if (known) {
            telemetry::log(LogLevel::warning, "target_ordered",
                           {{"provider", order.provider},
                            {"model", order.model},
                            {"breaker", std::string(name_of(order.breaker))}});
        }
        return known;
    };
    hooks.explain = [this](const server::ExplainQuestion& question, const server::Live& live) {
        return explain(question, live);
    };
    hooks.degraded = [this] { return degraded_parts(shared.ledger.get(), store_on_disk, keys.are_sound()); };
    hooks.not_ready = [] { return std::string(); };
    hooks.keys = &keys;
    hooks.cache = &*shared.cache;
    return hooks;
}

std::vector<telemetry::PoolGauge> Gateway::State::pools() const {
    std::vector<net::OriginCounts> counts;
    for (const auto& traffic : lanes) {
        const auto of_lane = traffic->pool();
        counts.insert(counts.end(), of_lane.begin(), of_lane.end());
    }
    const auto own = client.counts_by_origin();
    counts.insert(counts.end(), own.begin(), own.end());
    return pool_gauges(origins, counts);
}

}  // namespace gatehouse::app

// A server of one lane with a hand-turned clock, scripted clients and one scripted stage.
#pragma once

#include "scripted_client.hpp"
#include "support/hand_clock.hpp"

#include "gatehouse/core/secret.hpp"
#include "gatehouse/net/lane.hpp"
#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/pipeline/stage.hpp"
#include "gatehouse/server/session.hpp"
#include "gatehouse/telemetry/log.hpp"
#include "gatehouse/telemetry/metrics.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::server {

using chat::Delta;
using chat::DeltaKind;
using pipeline::Exchange;
using pipeline::Outcome;

/// What the pipeline does in a test.
class ScriptedStage : public pipeline::Stage {
public:
    using Script = std::function<Task<Result<Outcome>>(Exchange&)>;
    explicit ScriptedStage(Script& script) : script_(script) {}
    Task<Result<Outcome>> run(Exchange& x, pipeline::Next) override { return script_(x); }

private:
    Script& script_;
};

inline Task<Result<Outcome>> answer_ok(Exchange& x) {
    const Delta whole{DeltaKind::whole, R"({"ok":true})"};
    auto pushed = co_await x.sink.push(std::span(&whole, 1));
    if (!pushed) {
        co_return pushed.problem();
    }
    co_return Outcome{};
}

/// Refuses every request with one Problem.
inline ScriptedStage::Script refusing(Problem problem) {
    struct Refuse {
        static Task<Result<Outcome>> run(Problem with) { co_return with; }
    };
    return [problem](Exchange&) { return Refuse::run(problem); };
}

struct ServerTest : testing::Test {
    ServerTest() {
        stages.push_back(std::make_unique<ScriptedStage>(script));
        add_key("gh-alice", "alice");
        upstream::ProviderOptions provider;
        provider.name = "sim";
        provider.kind = upstream::ProviderKind::simulated;
        parts.providers.push_back(*upstream::Provider::make(std::move(provider)));
        parts.models = {{"small", {{"sim", "s"}}}, {"big", {{"sim", "b"}}}, {"any/*", {{"sim", "*"}}}};
        log_file = std::tmpfile();
        log = std::make_unique<telemetry::Log>(telemetry::LogOptions{}, fileno(log_file));
        telemetry::set_process_log(log.get());
    }
    ~ServerTest() override {
        telemetry::set_process_log(nullptr);
        log.reset();
        std::fclose(log_file);
    }

    void add_key(std::string_view key, std::string name, bool may_administrate = false,
                 std::optional<std::vector<std::string>> models = std::nullopt) {
        pipeline::KeyOptions entry;
        entry.name = std::move(name);
        entry.hash = sha256(key);
        entry.admin = may_administrate;
        entry.models = std::move(models);
        parts.keys.push_back(std::move(entry));
    }

    Server& server() {
        if (!server_) {
            live = Live{std::make_shared<const pipeline::Settings>(parts, 1, clock.wall()),
                        std::make_shared<const ServerOptions>(options)};
            server_ = std::make_unique<Server>(ServerContext{lane, [this] { return live; }, stages, metrics,
                                                             life, admin, nullptr, nullptr, &clock});
        }
        return *server_;
    }

    std::shared_ptr<ClientEnd> connect(Door door = Door::client) {
        auto end = std::make_shared<ClientEnd>();
        lane.spawn(server().serve(std::make_unique<ScriptedStream>(end, clock), door));
        run();
        return end;
    }

    /// Runs all that can run without more bytes or time.
    void run() {
        lane.context().restart();
        lane.context().poll();
    }
    void advance(Milliseconds by) {
        clock.advance(by);
        run();
    }

    /// One request on a connection of its own: everything the server answered.
    std::string ask(std::string_view request, Door door = Door::client) {
        const auto client = connect(door);
        client->send(request);
        run();
        return client->received();
    }

    std::string log_text() {
        log->flush();
        std::string text;
        std::rewind(log_file);
        char buffer[4096];
        for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, log_file)) > 0;) {
            text.append(buffer, got);
        }
        return text;
    }
    /// Access-log lines so far.
    std::size_t lines() {
        const auto text = log_text();
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }

    test::HandClock clock;
    telemetry::Metrics metrics;
    Life life;
    AdminHooks admin;
    ServerOptions options;
    pipeline::Settings::Parts parts;
    ScriptedStage::Script script{answer_ok};
    std::vector<std::unique_ptr<pipeline::Stage>> stages;
    Live live;
    std::FILE* log_file{nullptr};
    std::unique_ptr<telemetry::Log> log;
    net::Lane lane;  // after all that its frames refer to
    std::unique_ptr<Server> server_;
};

inline int status_of(std::string_view reply) {
    return reply.size() > 12 ? std::stoi(std::string(reply.substr(9, 3))) : 0;
}

inline std::string post(std::string_view path, std::string_view body, std::string_view fields = "",
                        std::string_view key = "gh-alice") {
    std::string out = "POST " + std::string(path) + " HTTP/1.1\r\nHost: gw\r\n";
    if (!key.empty()) {
        out += "Authorization: Bearer " + std::string(key) + "\r\n";
    }
    if (fields.find("Content-Type") == std::string_view::npos) {
        out += "Content-Type: application/json\r\n";
    }
    out += std::string(fields) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    return out + std::string(body);
}

inline std::string get(std::string_view path, std::string_view fields = "Authorization: Bearer gh-alice\r\n",
                       std::string_view host = "gw", std::string_view method = "GET") {
    return std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: " + std::string(host) +
           "\r\n" + std::string(fields) + "\r\n";
}

inline constexpr std::string_view chat_path = "/v1/chat/completions";
inline constexpr std::string_view chat_body =
    R"({"model":"small","messages":[{"role":"user","content":"hi"}]})";
inline constexpr std::string_view stream_body =
    R"({"model":"small","stream":true,"messages":[{"role":"user","content":"hi"}]})";

/// The body behind the head; with chunks still in it.
inline std::string body_of(std::string_view reply) {
    const auto end = reply.find("\r\n\r\n");
    return end == std::string_view::npos ? std::string() : std::string(reply.substr(end + 4));
}

inline bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace gatehouse::server

// A single-threaded epoll server on 127.0.0.1 that plays the provider.
//
// Answers requests of the APIs it knows (api.hpp) by the model's plan, GET /stats with what it saw, POST
// /reset sets that to zero. One write per chunk, as real providers do; a slow reader stops its stream. It
// reads Content-Length bodies only.
#pragma once

#include "api.hpp"
#include "plan.hpp"

#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::bench {

struct Stats {
    std::uint64_t connections{0}, requests{0}, streams_active{0}, clients_gone{0}, chunks{0}, bad{0};
    std::uint64_t chat{0}, messages{0}, generate{0};  // requests by API
};

class Server {
public:
    /// Ends the process with a message when the port is taken.
    explicit Server(std::uint16_t port);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[noreturn]] void run();

private:
    enum class Step : std::uint8_t { idle, head, chunks, silent };

    struct Connection {
        int descriptor{-1};
        std::uint64_t generation{0};  // of the request; timers of an earlier one are stale
        std::string in;
        std::string out;
        bool waits_for_room{false};
        const Api* api{nullptr};
        Asked asked;
        Plan plan;
        std::string filler;
        Step step{Step::idle};
        int sent{0};
        std::uint64_t due_ns{0};
    };
    struct Timer {
        std::uint64_t at_ns;
        int descriptor;
        std::uint64_t generation;
        bool operator<(const Timer& other) const noexcept { return at_ns > other.at_ns; }
    };

    Connection* find(int descriptor) noexcept;
    void accept_all();
    void on_event(int descriptor, std::uint32_t events);
    void run_timers();
    /// All of these may end the connection; the pointer is then dangling and false (or nothing more) is done
    /// with it.
    bool read(Connection& connection);
    bool take_request(Connection& connection);
    bool answer(Connection& connection, std::string_view method, std::string_view path,
                std::string_view body);
    bool advance(Connection& connection);
    bool begin(Connection& connection);
    bool end_stream(Connection& connection, Fault how);
    bool flush(Connection& connection);
    void drop(Connection& connection, bool reset);
    void wait_until(Connection& connection, std::uint64_t at_ns);
    void watch(const Connection& connection) const;
    std::string stats_json() const;

    int listener_;
    int poll_;
    std::uint64_t last_generation_{0};
    std::uint64_t last_id_{0};
    std::vector<std::unique_ptr<Connection>> connections_;
    std::priority_queue<Timer> timers_;
    Stats stats_;
};

}  // namespace gatehouse::bench

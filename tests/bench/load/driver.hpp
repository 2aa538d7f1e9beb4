// The load: connections to one server, requests by the mode's rule, every answer judged, times kept.
//
// One thread, epoll, 127.0.0.1 only; bounded by requests and seconds.
#pragma once

#include "histogram.hpp"
#include "options.hpp"
#include "reply_reader.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::bench {

struct Totals {
    std::uint64_t done{0};
    std::array<std::uint64_t, 7> verdicts{};  // by Verdict
    std::uint64_t left_on_purpose{0};
    std::uint64_t not_connected{0};
    std::uint64_t unfinished{0};
    std::uint64_t sent_again{0};  // a kept connection was closed before a byte of the answer
    std::uint64_t chunks{0};

    std::uint64_t count(Verdict verdict) const { return verdicts[static_cast<std::size_t>(verdict)]; }
    std::uint64_t errors() const {
        return done - count(Verdict::right) - left_on_purpose + not_connected + unfinished;
    }
};

struct Times {
    Histogram whole;  // from the start of the request (rate: from when it was due)
    Histogram first_chunk;
    Histogram chunk_delay;  // from the provider's write to our read
};

class Driver {
public:
    explicit Driver(const Options& options);
    ~Driver();
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;

    /// Warms up, calls `measure`, then drives the measured part.
    void run(const std::function<void()>& measure);
    /// idle: after all streams are open, before they are left.
    void hold(const std::function<void()>& measure);

    const Totals& totals() const noexcept { return totals_; }
    const Times& times() const noexcept { return times_; }
    double seconds() const noexcept;

private:
    struct Connection;

    void drive(std::uint64_t requests, double seconds, bool paced);
    void start(Connection& connection, std::uint64_t due_ns);
    bool dial(Connection& connection);
    void send_rest(Connection& connection);
    void on_event(Connection& connection, std::uint32_t events);
    void read(Connection& connection);
    void on_closed(Connection& connection);
    void on_chunk(Connection& connection, std::uint64_t sent_ns, std::uint64_t now);
    void finish(Connection& connection);
    void leave(Connection& connection);
    void rest(Connection& connection, bool keep);
    void poll_once(std::uint64_t wait_ns);
    void prepare_request();

    const Options options_;
    const bool stream_;
    int poll_;
    std::string request_;
    std::size_t nonce_at_{0};
    std::uint64_t random_;
    std::uint64_t started_{0};
    std::vector<std::unique_ptr<Connection>> connections_;
    std::deque<Connection*> idle_;
    std::uint64_t active_{0};
    std::uint64_t first_chunks_{0};  // streams that have their first chunk
    std::uint64_t began_ns_{0};
    std::uint64_t last_ns_{0};
    Totals totals_;
    Times times_;
};

}  // namespace gatehouse::bench

// The composition root: every part is built here and handed to the next, in order. What is built first
// outlives what is built later. Room: app.
#pragma once

#include "gatehouse/config/load.hpp"
#include "gatehouse/core/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace gatehouse::app {

struct GatewayOptions {
    std::string config_file;
    std::string listen;        // not empty: instead of server.listen
    std::string admin_listen;  // not empty: instead of server.admin_listen
    std::size_t lanes{0};      // not 0: instead of server.lanes
    config::Sources sources{config::process_sources()};
    bool watch_file{true};
    bool handle_signals{false};  // SIGTERM, SIGINT: drain, the second one: stop; SIGHUP: reload
};

/// How a gateway came to its end: every request was answered, if only with an error at the end of the drain
/// time; or it was cut off where it stood.
enum class Ending : std::uint8_t { drained, cut };

class Gateway {
public:
    /// Loads the configuration and claims the ports. Problems: invalid_configuration with all findings in its
    /// message; `closed` when a port is taken; internal when the system has too few descriptors.
    static Result<std::unique_ptr<Gateway>> make(GatewayOptions options);
    ~Gateway();
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    /// Starts the lanes; returns at once, with the ports serving.
    void start();
    /// Blocks until the gateway has ended: after drain() or a signal.
    Ending wait();
    /// The second signal, which cut the gateway off; 0 if none did. Once wait() has returned.
    int cut_by() const noexcept;
    /// From any thread: no new work. Running requests finish within `server.drain`; those that do not are
    /// told so, with an error. Then the end.
    void drain();
    /// From any thread: the end, now.
    void stop();
    /// From any thread: loads the file anew; `then` gets the result on the management lane.
    void reload(std::function<void(Status)> then);

    std::uint16_t port() const noexcept;
    std::uint16_t admin_port() const noexcept;

private:
    struct State;
    explicit Gateway(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace gatehouse::app

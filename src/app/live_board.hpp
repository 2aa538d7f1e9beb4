// The configuration in force, where all lanes find it: swapped as a whole, read by each lane from its own
// copy. Room: app.
#pragma once

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/net/listener.hpp"
#include "gatehouse/server/session.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace gatehouse::app {

/// One consistent view: what a request pins and what a new connection needs.
struct Snapshot {
    server::Live live;
    std::shared_ptr<const net::TlsIdentity> tls;
};

class LiveBoard {
public:
    void post(Snapshot snapshot) {
        snapshot_.with([&](Snapshot& held) { held = std::move(snapshot); });
        version_.fetch_add(1, std::memory_order_release);
    }
    Snapshot read() const {
        return snapshot_.with([](const Snapshot& held) { return held; });
    }
    std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

private:
    Guarded<Snapshot> snapshot_;
    std::atomic<std::uint64_t> version_{0};
};

/// A lane's own copy, renewed when the board's version moved: the usual read is one atomic load.
class LaneView {
public:
    explicit LaneView(const LiveBoard& board) : board_(board) {}
    const Snapshot& current() {
        const auto version = board_.version();
        if (version != seen_) {
            copy_ = board_.read();
            seen_ = version;
        }
        return copy_;
    }

private:
    const LiveBoard& board_;
    Snapshot copy_;
    std::uint64_t seen_{0};
};

}  // namespace gatehouse::app

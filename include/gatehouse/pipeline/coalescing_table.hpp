// The calls in flight that requests of the same kind may share, found by what makes requests the same.
//
// Shared by all lanes; a short lock for each of its parts. Room: pipeline.
#pragma once

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/core/secret.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <unordered_map>

namespace gatehouse::net {
class Lane;
}

namespace gatehouse::pipeline {

class SharedCall;
class CallPlace;

struct SharedCallLimits {
    // Of a reply, in bytes. Past the first nobody joins, and what everybody has read is dropped; the second
    // is how far a reader may be behind. Between them lies the room of the last who joined to catch up.
    std::size_t joinable{std::size_t{4} * 1024 * 1024};
    std::size_t kept{std::size_t{8} * 1024 * 1024};
    std::size_t ahead{std::size_t{64} * 1024};  // so far the call may be before its furthest reader
};

struct CoalescingLimits {
    std::size_t calls{65'536};  // those beyond it are shared by nobody
    // Of the replies of all of them. Past it a call that goes on is closed to others, and drops what its
    // readers have.
    std::size_t bytes{std::size_t{256} * 1024 * 1024};
    SharedCallLimits each{};
};

/// What is kept of the replies of all calls. From any thread.
class KeptBytes {
public:
    explicit KeptBytes(std::size_t most) noexcept : most_(most) {}
    void add(std::size_t bytes) noexcept { sum_.fetch_add(bytes, std::memory_order_relaxed); }
    void take_off(std::size_t bytes) noexcept { sum_.fetch_sub(bytes, std::memory_order_relaxed); }
    std::size_t sum() const noexcept { return sum_.load(std::memory_order_relaxed); }
    bool too_many() const noexcept { return sum() > most_; }

private:
    const std::size_t most_;
    std::atomic<std::size_t> sum_{0};
};

class CoalescingTable {
public:
    explicit CoalescingTable(CoalescingLimits limits = {})
        : limits_(limits),
          most_per_part_((limits.calls + part_count - 1) / part_count),
          kept_(std::make_shared<KeptBytes>(limits.bytes)) {}
    ~CoalescingTable();
    CoalescingTable(const CoalescingTable&) = delete;
    CoalescingTable& operator=(const CoalescingTable&) = delete;

    /// A place at the call for the key. If there is none that may be joined it is a new one, which the caller
    /// makes. Null when the table is full. `lane`: the caller's.
    std::unique_ptr<CallPlace> join(const Digest& key, net::Lane& lane);
    /// The call is over; another one may have taken its place.
    void remove(const Digest& key, const SharedCall& call) noexcept;
    std::size_t size() const;
    /// Of the replies that may be joined, or that somebody has not read yet.
    std::size_t kept_bytes() const noexcept { return kept_->sum(); }
    /// Requests that have a place at a call, of any size.
    std::size_t readers() const noexcept { return readers_.load(std::memory_order_relaxed); }

private:
    friend CallPlace;
    struct ByItsOwnBytes {  // a digest is as good as any hash of it
        std::size_t operator()(const Digest& key) const noexcept {
            std::size_t hash = 0;
            std::memcpy(&hash, key.data(), sizeof(hash));
            return hash;
        }
    };
    using Part = std::unordered_map<Digest, std::shared_ptr<SharedCall>, ByItsOwnBytes>;
    static constexpr std::size_t part_count = 16;

    enum class Replaced : std::uint8_t { yes, taken, full };

    /// Null: there is none.
    std::shared_ptr<SharedCall> find(const Digest& key);
    /// Puts the call in the place of the other one, null for none; `taken` when that is a third one's by now.
    Replaced replace(const Digest& key, const std::shared_ptr<SharedCall>& replaced,
                     std::shared_ptr<SharedCall> call);
    Guarded<Part>& part_of(const Digest& key) noexcept { return parts_[key.back() % part_count]; }

    const CoalescingLimits limits_;
    const std::size_t most_per_part_;
    const std::shared_ptr<KeptBytes> kept_;  // replies may outlive the table by a moment
    std::array<Guarded<Part>, part_count> parts_;
    std::atomic<std::size_t> readers_{0};
};

}  // namespace gatehouse::pipeline

// The ledger: one durable row for each request that a caller made, and sums of them.
//
// A finished request's trail is its row. It is handed over by a move and written by the store's own thread,
// many in one commit; the access-log line of the request follows the commit, so that whoever reads a line
// finds the row, whatever happens to the process. A row that could not be kept has `ledger: "lost"` in its
// line. Committed means that the row survives the process (kill -9 too), not the machine's power. Room:
// store. May include: core, telemetry, net.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/store/usage.hpp"
#include "gatehouse/telemetry/trail.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace gatehouse::net {
class Lane;
}

namespace gatehouse::store {

struct LedgerCounts {
    std::uint64_t rows{0};          // committed by this process
    std::uint64_t lost{0};          // too many waited, or the disk refused them
    std::uint64_t without_tags{0};  // whose tags are not kept: their day had its fill of sets of tags
    std::uint64_t waiting{0};
    std::uint64_t commits{0};
    std::chrono::nanoseconds commit_time{0};  // of all commits
    bool usable{true};                        // false: the last commit failed, or none is possible
};

/// Any thread may call any function.
class Ledger {
public:
    virtual ~Ledger() = default;

    /// Writes the row, then the access line. Never waits: beyond the bound of what may wait the row is lost,
    /// and the line says so at once. Attempts without a price count as free where the trail has no attempt.
    virtual void append(telemetry::Trail&& trail, WallTime finished) noexcept = 0;
    /// Sums of what is committed; rows of the last instants may still be on their way. Resumed on `lane`.
    /// Problem overloaded when too many ask at once, not_ready when there is nothing to read from.
    virtual Task<Result<UsageReport>> usage(net::Lane& lane, UsageQuery query) = 0;
    /// What each caller has spent since the beginning of that day (UTC; the epoch: ever, also in days that
    /// are no longer kept). Requests without a price are not in it. Waits for the disk: to be asked while
    /// nobody is served yet.
    virtual Result<std::vector<Spent>> spent_since(std::chrono::sys_days first) = 0;
    /// What finished longer ago is removed, a few rows at a time.
    virtual void retain(std::chrono::milliseconds age) = 0;
    virtual LedgerCounts counts() const = 0;
    /// Waits until everything that was appended is committed and its line written; false if it is not by
    /// then.
    virtual bool flush(std::chrono::milliseconds patience) = 0;
};

/// Where there is no disk to write to: every row is lost, and counted. Usage is not_ready.
std::unique_ptr<Ledger> ledger_without_disk();

}  // namespace gatehouse::store

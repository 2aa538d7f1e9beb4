// Answers that outlive the process: a database of their own, which a thread of its own writes.
//
// It may lose what it likes but must not bring back what was taken out: what was removed from memory while it
// waited is not written, and removals are never lost. Room: store, private.
#pragma once

#include "answer.hpp"
#include "database.hpp"
#include "worker.hpp"

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/store/answer_cache.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::store {

struct ArchivedAnswer {
    Digest digest{};
    std::optional<Digest> alias{};
    std::shared_ptr<const KeptAnswer> answer{};
};

class AnswerArchive {
public:
    /// Is the answer still kept in memory?
    using StillKept = std::function<bool(const Digest&, const KeptAnswer&)>;

    /// Null if no file can be used; logged. `still_kept` is asked on the archive's thread.
    static std::unique_ptr<AnswerArchive> open(const AnswerCacheOptions& options, StillKept still_kept);
    AnswerArchive(Database database, const AnswerCacheOptions& options, StillKept still_kept);
    AnswerArchive(const AnswerArchive&) = delete;
    AnswerArchive& operator=(const AnswerArchive&) = delete;
    /// Writes what waits.
    ~AnswerArchive();

    /// Those whose time is not over, the oldest first. Waits for the disk: before anybody is served.
    std::vector<ArchivedAnswer> recall(WallTime now);
    void write(ArchivedAnswer answer);
    void erase(const Digest& digest);
    /// Returns once all that was said before is on the disk. False: the disk refused some of it.
    Task<bool> settled(net::Lane& lane);
    /// The memory has so much room from now on: the file is cut to what that may need, after all that was
    /// said before.
    void bound(std::size_t max_bytes);

    std::size_t waiting() const;
    std::uint64_t lost() const noexcept { return lost_; }
    bool usable() const noexcept { return usable_; }

private:
    struct Waiting {
        std::deque<ArchivedAnswer> queue;  // without an answer: to be erased
        std::size_t bytes{0};              // of answers
        std::size_t erasures{0};           // in the queue
        bool all{false};                   // before what is in the queue, everything is to be erased
        bool busy{false};                  // somebody is on the way to write
    };
    struct Statements;

    std::vector<ArchivedAnswer> read(WallTime now, std::vector<Digest>& useless);
    void add(ArchivedAnswer change, std::size_t bytes);
    void write_waiting();
    /// True if more waits.
    bool write_some();
    /// The disk refused changes: what it has may be what was to go.
    void refused(std::size_t changes);
    bool commit(const std::vector<ArchivedAnswer>& changes, bool all);
    bool apply(const ArchivedAnswer& change);

    Database database_;
    std::unique_ptr<Statements> statements_;  // on the worker
    std::string last_failure_;                // likewise
    StillKept still_kept_;
    std::size_t most_bytes_;
    std::size_t most_waiting_;
    Guarded<Waiting> waiting_;
    std::atomic<std::uint64_t> lost_{0};
    std::atomic<bool> usable_{true};
    Worker worker_{"answers"};  // the last: it ends before what it uses
};

}  // namespace gatehouse::store

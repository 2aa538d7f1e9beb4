// A part of the answers, and the order in which they make room: S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi: "FIFO
// queues are all you need for cache eviction", SOSP 2023), by bytes.
//
// What is new waits in a small queue, a tenth of the room; if nobody asks for it there it goes, and only its
// fingerprint is remembered for a while. What is asked for, or comes back while it is remembered, moves to
// the main queue, where each time that it was asked for is one more round. So a flood of requests that are
// made once passes through the small queue and touches nothing else, and finding an answer moves nothing: it
// is an increment, not a splice. No lock. Room: store, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/store/answer_cache.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::store {

/// Digests are as good as random: any eight of their bytes are a hash.
struct DigestHash {
    using is_avalanching = void;  // boost's word for it

    std::size_t operator()(const Digest& digest) const noexcept {
        std::size_t hash = 0;
        std::memcpy(&hash, digest.data() + 8, sizeof hash);
        return hash;
    }
};

/// Most look-ups find nothing, and among a hundred thousand each node that is followed for that is a wait for
/// memory: these hold their elements side by side.
template <typename Value>
using DigestMap = boost::unordered_flat_map<Digest, Value, DigestHash>;

/// All that an answer takes in memory while it is kept.
std::size_t bytes_of(const KeptAnswer& answer) noexcept;

class AnswerShard {
public:
    /// The answer goes with it: freeing one takes a while, which is not to be spent under a lock.
    struct Gone {
        Digest digest;
        std::optional<Digest> alias;
        std::shared_ptr<const KeptAnswer> answer;
    };
    /// How far a purge has come. Others change the shard between its steps.
    struct Sweep {
        std::optional<std::size_t> left{};  // places that are still to be looked at; nothing: all
    };
    /// What one step of a long piece of work looks at, so that nobody waits for all of it.
    static constexpr std::size_t step = 512;
    struct Counts {
        std::uint64_t evicted{0};
        std::uint64_t expired{0};
    };
    struct Sum {
        std::uint64_t entries{0};
        std::uint64_t bytes{0};
    };
    using Models = std::map<std::string, Sum, std::less<>>;

    explicit AnswerShard(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    /// An answer whose time is over goes; it is then in `gone`.
    std::shared_ptr<const KeptAnswer> find(const Digest& digest, WallTime now, std::vector<Gone>& gone);
    /// Without a trace: nobody has asked for it.
    std::shared_ptr<const KeptAnswer> peek(const Digest& digest, WallTime now) const;
    /// False: it is larger than what may be kept, and what had its digest is gone. What made room for it is
    /// in `gone`, also the other name that it had before.
    bool keep(const Digest& digest, const std::optional<Digest>& alias,
              std::shared_ptr<const KeptAnswer> answer, WallTime now, std::vector<Gone>& gone);
    void forget(const Digest& digest, std::vector<Gone>& gone);
    /// One step; true: more are needed. After the last one all have gone that were there at the first.
    bool purge(const Purge& which, Sweep& sweep, std::vector<Gone>& gone);
    /// One step, as above; the bound holds from the first one on for what comes.
    bool bound(std::size_t max_bytes, WallTime now, std::vector<Gone>& gone);

    std::size_t entries() const noexcept { return places_.size(); }
    std::size_t bytes() const noexcept { return small_.bytes + main_.bytes; }
    const Counts& counts() const noexcept { return counts_; }
    /// What a purge of a model would take, by its name.
    const Models& models() const noexcept { return models_; }

    /// Those that have a question.
    void questions(std::vector<KeptQuestion>& found) const;

private:
    struct Entry {
        Digest digest;
        std::optional<Digest> alias;
        std::shared_ptr<const KeptAnswer> answer;
        std::size_t bytes{0};
        std::size_t slot{0};    // in `slots_`
        std::uint8_t asked{0};  // how often, up to `most_asked`
        bool in_main{false};
    };
    struct Queue {
        std::list<Entry> entries;  // the newest first
        std::size_t bytes{0};
    };
    using Place = std::list<Entry>::iterator;

    Queue& queue_of(const Entry& entry) noexcept { return entry.in_main ? main_ : small_; }
    bool has_room(std::size_t for_bytes) const noexcept {
        return places_.empty() || bytes() + for_bytes <= max_bytes_;
    }
    /// One entry goes, or moves.
    void shorten(WallTime now, std::vector<Gone>& gone);
    void shorten_small(WallTime now, std::vector<Gone>& gone);
    void shorten_main(WallTime now, std::vector<Gone>& gone);
    void add(Entry entry);
    void to_main(Place place);
    void remove(Place place, std::vector<Gone>& gone);
    void count(const KeptAnswer& answer, std::size_t bytes);
    void discount(const KeptAnswer& answer, std::size_t bytes);
    void remember(const Digest& digest);
    /// Was it there not long ago?
    bool recall(const Digest& digest);

    std::size_t max_bytes_;
    Queue small_;
    Queue main_;
    DigestMap<Place> places_;
    std::vector<Place> slots_;  // all of them, in the order in which they came but for gaps that were filled
    Models models_;
    std::deque<std::uint64_t> remembered_;  // the oldest first
    boost::unordered_flat_set<std::uint64_t> fingerprints_;
    Counts counts_;
};

}  // namespace gatehouse::store

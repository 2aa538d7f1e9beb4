// Answers that were given once and may be given again: found by a digest of the request that they belong to.
//
// Shared by the lanes. Looking one up and keeping one takes a short lock and never waits for a disk; where
// answers outlive the process they are written behind everybody's back. Losing any of them, or all, costs a
// call and nothing else. Room: store. May include: core, chat, net.
#pragma once

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/chat/usage.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/core/units.hpp"
#include "gatehouse/store/answer_origin.hpp"
#include "gatehouse/store/options.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::net {
class Lane;
}

namespace gatehouse::store {

/// One answer with all that is to be said of it when it is given again. Never changed once it is kept.
struct KeptAnswer {
    chat::Endpoint endpoint{chat::Endpoint::chat_completions};  // in whose words it is
    bool stream{false};  // `bytes` are the events of a stream; else a whole body
    std::string bytes{};
    // Where it is found by the meaning of its question, too: what the user said last, and all else that must
    // be alike; empty: it is not.
    std::string question{};
    Digest partition{};

    std::shared_ptr<const AnswerOrigin> origin{no_origin()};  // never null
    bool owns_origin{false};                                  // it takes memory of its own
    chat::Usage usage{};
    bool usage_estimated{false};
    std::optional<PicoUsd> cost{};  // what each time it is given saves; nothing: not known

    WallTime stored_at{};
    WallTime expires_at{};  // from then on it is not found
};

/// Which answers to forget: those for which all that is said holds. Nothing said: all of them.
struct Purge {
    std::optional<std::string> key{};
    std::optional<std::string> model{};
    std::optional<std::pair<std::string, std::string>> tag{};
};

struct AnswerCounts {
    std::uint64_t entries{0};
    std::uint64_t aliases{0};    // other names that lead to one of them
    std::uint64_t bytes{0};      // all that they take, not their answers alone
    std::uint64_t evicted{0};    // had to make room
    std::uint64_t expired{0};    // were found or passed by after their time
    std::uint64_t too_large{0};  // were not kept
    // On disk, where they outlive the process.
    bool persists{false};
    bool usable{true};         // false: the disk refused the last of them
    std::uint64_t waiting{0};  // bytes on their way
    std::uint64_t lost{0};     // in memory only: too many waited, or the disk refused them
};

struct KeptQuestion {
    Digest answer{};
    std::shared_ptr<const KeptAnswer> of{};
};

/// What a purge of one model would take.
struct ModelAnswers {
    std::string model;
    std::uint64_t entries{0};
    std::uint64_t bytes{0};
};

/// What came of a purge.
struct Purged {
    std::size_t count{0};  // answers that are found no more
    /// False: the disk refused, so that what has gone may still lie there, and come back at the next start.
    /// It is removed with the next change that the disk takes.
    bool from_disk{true};
};

/// Where answers are looked for. Any thread may call any function.
class AnswerSource {
public:
    virtual ~AnswerSource() = default;

    /// Null: there is none, or its time is over.
    virtual std::shared_ptr<const KeptAnswer> find(const Digest& digest, WallTime now) = 0;
    /// The newest answer that was kept under that other name.
    virtual std::shared_ptr<const KeptAnswer> find_alias(const Digest& alias, WallTime now) = 0;
};

/// What is found was asked for, and stays the longer.
class AnswerCache : public AnswerSource {
public:
    /// The same answers, for those who only want to know: that they look changes nothing. Lives as long.
    virtual AnswerSource& onlooker() = 0;
    /// Found from now on, also under the other name; replaces what has the same digest. False: it is larger
    /// than what may be kept.
    virtual bool keep(const Digest& digest, const std::optional<Digest>& alias,
                      std::shared_ptr<const KeptAnswer> answer) = 0;
    virtual void forget(const Digest& digest) = 0;
    /// How many went; from the disk they go later.
    virtual std::size_t forget_all(const Purge& which) = 0;
    /// They are gone from the disk too when this returns, or it refused. Resumed on `lane`.
    virtual Task<Purged> purge(net::Lane& lane, Purge which) = 0;
    virtual AnswerCounts counts() const = 0;
    /// What there is of each model, the most bytes first. One that was asked for and one that answered in its
    /// place both have the answer.
    virtual std::vector<ModelAnswers> by_model() const = 0;
    /// Those that are found by the meaning of their questions. Takes a while where there are many.
    virtual std::vector<KeptQuestion> questions() const = 0;
    /// Other bounds from now on, of the file too, in its time; what no longer fits goes.
    virtual void bound(std::size_t max_bytes, WallTime now) = 0;
};

/// With `directory`, in its cache.db too, from which those come back whose time is not over. A file that
/// cannot be used is replaced by an empty one; where that cannot be either, answers are kept in memory only;
/// both are logged. Waits for the disk.
std::unique_ptr<AnswerCache> open_answer_cache(const AnswerCacheOptions& options, WallTime now);

}  // namespace gatehouse::store

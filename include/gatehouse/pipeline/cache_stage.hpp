// The stage `cache`: an answer that was given before is given again, and a new one is kept.
// Room: pipeline.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/pipeline/cache_look.hpp"
#include "gatehouse/pipeline/cache_tally.hpp"
#include "gatehouse/pipeline/evidence_book.hpp"
#include "gatehouse/pipeline/given_hits.hpp"
#include "gatehouse/pipeline/question_index.hpp"
#include "gatehouse/pipeline/recording_room.hpp"
#include "gatehouse/pipeline/stage.hpp"
#include "gatehouse/store/answer_cache.hpp"
#include "gatehouse/tokens/estimate.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace gatehouse::upstream {
class Callers;
}

namespace gatehouse::pipeline {

/// What the cache of all lanes is made of; outlives them.
struct CacheParts {
    store::AnswerCache& answers;
    CacheTally& tally;
    std::size_t longest_answer{std::size_t{4} * 1024 * 1024};  // bytes; a longer one is not kept
    std::shared_ptr<RecordingRoom> recording{std::make_shared<RecordingRoom>()};  // one for all lanes
    // Shares out the tokens of several inputs; null: their bytes do.
    const tokens::TokenCounter* counter{nullptr};
    QuestionIndex* questions{nullptr};  // null: nothing is found by its meaning
    EvidenceBook* evidence{nullptr};    // null: no hit is checked
    GivenHits* given{nullptr};          // null: nobody's word on a hit is heard
};

/// A hit that is not given: the fresh answer shows whether it would have been right.
struct CheckedHit {
    CacheLook look;
    std::string of;  // whose evidence it is: the model's, with this embedder
    policy::EvidenceOptions options{};
    bool proven{false};  // it could be given, and is where no fresh one comes
};

/// By what an answer is found besides its own request, and what it is compared with when it is there.
struct OtherWays {
    std::optional<Digest> alias{};
    std::shared_ptr<const AskedQuestion> question{};  // null: not by its meaning
    std::optional<CheckedHit> checked{};
};

/// Stands behind the stages that count requests and before those that count tokens and money: an answer from
/// the cache needs neither. It is kept when its last byte passes, before the client has it.
///
/// Problem not_cached: the client wants an answer from the cache only. That the cache fails is never the
/// request's failure.
class CacheStage : public Stage {
public:
    /// `callers`: of the lane, for embedders; null: nothing is found by its meaning.
    CacheStage(Clock& clock, const CacheParts& parts, upstream::Callers* callers = nullptr)
        : clock_(clock), parts_(parts), callers_(callers) {}
    Task<Result<Outcome>> run(Exchange& x, Next next) override;
    /// Gives what is kept under the very same words. Nothing: there is none, and nothing was noted of that.
    std::optional<Task<Result<Outcome>>> recall(Exchange& x);

private:
    struct Found;
    struct Alike;

    Task<Result<Outcome>> cached(Exchange& x, Next next);
    /// Nothing: there is no such answer, or the cache failed.
    std::optional<Found> look(Exchange& x, Alias& alias);
    Task<Result<Outcome>> look_by_meaning(Exchange& x, Next next, Alias alias);
    /// Null: it has no vector, or not by `until`.
    Task<std::shared_ptr<const AskedQuestion>> prepared(Exchange& x, Instant until);
    Task<Alike> look_alike(Exchange& x, std::shared_ptr<const AskedQuestion> question, Instant until);
    /// Something: the hit is to meet a fresh answer instead of being given.
    std::optional<CheckedHit> checked(const Exchange& x, const CacheLook& look,
                                      const vector::ModelIdentity& vectors);
    std::optional<Found> taken(Exchange& x, CacheLook look);
    void remember(const Exchange& x, const Found& found);
    Task<Result<Outcome>> give(Exchange& x, Found found);
    void note_no_hit(Exchange& x);
    Task<Result<Outcome>> missed(Exchange& x, Next next, Alias& alias, OtherWays ways);
    Task<Result<Outcome>> ask(Exchange& x, Next next, OtherWays ways);
    Task<Result<Outcome>> recorded(Exchange& x, Next next, chat::ReplySink& recorder);
    std::optional<Found> taken_again(Exchange& x, const CheckedHit& held);

    Clock& clock_;
    CacheParts parts_;
    upstream::Callers* callers_;
    store::OriginShelf origins_;
};

/// Stands before the stage that shares calls: what is kept under the very same words needs no call, and no
/// place beside one.
class RecallStage : public Stage {
public:
    /// `cache`: of the same lane, further behind.
    explicit RecallStage(CacheStage& cache) : cache_(cache) {}
    Task<Result<Outcome>> run(Exchange& x, Next next) override;

private:
    CacheStage& cache_;
};

}  // namespace gatehouse::pipeline

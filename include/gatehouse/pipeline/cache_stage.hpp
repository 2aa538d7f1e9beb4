// The stage `cache`: an answer that was given before is given again, and a new one is kept.
// Room: pipeline.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/pipeline/cache_look.hpp"
#include "gatehouse/pipeline/cache_tally.hpp"
#include "gatehouse/pipeline/stage.hpp"
#include "gatehouse/store/answer_cache.hpp"
#include "gatehouse/tokens/estimate.hpp"

#include <cstddef>
#include <optional>

namespace gatehouse::pipeline {

/// What the cache of all lanes is made of; outlives them.
struct CacheParts {
    store::AnswerCache& answers;
    CacheTally& tally;
    std::size_t longest_answer{std::size_t{4} * 1024 * 1024};  // bytes; a longer one is not kept
    // Shares out the tokens of several inputs; null: their bytes do.
    const tokens::TokenCounter* counter{nullptr};
};

/// Stands behind the stages that count requests and before those that count tokens and money: an answer from
/// the cache needs neither. It is kept when its last byte passes, before the client has it.
///
/// Problem not_cached: the client wants an answer from the cache only. That the cache fails is never the
/// request's failure.
class CacheStage : public Stage {
public:
    CacheStage(Clock& clock, const CacheParts& parts) : clock_(clock), parts_(parts) {}
    Task<Result<Outcome>> run(Exchange& x, Next next) override;

private:
    struct Found;

    Task<Result<Outcome>> cached(Exchange& x, Next next);
    /// Nothing: it is a miss, or the cache failed.
    std::optional<Found> look(Exchange& x);
    Task<Result<Outcome>> give(Exchange& x, Found found);
    Task<Result<Outcome>> ask(Exchange& x, Next next);

    Clock& clock_;
    CacheParts parts_;
};

}  // namespace gatehouse::pipeline

// A new answer on its way into the cache.
// Room: pipeline, private.
#pragma once

#include "recording_sink.hpp"

#include "gatehouse/core/clock.hpp"
#include "gatehouse/pipeline/cache_stage.hpp"
#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/upstream/replay.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::pipeline {

/// Keeps what is complete and may be given again: no answer that was cut short or calls tools, and none of a
/// fallback model unless the operator wants these too.
class AnswerKeeping : public ReplyKeeper {
public:
    /// All outlive it. REQUIRES: not routed yet.
    AnswerKeeping(const Exchange& x, const CacheParts& parts, store::OriginShelf& origins, Clock& clock,
                  OtherWays ways);

    void complete(std::string bytes) override;
    /// All that is to be said of the answer that has come, or is about to, but for its words, its usage and
    /// what it cost; nothing: none is to be kept.
    std::optional<store::KeptAnswer> description();
    /// The call failed after all: what was kept is not its answer.
    void withdraw();

private:
    bool is_patched() const;
    /// Labels the hit that it takes the place of.
    void check(const upstream::KeptAnswer& said);
    std::vector<ModelMatch> answering_entries() const;
    store::KeptAnswer described(Milliseconds lifetime);
    /// Zero: the answer is not kept.
    Milliseconds allowed_lifetime(const std::vector<ModelMatch>& entries) const;

    const Exchange& x_;
    const CacheParts& parts_;
    store::OriginShelf& origins_;
    Clock& clock_;
    std::string model_;  // as it was asked for
    OtherWays ways_;
    Milliseconds lifetime_;
    bool kept_{false};
};

}  // namespace gatehouse::pipeline

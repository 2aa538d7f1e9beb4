#include "gatehouse/pipeline/cache_feedback.hpp"

namespace gatehouse::pipeline {
namespace {

/// One and the same for an id that nobody has and for that of somebody else's request.
Problem no_such_hit() {
    return {ProblemKind::not_found,
            "This key was given no answer by its meaning under that request id, or too long ago."};
}

bool is_label(const CacheParts& parts, const GivenHit& hit, Judgement judgement) {
    return parts.evidence != nullptr && !hit.of.empty() &&
           (judgement == Judgement::wrong || parts.given->take_right_label(hit));
}

/// May be done again where it failed, but for a right label, which is then lost: it comes last.
JudgedHit act_on(const CacheParts& parts, const GivenHit& hit, Judgement judgement) {
    JudgedHit judged;
    judged.counted = true;
    if (judgement == Judgement::wrong && parts.questions != nullptr) {
        forget_wrong_answer(parts, hit.partition, hit.found_at);
        // Else the next answer to this question would be found for the other one.
        parts.questions->block(hit.partition, hit.asked);
        judged.forgotten = true;
    }
    if (is_label(parts, hit, judgement)) {
        using policy::EvidenceLabel;
        const auto label = judgement == Judgement::right ? EvidenceLabel::right : EvidenceLabel::wrong;
        parts.evidence->record(hit.of, hit.match, hit.similarity, label);
        judged.recorded = true;
    }
    return judged;
}

}  // namespace

Result<JudgedHit> judge_hit(const CacheParts& parts, std::string_view caller, std::string_view request,
                            Judgement judgement, Instant now) {
    if (parts.given == nullptr) {
        return no_such_hit();
    }
    const auto heard = parts.given->hear(caller, request, judgement, now);
    switch (heard.hearing) {
        case Hearing::unknown:
            break;
        case Hearing::counts:
            try {
                return act_on(parts, heard.hit, judgement);
            } catch (...) {
                parts.given->take_back(heard.place);
                throw;
            }
        case Hearing::repeated:
            return JudgedHit{};
        case Hearing::contradicted:
            return Problem(ProblemKind::conflict,
                           "This key has said the opposite of that answer; its first word counts.");
    }
    return no_such_hit();
}

void forget_wrong_answer(const CacheParts& parts, const Digest& partition, const Digest& found_at) {
    parts.answers.forget(found_at);
    parts.questions->block(partition, found_at);
}

}  // namespace gatehouse::pipeline

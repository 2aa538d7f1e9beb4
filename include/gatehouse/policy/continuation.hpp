// May another model go on with an answer that broke off after some of it was sent?
//
// Only where the reader cannot tell: a plain text that has not come to its end. What is open of a call, of
// JSON, of thoughts or probabilities belongs to the model that began it. Pure. Room: policy. May include:
// core, chat.
#pragma once

#include "gatehouse/core/result.hpp"

#include <cstdint>

namespace gatehouse::policy {

/// yaml: models.*.on_midstream_failure
enum class MidstreamFailure : std::uint8_t { error, go_on };

struct BrokenAnswer {
    ProblemKind why{ProblemKind::upstream_lost};
    bool begun{false};  // some of it was sent
    bool plain{false};  // nothing but text was, and all of that is known
    bool ended{
        false};  // its end was told to the client or by the provider: another model would only add to it
};

bool may_be_gone_on_with(const BrokenAnswer& answer) noexcept;

}  // namespace gatehouse::policy

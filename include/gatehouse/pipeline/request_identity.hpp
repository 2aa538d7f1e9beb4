// When two requests are the same one, or may have the same answer: what coalescing and the cache go by.
//
// Room: pipeline. May include: core, chat, policy, upstream.
#pragma once

#include "gatehouse/core/secret.hpp"
#include "gatehouse/policy/cache_options.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::pipeline {

struct Exchange;
struct ModelMatch;

/// Why an answer is neither shared nor kept.
enum class Unshared : std::uint8_t {
    none,
    switched_off,    // nothing is shared or kept for this model
    asked,           // the client wants neither
    kind,            // an endpoint, or a body, whose answers are nobody else's
    not_in_request,  // the answer depends on what the request does not hold
    temperature,     // above the operator's limit
};
/// Its stable name in explanations: `switched_off` …
std::string_view name_of(Unshared why) noexcept;

/// Digests hold the tenant, the name that was asked for, the way from it to its targets, and the request.
struct RequestIdentity {
    Unshared unshared{Unshared::none};
    Digest exact{};              // with none: of everything that may change the answer
    Digest partition{};          // of the same without what the user said last
    std::string last_user_text;  // that
    bool comparable{false};      // another text there could be answered alike
    /// Of each of its inputs, under which its vector is looked for and kept, whatever other inputs stand
    /// beside it. Empty: the request has one answer, which is known by `exact`.
    std::vector<Digest> inputs{};
};

/// REQUIRES: admitted, and not routed yet. Reads the body once.
RequestIdentity identify(const Exchange& x);

/// Why an answer is not kept that a model of this entry gave: the entry may be another one than that of the
/// name that was asked for, and forbid more.
Unshared why_not_kept(const Exchange& x, const ModelMatch& answered);

}  // namespace gatehouse::pipeline

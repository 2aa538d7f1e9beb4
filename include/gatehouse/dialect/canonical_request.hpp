// What of a request decides its answer, as one digest: requests that differ in nothing else may share an
// answer.
//
// Order of members, white space, escapes and the ways to write one number do not count, nor does what changes
// no word of an answer (`stream`, `user`, `metadata` …); a member that nobody here knows does. The model's
// name is not in it: what stands for it is for the caller to add. Pure. Room: dialect. May include: core,
// chat.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/secret.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// What the digests of a request are made for.
struct CanonicalUse {
    /// What counts beside the request: who shares its answer, and which way leads to it. In both digests.
    std::string_view scope{};
    /// Others that are alike may have the answer; false: the user's text and what is about it is left out.
    bool for_alike{true};
};

struct CanonicalRequest {
    /// A longer text of a user is compared with none but itself.
    static constexpr std::size_t longest_comparable_text = std::size_t{16} * 1024;

    Digest exact{};      // of everything that changes the answer
    Digest partition{};  // of the same without the texts of the user's last message; which one it is, and how
                         // many parts it has, is in it
    /// As the user wrote them, joined by a line end. Empty if there are none, or too much of them.
    std::string last_user_text{};
    /// The last turn is text of the user's and nothing else, so that a similar one could have the same
    /// answer. Behind it there may be instructions and the beginning of the answer, which are in the
    /// partition.
    bool comparable{false};
    /// Before the user's last message somebody has talked: user, model or tool.
    bool has_earlier_turns{false};
    /// False: the answer depends on what the body does not hold (a conversation or prompt that is kept
    /// elsewhere, what a link leads to, tools that the provider runs), or is to be kept for the client under
    /// its own id (`store`, `background`). Files that were uploaded do not change, and are known by their
    /// ids.
    bool self_contained{true};
};

/// Nothing: a request that is never shared nor kept. These are pictures and sounds (each is wanted anew), the
/// counting of tokens (cheaper than this), a body that has not arrived, and one in which an object has the
/// same member twice (who reads which is not known). REQUIRES: the body was admitted.
std::optional<CanonicalRequest> canonical_request(const chat::Request& request, const CanonicalUse& use = {});

}  // namespace gatehouse::dialect

// Which response a relayed one says that it goes on from: the client's word, where the provider was told the
// whole conversation and knows of no response before.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "edits.hpp"

#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Where a response object has its `previous_response_id`, or could have one.
struct MemberPlace {
    wire::ByteRange value;  // empty: there is none, but could be here
    bool possible{false};   // the object has a member that one could stand before
};

class PreviousResponse {
public:
    /// `id`: as the client said it; empty: the provider's own word stands.
    explicit PreviousResponse(std::string_view id);
    /// `text`: what the offsets of place and edits count from. Must outlive the edits.
    void show(std::string_view text, const MemberPlace& place, Edits& edits) const;

private:
    std::string id_;      // a JSON string; empty: there is none
    std::string member_;  // with it, and a comma behind
};

}  // namespace gatehouse::dialect

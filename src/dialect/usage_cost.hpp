// What a reply costs, told in the usage that its provider wrote: `usage.cost`, a number of US dollars.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "edits.hpp"

#include "gatehouse/chat/usage.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <string>
#include <string_view>

namespace gatehouse::dialect {

class UsageCost {
public:
    /// Null: it is not told.
    explicit UsageCost(const chat::CostTeller* teller) : teller_(teller) {}

    /// Adds the edit of `data` that shows it, if it is known; `usage` is where the value stands, `model` the
    /// one that answered. A provider's own `cost` is replaced: the client pays what the gateway counts. Where
    /// there is none, one is added if it is the `last` that is said of usage. The edit is good until the next
    /// call. REQUIRES: fewer than four edits so far.
    void show(std::string_view data, wire::ByteRange where, const chat::Usage& usage, std::string_view model,
              bool last, Edits& edits);

private:
    const chat::CostTeller* teller_;
    std::string text_;
};

}  // namespace gatehouse::dialect

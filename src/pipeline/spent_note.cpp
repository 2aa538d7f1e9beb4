#include "gatehouse/pipeline/spent_note.hpp"

#include "gatehouse/pipeline/settings.hpp"

namespace gatehouse::pipeline {

SpentNote::~SpentNote() {
    const auto& cost = x_.trail.cost;
    if (x_.shares_call || !cost || *cost <= PicoUsd()) {
        return;
    }
    for (const auto& account : x_.caller->accounts) {
        const bool settled = x_.settles && x_.accounts.contains(account);
        if (!settled && !account.note(*cost, began_)) {
            x_.settings->accounts()->with(
                [&](policy::AccountBook& book) { book.note(account, *cost, began_); });
        }
    }
}

}  // namespace gatehouse::pipeline

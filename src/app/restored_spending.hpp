// What accounts have spent so far, brought back from the ledger when the process starts.
// Room: app.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/pipeline/settings.hpp"
#include "gatehouse/store/ledger.hpp"

namespace gatehouse::app {

/// Once for each book: what is told is added. Tells each account what its ledger rows of the present day,
/// week and month, and of all time, have cost. Waits for the disk: before anybody is served. Problem: the
/// ledger cannot be read, and budgets begin anew.
Status restore_spending(store::Ledger& ledger, pipeline::SharedAccounts& accounts, WallTime now);

}  // namespace gatehouse::app

// The ledger on a writer that others share.
//
// Room: store, private.
#pragma once

#include "writer.hpp"

#include "gatehouse/store/ledger.hpp"
#include "gatehouse/store/options.hpp"

#include <memory>
#include <string>

namespace gatehouse::store {

/// `path`: of the writer's database, for the connection that reads. Problem internal when the database does
/// not have what it takes.
Result<std::unique_ptr<Ledger>> ledger_with(std::shared_ptr<Writer> writer, const std::string& path,
                                            const LedgerOptions& options);

}  // namespace gatehouse::store

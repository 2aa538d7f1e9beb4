// The key store on a writer that others share.
//
// Room: store, private.
#pragma once

#include "writer.hpp"

#include "gatehouse/store/key_store.hpp"
#include "gatehouse/store/options.hpp"

#include <memory>

namespace gatehouse::store {

/// Problem internal when the database does not have what it takes.
Result<std::unique_ptr<KeyStore>> keys_with(std::shared_ptr<Writer> writer, const AuditLimits& limits);

}  // namespace gatehouse::store

// What of a request decides its answer, for who must not know dialects.
// Room: upstream. May include: core, chat, dialect.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/dialect/canonical_request.hpp"

#include <optional>

namespace gatehouse::upstream {

using dialect::CanonicalRequest;
using dialect::CanonicalUse;

/// As dialect::canonical_request. Reads the whole body once more.
std::optional<CanonicalRequest> canonical_request(const chat::Request& request, const CanonicalUse& use);

}  // namespace gatehouse::upstream

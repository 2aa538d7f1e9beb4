// What is known of a kept answer beside its bytes, as a JSON text.
//
// Room: store, private.
#pragma once

#include "gatehouse/store/answer_cache.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::store {

/// All but `bytes` and the times.
std::string archived_text(const KeptAnswer& answer);
/// Nothing: it is none of ours.
std::optional<KeptAnswer> answer_of(std::string_view text, OriginShelf& origins);

}  // namespace gatehouse::store

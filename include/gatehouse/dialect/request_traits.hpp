// What a request holds, read from the client's own words of any vendor.
//
// Lenient: the body was admitted before, and what this reader does not know counts as not there; a request
// that only its provider understands can still be routed. Room: dialect. May include: core, chat.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/chat/request_traits.hpp"

namespace gatehouse::dialect {

/// Of a request to any endpoint. One pass over the body; of a form only that it brings sound.
chat::RequestTraits traits_of(const chat::Request& request);

}  // namespace gatehouse::dialect

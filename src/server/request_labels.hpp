// What the header of a request says for routing and attribution: tags, and the fields that rules ask about.
// Room: server, private.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/pipeline/request_facts.hpp"
#include "gatehouse/policy/route_rules.hpp"
#include "gatehouse/wire/http_message.hpp"

#include <string_view>

namespace gatehouse::server {

/// Adds the `k=v,k=v` of one x-gatehouse-tags field. Problem invalid_value (param: the header) for anything
/// else, for a name that is there already, and for more than 32 tags.
Status add_tags(std::string_view list, policy::Tags& tags);

/// The client's fields that `rules` ask about, for a request that names a model they list.
std::map<std::string, std::string, std::less<>> routed_headers(const wire::Fields& fields,
                                                               const policy::RouteTable& rules);

}  // namespace gatehouse::server

// What makes the Responses API a conversation: a response is kept, and a later request goes on from it.
//
// Pure texts: what is kept, how a request is put together from it again, what is shown of it. Where it is
// kept is for others to know. Room: dialect. May include: core, wire.
#pragma once

#include "gatehouse/core/result.hpp"

#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// What a request says about being kept.
struct ResponseAsk {
    std::string previous_id;  // empty: it begins a conversation
    bool store{true};
    std::string input;  // its items as the inside of a JSON array, each with an id
};

/// Of a body that was admitted. `id`: what made-up ids of items are derived from.
ResponseAsk read_response_ask(std::string_view body, std::string_view id);

/// A response with all that led to it.
struct KeptResponse {
    std::string input;     // items of its request and of those before, as the inside of a JSON array
    std::string response;  // the response object
};
/// `{"input":[…],"response":{…}}` and back; nothing is checked that was written here.
std::string to_json(const KeptResponse& kept);
KeptResponse kept_response(std::string_view json);

/// The items of a conversation up to and with a response: what a later request goes on from.
std::string history_of(const KeptResponse& kept);
/// The body of a request that says everything itself: `history` before its own `input`, no
/// `previous_response_id`.
std::string with_history(std::string_view body, std::string_view history, std::string_view input);
/// The request with `"store":false`: its response is kept nowhere, and says so.
std::string unstored(std::string_view body);

/// The response object in the last event of a stream (`response.completed`, `.incomplete`); empty for other
/// events.
std::string_view response_in(std::string_view event_data);
/// Its `id`; empty if it has none.
std::string response_id(std::string_view response);

/// What `GET /v1/responses/{id}/input_items` shows. Problems: invalid_value (`limit`, `order`, `after`).
Result<std::string> input_items_page(std::string_view input, std::string_view query);

}  // namespace gatehouse::dialect

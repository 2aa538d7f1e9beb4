// What a provider's error means to the gateway: whose fault, whether another try helps, and when.
//
// Decides by status, code and type; by the words of the message only last. Pure: what time it is comes in.
// Room: dialect. May include: core, wire, chat.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/wire/http_message.hpp"

#include <optional>
#include <string_view>

namespace gatehouse::dialect {

/// The Problem of a non-2xx answer. `body` may be anything: only the message of a JSON error is repeated.
Problem problem_of_answer(const wire::ResponseHead& head, std::string_view body, WallTime now);

/// The Problem of an error object that came with status 200: whole, or as an event of a stream.
Problem problem_of_event(std::string_view json);

/// True for what some compatible servers send instead of an `error` member: `{"object":"error","message":…}`.
bool is_error_object(std::string_view json);

}  // namespace gatehouse::dialect

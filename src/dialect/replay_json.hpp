// Answers as values that can be taken apart and put together, members in the order in which they came.
//
// For sources that change the form of an answer only. Room: dialect, private. May include: wire.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

using ReplayJson = nlohmann::ordered_json;

/// Nothing: it is no JSON, or deeper than what is taken apart by recursion may be.
std::optional<ReplayJson> parsed_answer(std::string_view text);
/// In one line.
std::string written_answer(const ReplayJson& value);
/// A member that is a string; else empty.
std::string answer_text(const ReplayJson& object, const char* name);

}  // namespace gatehouse::dialect

// Questions about usage as people and programs ask them, and the answers as JSON, CSV and a table.
//
// Pure. Room: server. May include: core, store.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/store/usage.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::server {

enum class UsageFormat : std::uint8_t { json, csv, table };
/// An operator asks about all callers, a caller about itself, for a quarter of a year at most.
enum class UsageScope : std::uint8_t { everybody, oneself };

struct UsageQuestion {
    store::UsageQuery query;
    UsageFormat format{UsageFormat::json};
};

/// From words such as {"group_by", "key,day"}, {"from", "2026-11-01"}. Without days: the last 30, today
/// included. Problem invalid_value with the word at fault as its param.
Result<UsageQuestion> read_usage_question(const std::vector<std::pair<std::string, std::string>>& words,
                                          UsageScope scope, WallTime now);

std::string usage_json(const UsageQuestion& question, const store::UsageReport& report);
/// RFC 4180, with a head. A name that a spreadsheet would take for a formula has an apostrophe before it.
std::string usage_csv(const UsageQuestion& question, const store::UsageReport& report);
/// For a terminal; columns that say nothing in any row are left out.
std::string usage_table(const UsageQuestion& question, const store::UsageReport& report);
/// In the format that was asked for.
std::string usage_text(const UsageQuestion& question, const store::UsageReport& report);

}  // namespace gatehouse::server

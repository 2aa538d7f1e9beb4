#include "gatehouse/core/money.hpp"
#include "gatehouse/server/usage.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>

namespace gatehouse::server {
namespace {

using store::UsageBy;
using store::UsageSums;

std::string name_of(const store::UsageGrouping& grouping) {
    switch (grouping.by) {
        case UsageBy::day:
            return "day";
        case UsageBy::key:
            return "key";
        case UsageBy::team:
            return "team";
        case UsageBy::organisation:
            return "organisation";
        case UsageBy::endpoint:
            return "endpoint";
        case UsageBy::model:
            return "model";
        case UsageBy::provider:
            return "provider";
        case UsageBy::upstream_model:
            return "upstream_model";
        case UsageBy::tag:
            break;
    }
    return "tag:" + grouping.tag;
}

std::string day_text(std::chrono::sys_days day) {
    const std::chrono::year_month_day date{day};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

struct Count {
    std::string_view name;
    std::int64_t value;
};

/// All whole numbers of a row, in their order.
std::vector<Count> counts_of(const UsageSums& sums) {
    std::vector<Count> counts{{"requests", sums.requests},
                              {"failed_requests", sums.failed},
                              {"requests_without_price", sums.unpriced},
                              {"requests_estimated", sums.estimated},
                              {"attempts", sums.attempts},
                              {"cached_requests", sums.cached}};
    for (std::size_t kind = 0; kind < store::token_kinds.size(); ++kind) {
        counts.push_back({store::token_kinds[kind], sums.tokens[kind]});
    }
    return counts;
}

void put_sums(nlohmann::ordered_json& object, const UsageSums& sums) {
    for (const auto& [name, value] : counts_of(sums)) {
        object[std::string(name)] = value;
    }
    object["cost_usd"] = usd_text(sums.cost);
    object["saved_usd"] = usd_text(sums.saved);
}

std::string csv_field(const std::string& text) {
    const bool formula =
        !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string::npos;
    const std::string safe = formula ? "'" + text : text;
    if (safe.find_first_of("\",\r\n") == std::string::npos) {
        return safe;
    }
    std::string quoted = "\"";
    for (const char c : safe) {
        quoted.append(c == '"' ? 2 : 1, c);
    }
    return quoted + "\"";
}

using Row = std::vector<std::string>;

/// What a terminal shows: tokens in and out are the sums of their kinds.
Row table_row(const Row& names, const UsageSums& sums) {
    const auto in = std::accumulate(sums.tokens.begin(), sums.tokens.begin() + 7, std::int64_t{0});
    const auto out = std::accumulate(sums.tokens.begin() + 7, sums.tokens.end(), std::int64_t{0});
    Row row = names;
    for (const auto value : {sums.requests, sums.failed, sums.unpriced, sums.estimated, in, out}) {
        row.push_back(std::to_string(value));
    }
    row.push_back(usd_text(sums.cost));
    row.push_back(usd_text(sums.saved));
    return row;
}

/// Control characters of a client's tag do not reach a terminal.
std::string printable(const std::string& text) {
    std::string clean = text.empty() ? "-" : text;
    std::replace_if(clean.begin(), clean.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; }, '?');
    return clean;
}

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string usage_json(const UsageQuestion& question, const store::UsageReport& report) {
    nlohmann::ordered_json page;
    page["object"] = "usage";
    page["from"] = day_text(question.query.from);
    page["to"] = day_text(question.query.to);
    auto& group_by = page["group_by"] = nlohmann::ordered_json::array();
    for (const auto& grouping : question.query.group_by) {
        group_by.push_back(name_of(grouping));
    }
    auto& data = page["data"] = nlohmann::ordered_json::array();
    for (const auto& group : report.groups) {
        nlohmann::ordered_json row;
        for (std::size_t i = 0; i < group.names.size(); ++i) {
            row[name_of(question.query.group_by[i])] = group.names[i];
        }
        put_sums(row, group.sums);
        data.push_back(std::move(row));
    }
    put_sums(page["total"], report.total);
    page["truncated"] = report.cut;
    return page.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string usage_csv(const UsageQuestion& question, const store::UsageReport& report) {
    std::string text;
    for (const auto& grouping : question.query.group_by) {
        text += csv_field(name_of(grouping)) + ",";
    }
    for (const auto& count : counts_of({})) {
        text.append(count.name).append(",");
    }
    text += "cost_usd,saved_usd\r\n";
    for (const auto& group : report.groups) {
        for (const auto& name : group.names) {
            text += csv_field(name) + ",";
        }
        for (const auto& count : counts_of(group.sums)) {
            text += std::to_string(count.value) + ",";
        }
        text += usd_text(group.sums.cost) + "," + usd_text(group.sums.saved) + "\r\n";
    }
    return text;
}

std::string usage_table(const UsageQuestion& question, const store::UsageReport& report) {
    std::vector<Row> rows(1);
    for (const auto& grouping : question.query.group_by) {
        rows.front().push_back(printable(name_of(grouping)));
    }
    const std::size_t names = rows.front().size();
    for (const std::string_view head : {"requests", "failed", "no price", "estimated", "tokens in",
                                        "tokens out", "cost USD", "saved USD"}) {
        rows.front().emplace_back(head);
    }
    for (const auto& group : report.groups) {
        Row names_shown;
        std::transform(group.names.begin(), group.names.end(), std::back_inserter(names_shown), printable);
        rows.push_back(table_row(names_shown, group.sums));
    }
    Row total(names);
    if (names > 0) {
        total.front() = "total";
    }
    rows.push_back(table_row(total, report.total));

    std::string text;
    std::vector<std::size_t> widths(rows.front().size());
    std::vector<bool> says(rows.front().size());
    for (std::size_t column = 0; column < widths.size(); ++column) {
        says[column] = column <= names;  // names and the number of requests stand in any case
        for (std::size_t i = 0; i < rows.size(); ++i) {
            widths[column] = std::max(widths[column], width_of(rows[i][column]));
            says[column] = says[column] || (i > 0 && rows[i][column] != "0");
        }
    }
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t column = 0; column < row.size(); ++column) {
            if (!says[column]) {
                continue;
            }
            const std::string blanks(widths[column] - width_of(row[column]), ' ');
            line +=
                (line.empty() ? "" : "  ") + (column < names ? row[column] + blanks : blanks + row[column]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    if (report.cut) {
        text += "There are more groups; the total is of all.\n";
    }
    return text;
}

std::string usage_text(const UsageQuestion& question, const store::UsageReport& report) {
    switch (question.format) {
        case UsageFormat::json:
            break;
        case UsageFormat::csv:
            return usage_csv(question, report);
        case UsageFormat::table:
            return usage_table(question, report);
    }
    return usage_json(question, report);
}

}  // namespace gatehouse::server

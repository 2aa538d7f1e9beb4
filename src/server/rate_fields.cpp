#include "rate_fields.hpp"

#include "gatehouse/wire/http1_writer.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <string_view>

namespace gatehouse::server {
namespace {

using telemetry::RateNote;

void append_count(std::string& block, std::string_view prefix, std::string_view name, std::string_view suffix,
                  std::int64_t value) {
    fmt::format_to(std::back_inserter(block), "{}{}{}: {}\r\n", prefix, name, suffix, value);
}

/// `x-ratelimit-remaining-requests`.
void append_openai_rate(std::string& block, std::string_view what, const RateNote& note) {
    append_count(block, "x-ratelimit-limit-", what, "", note.limit);
    append_count(block, "x-ratelimit-remaining-", what, "", note.remaining);
    if (note.full_after) {
        fmt::format_to(std::back_inserter(block), "x-ratelimit-reset-{}: {}\r\n", what,
                       reset_text(*note.full_after));
    }
}

/// `anthropic-ratelimit-requests-remaining`; its reset is an instant (RFC 3339).
void append_anthropic_rate(std::string& block, std::string_view what, const RateNote& note, WallTime now) {
    append_count(block, "anthropic-ratelimit-", what, "-limit", note.limit);
    append_count(block, "anthropic-ratelimit-", what, "-remaining", note.remaining);
    if (note.full_after) {
        const auto when = std::chrono::ceil<std::chrono::seconds>(now + *note.full_after);
        fmt::format_to(std::back_inserter(block), "anthropic-ratelimit-{}-reset: {:%Y-%m-%dT%H:%M:%SZ}\r\n",
                       what, when);
    }
}

}  // namespace

std::string reset_text(Milliseconds time) {
    using std::chrono::hours;
    using std::chrono::minutes;
    using std::chrono::seconds;
    if (time < seconds(1)) {
        return time.count() <= 0 ? "0s" : fmt::format("{}ms", time.count());
    }
    const auto whole_hours = std::chrono::duration_cast<hours>(time);
    const auto whole_minutes = std::chrono::duration_cast<minutes>(time - whole_hours);
    const auto rest = time - whole_hours - whole_minutes;
    std::string text;
    if (whole_hours.count() > 0) {
        text += fmt::format("{}h", whole_hours.count());
    }
    if (time >= minutes(1)) {
        text += fmt::format("{}m", whole_minutes.count());
    }
    constexpr std::int64_t thousand = 1'000;
    std::string fraction = fmt::format(".{:03}", rest.count() % thousand);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += fmt::format("{}{}s", rest.count() / thousand, fraction == "." ? "" : fraction);
    return text;
}

void append_rate_fields(std::string& block, const telemetry::Trail& trail, chat::Vendor vendor,
                        WallTime now) {
    const auto append = [&](std::string_view what, const std::optional<RateNote>& note) {
        if (!note) {
            return;
        }
        append_openai_rate(block, what, *note);
        if (vendor == chat::Vendor::anthropic) {
            append_anthropic_rate(block, what, *note, now);
        }
    };
    append("requests", trail.request_rate);
    append("tokens", trail.token_rate);
    if (!trail.budget_warning.empty()) {
        wire::append_field(block, "x-gatehouse-budget-warning", trail.budget_warning);
    }
}

}  // namespace gatehouse::server

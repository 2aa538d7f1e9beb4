#include "refusals.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <string>
#include <string_view>

namespace gatehouse::pipeline {
namespace {

using policy::Level;
using policy::Measure;

std::string whose(Level level, const std::string& name) {
    return level == Level::gateway ? "the gateway" : fmt::format("the {} `{}`", name_of(level), name);
}

std::string in_utc(WallTime when) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::floor<std::chrono::seconds>(when));
}

/// `12.5`, without what is beyond a millionth of a dollar.
std::string in_dollars(std::int64_t pico) {
    constexpr std::int64_t dollar = 1'000'000'000'000;
    constexpr std::int64_t millionth = 1'000'000;
    std::string text = fmt::format("{}.{:06}", pico / dollar, pico % dollar / millionth);
    text.erase(text.find_last_not_of('0') + 1);
    return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

std::string in_percent(std::int64_t hundredths) {
    constexpr std::int64_t percent = 100;
    const auto rest = hundredths % percent;
    return rest == 0 ? fmt::format("{}%", hundredths / percent)
                     : fmt::format("{}.{:02}%", hundredths / percent, rest);
}

std::string_view what_of(Measure measure) noexcept {
    switch (measure) {
        case Measure::requests:
            return "requests per minute";
        case Measure::tokens:
            return "tokens per minute";
        case Measure::concurrency:
            return "requests at one time";
        case Measure::money:
            break;
    }
    return "US dollars";
}

Problem over_limit(const policy::Refusal& refusal) {
    auto message = fmt::format("Rate limit reached for {} of {}: the limit is {}.", what_of(refusal.measure),
                               whose(refusal.level, refusal.name), refusal.limit);
    if (refusal.wait) {
        return Problem(ProblemKind::rate_limited,
                       fmt::format("{} Please try again in {}ms.", message, refusal.wait->count()),
                       Retry::same_place)
            .with_wait(*refusal.wait);
    }
    const bool blocked = refusal.limit == 0;
    message += blocked ? " It lets nothing through." : " This request alone is more than that.";
    return {ProblemKind::rate_limited, std::move(message)};
}

Problem over_budget(const policy::Refusal& refusal, WallTime wall) {
    auto message = fmt::format("The budget of {}, {} US dollars, does not cover this request.",
                               whose(refusal.level, refusal.name), in_dollars(refusal.limit));
    if (refusal.wait) {
        message += fmt::format(" It begins anew at {}.", in_utc(wall + *refusal.wait));
    }
    return {ProblemKind::budget_spent, std::move(message)};
}

std::optional<telemetry::RateNote> note_of(const std::optional<policy::RateView>& view) {
    return view ? std::optional(telemetry::RateNote{view->limit, view->remaining, view->full_after})
                : std::nullopt;
}

}  // namespace

Problem refused(const policy::Refusal& refusal, WallTime wall, telemetry::Trail& trail) {
    trail.refused_by = name_of(refusal.level);
    trail.refused_for = name_of(refusal.measure);
    return refusal.measure == Measure::money ? over_budget(refusal, wall) : over_limit(refusal);
}

void note_rates(const policy::AccountBook& book, const policy::AccountSet& set, Instant now,
                telemetry::Trail& trail) {
    trail.request_rate = note_of(book.tightest(set, Measure::requests, now));
    trail.token_rate = note_of(book.tightest(set, Measure::tokens, now));
}

void note_warning(const policy::AccountBook& book, const policy::AccountSet& set, WallTime wall,
                  telemetry::Trail& trail) {
    const auto warning = book.warning(set, wall);
    if (!warning) {
        return;
    }
    trail.budget_warning_level = name_of(warning->level);
    trail.budget_warning =
        fmt::format("{}={}, used={}", name_of(warning->level), warning->name, in_percent(warning->used));
    if (warning->ends) {
        trail.budget_warning += ", resets=" + in_utc(*warning->ends);
    }
}

}  // namespace gatehouse::pipeline

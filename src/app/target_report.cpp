#include "target_report.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace gatehouse::app {

namespace {

using nlohmann::json;

json milliseconds(const std::optional<Milliseconds>& time) {
    return time ? json(time->count()) : json(nullptr);
}

json shown(const upstream::TargetHealth::Report& report) {
    return {{"provider", report.provider},
            {"model", report.model},
            {"breaker",
             {{"state", name_of(report.state)},
              {"order", name_of(report.order)},
              {"probe_in_ms", milliseconds(report.opens_again_in)},
              {"calls", report.calls},
              {"failures", report.failures},
              {"failures_in_a_row", report.failures_in_a_row}}},
            {"in_flight", report.load.in_flight},
            {"credentials_parked",
             {{"for_this_model", report.credentials_parked},
              {"for_every_model", report.provider_credentials_parked}}},
            {"first_token_ms", milliseconds(report.load.first_token)},
            {"whole_answer_ms", milliseconds(report.load.whole)}};
}

}  // namespace

std::string show_targets(const pipeline::Settings& settings, Instant now) {
    json list = json::array();
    for (const auto& report : settings.health()->report(settings.resilience(), now)) {
        list.push_back(shown(report));
    }
    return json{{"targets", std::move(list)}}.dump(2, ' ', false, json::error_handler_t::replace);
}

std::vector<telemetry::BudgetGauge> budget_gauges(const pipeline::Settings& settings, WallTime wall) {
    auto budgets = settings.accounts()->with(
        [&](const policy::AccountBook& book) { return book.budgets(wall, telemetry::most_budgets_shown); });
    std::vector<telemetry::BudgetGauge> gauges;
    gauges.reserve(budgets.size());
    for (auto& each : budgets) {
        gauges.push_back({name_of(each.level), std::move(each.name), each.used});
    }
    return gauges;
}

std::vector<telemetry::TargetGauge> target_gauges(const pipeline::Settings& settings, Instant now) {
    std::vector<telemetry::TargetGauge> gauges;
    for (const auto& report : settings.named_targets(now)) {
        gauges.push_back({report.provider, report.model, name_of(report.state),
                          static_cast<std::uint64_t>(report.load.in_flight)});
    }
    return gauges;
}

}  // namespace gatehouse::app

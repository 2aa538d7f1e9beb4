#include "gatehouse/pipeline/cache_tally.hpp"

#include <numeric>

namespace gatehouse::pipeline {
namespace {

/// Models are those of the file; reloads may rename them as often as they like.
constexpr std::size_t most_models = 2'000;

CacheSums& of(CacheReport& report, std::string_view model) {
    const auto found = report.models.find(model);
    if (found != report.models.end()) {
        return found->second;
    }
    return report.models[report.models.size() < most_models ? std::string(model) : std::string("other")];
}

}  // namespace

std::uint64_t CacheSums::all_hits() const noexcept {
    return std::accumulate(hits.begin(), hits.end(), std::uint64_t{0});
}

CacheSums& CacheSums::operator+=(const CacheSums& other) noexcept {
    for (std::size_t tier = 0; tier < tiers; ++tier) {
        hits[tier] += other.hits[tier];
    }
    misses += other.misses;
    partial += other.partial;
    refreshes += other.refreshes;
    bypasses += other.bypasses;
    saved += other.saved;
    saved_tokens += other.saved_tokens;
    return *this;
}

void CacheTally::hit(std::string_view model, policy::CacheTier tier, PicoUsd saved, std::uint64_t tokens) {
    report_.with([&](CacheReport& report) {
        auto& sums = of(report, model);
        ++sums.hits[static_cast<std::size_t>(tier)];
        sums.saved += saved;
        sums.saved_tokens += tokens;
    });
}

void CacheTally::missed(std::string_view model) {
    report_.with([&](CacheReport& report) { ++of(report, model).misses; });
}

void CacheTally::refreshed(std::string_view model) {
    report_.with([&](CacheReport& report) { ++of(report, model).refreshes; });
}

void CacheTally::saved_in_part(std::string_view model, PicoUsd saved, std::uint64_t tokens) {
    report_.with([&](CacheReport& report) {
        auto& sums = of(report, model);
        ++sums.partial;
        sums.saved += saved;
        sums.saved_tokens += tokens;
    });
}

void CacheTally::bypassed(std::string_view model, std::string_view reason) {
    report_.with([&](CacheReport& report) {
        ++of(report, model).bypasses;
        ++report.bypasses[reason];
    });
}

void CacheTally::refused(std::string_view reason) {
    report_.with([&](CacheReport& report) { ++report.refusals[reason]; });
}

CacheReport CacheTally::report() const {
    return report_.with([](const CacheReport& report) { return report; });
}

}  // namespace gatehouse::pipeline

#include "gatehouse/pipeline/cache_tally.hpp"

#include <atomic>
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

void add(CacheReport& sum, const CacheReport& report) {
    for (const auto& [model, sums] : report.models) {
        of(sum, model) += sums;
    }
    for (const auto& [reason, count] : report.bypasses) {
        sum.bypasses[reason] += count;
    }
    for (const auto& [reason, count] : report.refusals) {
        sum.refusals[reason] += count;
    }
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
    coalesced += other.coalesced;
    coalesced_saved += other.coalesced_saved;
    coalesced_tokens += other.coalesced_tokens;
    return *this;
}

void CacheTally::hit(std::string_view model, policy::CacheTier tier, PicoUsd saved, std::uint64_t tokens) {
    mine().with([&](CacheReport& report) {
        auto& sums = of(report, model);
        ++sums.hits[static_cast<std::size_t>(tier)];
        sums.saved += saved;
        sums.saved_tokens += tokens;
    });
}

void CacheTally::missed(std::string_view model) {
    mine().with([&](CacheReport& report) { ++of(report, model).misses; });
}

void CacheTally::refreshed(std::string_view model) {
    mine().with([&](CacheReport& report) { ++of(report, model).refreshes; });
}

void CacheTally::saved_in_part(std::string_view model, PicoUsd saved, std::uint64_t tokens) {
    mine().with([&](CacheReport& report) {
        auto& sums = of(report, model);
        ++sums.partial;
        sums.saved += saved;
        sums.saved_tokens += tokens;
    });
}

void CacheTally::bypassed(std::string_view model, std::string_view reason) {
    mine().with([&](CacheReport& report) {
        ++of(report, model).bypasses;
        ++report.bypasses[reason];
    });
}

void CacheTally::refused(std::string_view reason) {
    mine().with([&](CacheReport& report) { ++report.refusals[reason]; });
}

void CacheTally::coalesced(std::string_view model, PicoUsd saved, std::uint64_t tokens) {
    mine().with([&](CacheReport& report) {
        auto& sums = of(report, model);
        ++sums.coalesced;
        sums.coalesced_saved += saved;
        sums.coalesced_tokens += tokens;
    });
}

Guarded<CacheReport>& CacheTally::mine() noexcept {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t number = threads.fetch_add(1, std::memory_order_relaxed);
    return parts_[number % part_count].report;
}

CacheReport CacheTally::report() const {
    CacheReport sum;
    for (const auto& part : parts_) {
        part.report.with([&sum](const CacheReport& report) { add(sum, report); });
    }
    return sum;
}

}  // namespace gatehouse::pipeline

#include "gatehouse/pipeline/cache_tally.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace gatehouse::pipeline {
namespace {

using policy::CacheTier;

TEST(CacheTally, AddsUpWhatAllThreadsCounted) {
    CacheTally tally;
    constexpr int lanes = 40;  // more than it has parts
    constexpr int requests = 500;
    std::vector<std::thread> threads;
    for (int lane = 0; lane < lanes; ++lane) {
        threads.emplace_back([&tally] {
            for (int i = 0; i < requests; ++i) {
                tally.hit("a", CacheTier::exact, PicoUsd(3), 5);
                tally.hit("b", CacheTier::signature, PicoUsd(1), 1);
                tally.missed("a");
                tally.refreshed("a");
                tally.bypassed("b", "temperature");
                tally.refused("too_old");
                tally.coalesced("a", PicoUsd(7), 2);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    constexpr std::uint64_t all = std::uint64_t{lanes} * requests;
    const auto report = tally.report();
    ASSERT_EQ(report.models.size(), 2U);
    const auto& a = report.models.at("a");
    EXPECT_EQ(a.hits[static_cast<std::size_t>(CacheTier::exact)], all);
    EXPECT_EQ(a.all_hits(), all);
    EXPECT_EQ(a.misses, all);
    EXPECT_EQ(a.refreshes, all);
    EXPECT_EQ(a.bypasses, 0U);
    EXPECT_EQ(a.saved.clamped(), PicoUsd(static_cast<std::int64_t>(3 * all)));
    EXPECT_EQ(a.saved_tokens, 5 * all);
    EXPECT_EQ(a.coalesced, all);
    EXPECT_EQ(a.coalesced_saved.clamped(), PicoUsd(static_cast<std::int64_t>(7 * all)));
    EXPECT_EQ(a.coalesced_tokens, 2 * all);
    EXPECT_EQ(report.models.at("b").bypasses, all);
    EXPECT_EQ(report.bypasses.at("temperature"), all);
    EXPECT_EQ(report.refusals.at("too_old"), all);
}

TEST(CacheTally, HasNoMoreModelsThanAFileMayName) {
    CacheTally tally;
    std::vector<std::thread> threads;
    for (int lane = 0; lane < 3; ++lane) {
        threads.emplace_back([&tally, lane] {
            for (int i = 0; i < 1'500; ++i) {
                tally.missed(std::to_string(lane) + "/" + std::to_string(i));
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    const auto report = tally.report();
    EXPECT_LE(report.models.size(), 2'001U);
    EXPECT_EQ(report.models.at("other").misses, 4'500U - 2'000U);
}

}  // namespace
}  // namespace gatehouse::pipeline

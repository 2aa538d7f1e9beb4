#include "gatehouse/policy/cache_evidence.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gatehouse::policy {
namespace {

constexpr auto reworded = GuardMatch::reworded;

void record(CacheEvidence& evidence, std::uint32_t count, EvidenceLabel label, double similarity = 0.95) {
    for (std::uint32_t i = 0; i < count; ++i) {
        evidence.record(reworded, similarity, label);
    }
}

TEST(UpperErrorBound, IsThatOfTheBetaDistribution) {
    EXPECT_NEAR(upper_error_bound(0, 0, 0.95), 0.95, 1e-9);
    // Without a wrong one: 1 - (1 - confidence)^(1 / (n + 1)).
    for (const std::uint32_t right : {1U, 10U, 300U, 8000U}) {
        EXPECT_NEAR(upper_error_bound(right, 0, 0.95), 1 - std::pow(0.05, 1.0 / (right + 1.0)), 1e-9)
            << right;
    }
    // Without a right one, and where both sides are alike.
    EXPECT_NEAR(upper_error_bound(0, 9, 0.95), std::pow(0.95, 0.1), 1e-9);
    EXPECT_NEAR(upper_error_bound(50, 50, 0.5), 0.5, 1e-9);
    // Beta(2, 2): 3x^2 - 2x^3 = 0.95.
    const double x = upper_error_bound(1, 1, 0.95);
    EXPECT_NEAR(3 * x * x - 2 * x * x * x, 0.95, 1e-9);
}

TEST(UpperErrorBound, FallsWithRightLabelsAndRisesWithWrongOnes) {
    EXPECT_LT(upper_error_bound(200, 1, 0.95), upper_error_bound(100, 1, 0.95));
    EXPECT_GT(upper_error_bound(200, 2, 0.95), upper_error_bound(200, 1, 0.95));
    EXPECT_GT(upper_error_bound(200, 1, 0.99), upper_error_bound(200, 1, 0.95));
}

TEST(CacheEvidence, OpensOnlyAfterHundredsOfLabels) {
    EXPECT_EQ(labels_to_open(0.03, 0.95), 98U);
    EXPECT_EQ(labels_to_open(0.01, 0.95), 298U);
    EXPECT_EQ(labels_to_open(0.003, 0.95), 997U);
    CacheEvidence evidence({.max_error = 0.01, .check_share = 0});
    EXPECT_EQ(evidence.decide(reworded, 0.95, 0.5), EvidenceVerdict::ask);
    record(evidence, 297, EvidenceLabel::right);
    EXPECT_EQ(evidence.decide(reworded, 0.95, 0.5), EvidenceVerdict::ask);
    record(evidence, 1, EvidenceLabel::right);
    EXPECT_EQ(evidence.decide(reworded, 0.95, 0.5), EvidenceVerdict::serve);
}

TEST(CacheEvidence, ClosesAgainWithAWrongLabel) {
    CacheEvidence evidence({.max_error = 0.01});
    record(evidence, 300, EvidenceLabel::right);
    record(evidence, 1, EvidenceLabel::wrong);
    EXPECT_EQ(evidence.decide(reworded, 0.95, 0.5), EvidenceVerdict::ask);
    record(evidence, 200, EvidenceLabel::right);
    EXPECT_EQ(evidence.decide(reworded, 0.95, 0.5), EvidenceVerdict::serve);
}

TEST(CacheEvidence, KeepsBandsAndMatchesApart) {
    CacheEvidence evidence({.max_error = 0.05});
    record(evidence, 100, EvidenceLabel::right, 0.95);
    EXPECT_EQ(evidence.decide(reworded, 0.94, 0.5), EvidenceVerdict::serve);
    EXPECT_EQ(evidence.decide(reworded, 0.969, 0.5), EvidenceVerdict::serve);
    for (const double other : {-1.0, 0.93, 0.97, 0.995, 1.0, 1.5}) {
        EXPECT_EQ(evidence.decide(reworded, other, 0.5), EvidenceVerdict::ask) << other;
    }
    EXPECT_EQ(evidence.decide(GuardMatch::same_words, 0.95, 0.5), EvidenceVerdict::ask);
}

TEST(CacheEvidence, ChecksAShareOfWhatItServes) {
    CacheEvidence evidence({.max_error = 0.05, .check_share = 0.1});
    record(evidence, 100, EvidenceLabel::right);
    EXPECT_EQ(evidence.decide(reworded, 0.95, 0.05), EvidenceVerdict::serve_and_check);
    EXPECT_EQ(evidence.decide(reworded, 0.95, 0.1), EvidenceVerdict::serve);
}

TEST(CacheEvidence, ForgetsSlowlyAndStaysBounded) {
    CacheEvidence evidence({.max_error = 0.01});
    record(evidence, 3 * CacheEvidence::most_labels, EvidenceLabel::right);
    const auto& cell = evidence.cell(reworded, 0.95);
    EXPECT_LE(cell.right + cell.wrong, CacheEvidence::most_labels);
    EXPECT_GE(cell.right, CacheEvidence::most_labels / 2);
    evidence.restore(reworded, 5, 0xffffffffU, 0xffffffffU);
    EXPECT_LE(cell.right + cell.wrong, CacheEvidence::most_labels);
    EXPECT_NEAR(cell.upper_bound, 0.5, 0.05);
}

TEST(CacheEvidence, IsRestored) {
    CacheEvidence evidence({.max_error = 0.01});
    evidence.restore(reworded, 5, 298, 0);
    EXPECT_EQ(evidence.decide(reworded, 0.95, 0.5), EvidenceVerdict::serve);
    EXPECT_EQ(evidence.cell(reworded, std::size_t{5}).right, 298U);
}

}  // namespace
}  // namespace gatehouse::policy

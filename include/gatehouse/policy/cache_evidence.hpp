// What is known of how often answers served for reworded questions were wrong, and whether to serve more of
// them.
//
// Adaptive mode of the semantic cache: labels come from comparisons with fresh answers and from callers. For
// each way the guard accepts and each band of similarity the share of wrong answers has a Beta posterior
// (uniform prior); a band is served only while the posterior's upper bound is below the operator's limit.
// Nothing is promised before the labels are there: how many it takes at least is `labels_to_open`. Pure;
// callers lock. Room: policy. May include: core.
#pragma once

#include "gatehouse/policy/answer_guard.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace gatehouse::policy {

struct EvidenceOptions {
    /// Highest share of wrong answers that is put up with; yaml: cache.semantic.adaptive.max_error.
    double max_error{0.01};
    /// How sure one must be that the share is below it; yaml: cache.semantic.adaptive.confidence.
    double confidence{0.95};
    /// Share of served hits that are compared with a fresh answer; yaml: cache.semantic.adaptive.check_share.
    double check_share{0.02};

    bool operator==(const EvidenceOptions&) const = default;
};

enum class EvidenceLabel : std::uint8_t { right, wrong };

enum class EvidenceVerdict : std::uint8_t {
    serve,
    serve_and_check,  // it could be served, and is one of those that a fresh answer is to label
    ask,              // do not serve: the fresh answer is needed anyway and labels the hit for nothing
};

/// Similarities from `evidence_bands[i]` up to the next one are one band.
inline constexpr std::array<double, 8> evidence_bands = {0.0, 0.70, 0.80, 0.85, 0.90, 0.94, 0.97, 0.99};

struct EvidenceCell {
    std::uint32_t right{0};
    std::uint32_t wrong{0};
    /// Of the share of wrong answers.
    double upper_bound{1.0};
};

/// The value that the share of wrong answers is below with `confidence`, given the labels.
double upper_error_bound(std::uint32_t right, std::uint32_t wrong, double confidence);
/// How many labels, all of them right, it takes until the bound is below `max_error`.
std::uint32_t labels_to_open(double max_error, double confidence);

class CacheEvidence {
public:
    explicit CacheEvidence(EvidenceOptions options) : options_(options) {}

    /// `draw` is a random number in [0, 1): which of the served hits are checked.
    EvidenceVerdict decide(GuardMatch match, double similarity, double draw) const noexcept;
    /// Old labels fade: beyond `most_labels` of a cell all of its labels count half.
    void record(GuardMatch match, double similarity, EvidenceLabel label);

    const EvidenceCell& cell(GuardMatch match, double similarity) const noexcept;
    const EvidenceCell& cell(GuardMatch match, std::size_t band) const {
        return cells_.at(place(match, band));
    }
    /// What an earlier run had learned; counts above `most_labels` are scaled down.
    void restore(GuardMatch match, std::size_t band, std::uint32_t right, std::uint32_t wrong);

    static constexpr std::uint32_t most_labels = 8192;

private:
    static std::size_t band_of(double similarity) noexcept;
    static constexpr std::size_t place(GuardMatch match, std::size_t band) noexcept {
        return static_cast<std::size_t>(match) * evidence_bands.size() + band;
    }
    void settle(EvidenceCell& cell) const;

    EvidenceOptions options_;
    std::array<EvidenceCell, guard_match_count * evidence_bands.size()> cells_{};
};

}  // namespace gatehouse::policy

#include "gatehouse/policy/cache_evidence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gatehouse::policy {
namespace {

/// By Stirling's series; std::lgamma writes a global. For x >= 1.
double log_gamma(double x) noexcept {
    double shift = 0;
    while (x < 10) {
        shift += std::log(x);
        x += 1;
    }
    constexpr double half_log_two_pi = 0.918938533204672742;
    const double inverse = 1 / x;
    const double square = inverse * inverse;
    const double series = inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square / 1680)));
    return (x - 0.5) * std::log(x) - x + half_log_two_pi + series - shift;
}

/// The continued fraction of the incomplete beta function by Lentz's method; it converges for
/// x < (a + 1) / (a + b + 2) in some sqrt(max(a, b)) rounds.
double beta_fraction(double x, double a, double b) noexcept {
    constexpr double tiny = std::numeric_limits<double>::min();
    constexpr double enough = 1e-12;
    constexpr int most_rounds = 1000;
    const auto kept_off_zero = [](double value) { return std::abs(value) < tiny ? tiny : value; };
    double c = 1;
    double d = 1 / kept_off_zero(1 - (a + b) * x / (a + 1));
    double fraction = d;
    for (int round = 1; round <= most_rounds; ++round) {
        const double m = round;
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / kept_off_zero(1 + even * d);
        c = kept_off_zero(1 + even / c);
        fraction *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / kept_off_zero(1 + odd * d);
        c = kept_off_zero(1 + odd / c);
        fraction *= d * c;
        if (std::abs(d * c - 1) < enough) {
            break;
        }
    }
    return fraction;
}

/// The probability that a value with the distribution Beta(a, b) is below x.
double beta_probability(double x, double a, double b) noexcept {
    if (x <= 0 || x >= 1) {
        return x <= 0 ? 0 : 1;
    }
    const double front =
        std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a
                                     : 1 - front * beta_fraction(1 - x, b, a) / b;
}

}  // namespace

double upper_error_bound(std::uint32_t right, std::uint32_t wrong, double confidence) {
    double low = 0;
    double high = 1;
    constexpr int halvings = 50;
    for (int i = 0; i < halvings; ++i) {
        const double middle = (low + high) / 2;
        const bool below = beta_probability(middle, 1.0 + wrong, 1.0 + right) < confidence;
        (below ? low : high) = middle;
    }
    return high;
}

std::uint32_t labels_to_open(double max_error, double confidence) {
    // All right: the bound x solves (1 - x)^(n + 1) = 1 - confidence.
    const double labels = std::log(1 - confidence) / std::log(1 - max_error) - 1;
    return static_cast<std::uint32_t>(std::clamp(std::floor(labels) + 1, 0.0, 4e9));
}

std::size_t CacheEvidence::band_of(double similarity) noexcept {
    const auto* const above = std::upper_bound(evidence_bands.begin() + 1, evidence_bands.end(), similarity);
    return static_cast<std::size_t>(above - evidence_bands.begin()) - 1;
}

const EvidenceCell& CacheEvidence::cell(GuardMatch match, double similarity) const noexcept {
    return cells_[place(match, band_of(similarity))];
}

EvidenceVerdict CacheEvidence::decide(GuardMatch match, double similarity, double draw) const noexcept {
    if (!(cell(match, similarity).upper_bound < options_.max_error)) {
        return EvidenceVerdict::ask;
    }
    return draw < options_.check_share ? EvidenceVerdict::serve_and_check : EvidenceVerdict::serve;
}

void CacheEvidence::record(GuardMatch match, double similarity, EvidenceLabel label) {
    auto& cell = cells_[place(match, band_of(similarity))];
    ++(label == EvidenceLabel::right ? cell.right : cell.wrong);
    settle(cell);
}

void CacheEvidence::restore(GuardMatch match, std::size_t band, std::uint32_t right, std::uint32_t wrong) {
    auto& cell = cells_.at(place(match, band));
    cell.right = right;
    cell.wrong = wrong;
    settle(cell);
}

void CacheEvidence::settle(EvidenceCell& cell) const {
    while (std::uint64_t{cell.right} + cell.wrong > most_labels) {
        cell.right /= 2;
        cell.wrong -= cell.wrong / 2;  // in doubt the worse
    }
    cell.upper_bound = upper_error_bound(cell.right, cell.wrong, options_.confidence);
}

}  // namespace gatehouse::policy

#include "gatehouse/policy/strategy.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace gatehouse::policy {

namespace {

constexpr double exploring_share = 0.05;
constexpr double worst = std::numeric_limits<double>::infinity();

/// The finalizer of MurmurHash3 (A. Appleby): every bit of the input moves every bit of the result.
std::uint64_t mixed(std::uint64_t bits) noexcept {
    bits ^= bits >> 33U;
    bits *= 0xff51afd7ed558ccdULL;
    bits ^= bits >> 33U;
    bits *= 0xc4ceb9fe1a85ec53ULL;
    return bits ^ (bits >> 33U);
}

/// -log(u)/w: the smallest of them is a draw in proportion to the weights, for an even u of (0, 1].
double weighted_rank(double unit, double weight) noexcept {
    return weight > 0 ? -std::log(1.0 - unit) / weight : worst;
}

double sticky_rank(const Contender& contender, std::uint64_t key) noexcept {
    constexpr double step = 1.0 / 9007199254740992.0;  // 2^-53
    const auto bits = mixed(contender.identity ^ mixed(key)) >> 11U;
    return weighted_rank(static_cast<double>(bits) * step, contender.weight);
}

double latency_rank(const Contender& contender) noexcept {
    return contender.latency ? static_cast<double>(contender.latency->count()) : -1;
}

double cost_rank(const Contender& contender) noexcept {
    return contender.cost ? static_cast<double>(contender.cost->value()) : worst;
}

double busy_rank(const Contender& contender) noexcept {
    return contender.weight > 0 ? contender.in_flight / contender.weight : worst;
}

double rank(Strategy strategy, const Contender& contender, std::uint64_t key, Random& random) {
    switch (strategy) {
        case Strategy::weighted:
            return weighted_rank(random.unit(), contender.weight);
        case Strategy::least_latency:
            return latency_rank(contender);
        case Strategy::least_busy:
            return busy_rank(contender);
        case Strategy::cheapest:
            return cost_rank(contender);
        case Strategy::sticky:
            return sticky_rank(contender, key);
        case Strategy::ordered:
            break;
    }
    return 0;
}

}  // namespace

std::uint64_t stable_hash(std::string_view text, std::uint64_t seed) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    return mixed(hash);
}

std::vector<std::size_t> order_of(Strategy strategy, std::span<const Contender> contenders,
                                  std::uint64_t sticky_key, Random& random) {
    std::vector<std::size_t> order(contenders.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (strategy == Strategy::ordered || order.size() < 2) {
        return order;
    }
    std::vector<double> ranks;
    ranks.reserve(contenders.size());
    for (const auto& contender : contenders) {
        ranks.push_back(rank(strategy, contender, sticky_key, random));
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return ranks[a] != ranks[b] ? ranks[a] < ranks[b] : a < b;
    });
    if (strategy == Strategy::least_latency && random.unit() < exploring_share) {
        const auto any = static_cast<std::size_t>(random.unit() * static_cast<double>(order.size()));
        std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(any),
                    order.begin() + static_cast<std::ptrdiff_t>(any) + 1);
    }
    return order;
}

}  // namespace gatehouse::policy

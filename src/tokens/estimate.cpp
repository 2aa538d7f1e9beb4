#include "gatehouse/tokens/estimate.hpp"

#include "text_shape.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gatehouse::tokens {
namespace {

/// Tokens of the family for one of o200k_base: latin, cjk, other. cl100k was measured (the messages of
/// Debian's programs in 40 languages); the others are where learning begins.
constexpr float first_factors[family_count][script_count] = {
    {1.0F, 1.0F, 1.0F},     // o200k
    {1.0F, 1.25F, 2.0F},    // cl100k
    {1.15F, 1.2F, 1.5F},    // claude
    {1.5F, 1.55F, 1.95F},   // claude_newer
    {1.05F, 0.95F, 1.05F},  // gemini
    {1.1F, 1.1F, 1.3F},     // other
};

constexpr std::int64_t least_learned = 32;
constexpr double full_weight = 2048;  // tokens of a text that moves the factor all it may
constexpr double most_moved = 0.1;
constexpr double most_off = 3;

std::size_t place_of(ModelFamily family, Script script) {
    return static_cast<std::size_t>(family) * script_count + static_cast<std::size_t>(script);
}

float first_factor(ModelFamily family, Script script) {
    return first_factors[static_cast<std::size_t>(family)][static_cast<std::size_t>(script)];
}

}  // namespace

Estimate& Estimate::operator+=(const Estimate& other) noexcept {
    script = other.base > base ? other.script : script;
    count += other.count;
    base += other.base;
    exact = exact && other.exact;
    return *this;
}

TokenCounter::TokenCounter(Encodings encodings) : encodings_(std::move(encodings)) {
    for (std::size_t family = 0; family < family_count; ++family) {
        for (std::size_t script = 0; script < script_count; ++script) {
            factors_[family * script_count + script] = first_factors[family][script];
        }
    }
}

Estimate TokenCounter::estimate(ModelFamily family, std::string_view text) const {
    const Encoding* const own = family == ModelFamily::o200k    ? encodings_.o200k.get()
                                : family == ModelFamily::cl100k ? encodings_.cl100k.get()
                                                                : nullptr;
    if (own != nullptr) {
        const TokenCount count(static_cast<std::int64_t>(own->count(text)));
        return {count, true, count, Script::latin};
    }
    const std::int64_t base =
        encodings_.o200k ? static_cast<std::int64_t>(encodings_.o200k->count(text)) : tokens_by_shape(text);
    const Script script = script_of(text);
    const auto count = std::llround(static_cast<double>(base) * factor(family, script));
    return {TokenCount(count), false, TokenCount(base), script};
}

void TokenCounter::learn(ModelFamily family, const Estimate& estimated, TokenCount reported) {
    if (estimated.exact || estimated.base.value() < least_learned || reported.value() <= 0) {
        return;
    }
    const auto base = static_cast<double>(estimated.base.value());
    const double seen = static_cast<double>(reported.value()) / base;
    const double first = first_factor(family, estimated.script);
    if (seen > first * most_off || seen < first / most_off) {
        return;
    }
    const double moved = most_moved * std::min(1.0, base / full_weight);
    auto& factor = factor_at(family, estimated.script);
    float old = factor.load(std::memory_order_relaxed);
    float next = old;
    do {
        next = static_cast<float>(old + moved * (seen - old));
    } while (!factor.compare_exchange_weak(old, next, std::memory_order_relaxed));
}

double TokenCounter::factor(ModelFamily family, Script script) const noexcept {
    return factors_[place_of(family, script)].load(std::memory_order_relaxed);
}

std::atomic<float>& TokenCounter::factor_at(ModelFamily family, Script script) noexcept {
    return factors_[place_of(family, script)];
}

}  // namespace gatehouse::tokens

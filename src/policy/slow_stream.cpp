#include "gatehouse/policy/slow_stream.hpp"

namespace gatehouse::policy {

namespace {

constexpr std::int64_t bytes_per_token = 4;

}  // namespace

void SlowStreamGuard::content(const Seen& seen, Instant now) noexcept {
    if (!first_content_ && seen.said > 0) {
        first_content_ = now;
    }
    const auto wanted = options_.tokens_per_second * bytes_per_token * options_.within.count() / 1000;
    const bool enough = static_cast<std::int64_t>(seen.said) >= wanted;
    let_go_ = let_go_ || enough || seen.held > most_held || !seen.only_texts;
}

void SlowStreamGuard::replaceable_until(std::optional<Instant> last_start) noexcept {
    answered_ = true;
    // Where its time would end too late for another call it is served as it comes.
    let_go_ = let_go_ || !last_start || *first_content_ + options_.within >= *last_start;
}

SlowStreamGuard::Verdict SlowStreamGuard::verdict(Instant now) const noexcept {
    if (let_go_) {
        return Verdict::let_go;
    }
    const bool over = first_content_ && now >= *first_content_ + options_.within;
    return over ? Verdict::too_slow : Verdict::wait;
}

std::optional<Instant> SlowStreamGuard::decides_at() const noexcept {
    return first_content_ && !let_go_ ? std::optional(*first_content_ + options_.within) : std::nullopt;
}

}  // namespace gatehouse::policy

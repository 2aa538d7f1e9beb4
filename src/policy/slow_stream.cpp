#include "gatehouse/policy/slow_stream.hpp"

namespace gatehouse::policy {

namespace {

constexpr std::int64_t bytes_per_token = 4;

}  // namespace

void SlowStreamGuard::content(std::size_t said, std::size_t held, Instant now) noexcept {
    if (!first_content_) {
        first_content_ = now;
        // Where its time would end too late for another call it is served as it comes.
        let_go_ = now + options_.within >= last_start_;
    }
    const auto wanted = options_.tokens_per_second * bytes_per_token * options_.within.count() / 1000;
    let_go_ = let_go_ || static_cast<std::int64_t>(said) >= wanted || held > most_held;
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

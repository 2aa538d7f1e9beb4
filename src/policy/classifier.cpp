#include "gatehouse/policy/classifier.hpp"

namespace gatehouse::policy {

std::optional<FoundClass> Classifier::counted(const PromptVerdict& verdict) const noexcept {
    if (verdict.probability() < threshold_) {
        return std::nullopt;
    }
    return FoundClass{verdict.best, verdict.probability()};
}

std::optional<FoundClass> higher(std::optional<FoundClass> held, std::optional<FoundClass> found) noexcept {
    if (!held || !found) {
        return held ? held : found;
    }
    return tier_of(found->prompt_class) >= tier_of(held->prompt_class) ? found : held;
}

std::optional<FoundClass> ConversationClasses::held(std::uint64_t conversation, Instant now) const {
    const auto known = by_conversation_.find(conversation);
    if (known == by_conversation_.end() || now - known->second->heard > kept_for) {
        return std::nullopt;
    }
    return known->second->found;
}

void ConversationClasses::remember(std::uint64_t conversation, const FoundClass& found, Instant now) {
    while (!by_age_.empty() && now - by_age_.back().heard > kept_for) {
        forget_last();
    }
    if (const auto known = by_conversation_.find(conversation); known != by_conversation_.end()) {
        by_age_.splice(by_age_.begin(), by_age_, known->second);
        by_age_.front().found = *higher(by_age_.front().found, found);
        by_age_.front().heard = now;
        return;
    }
    if (capacity_ == 0) {
        return;
    }
    if (by_age_.size() == capacity_) {
        forget_last();
    }
    by_age_.push_front({conversation, found, now});
    by_conversation_.emplace(conversation, by_age_.begin());
}

void ConversationClasses::forget_last() {
    by_conversation_.erase(by_age_.back().conversation);
    by_age_.pop_back();
}

}  // namespace gatehouse::policy

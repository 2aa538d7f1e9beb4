#include "gatehouse/pipeline/request_facts.hpp"

#include "gatehouse/policy/language.hpp"
#include "gatehouse/policy/strategy.hpp"
#include "gatehouse/upstream/conversation_key.hpp"
#include "gatehouse/upstream/request_traits.hpp"

#include <algorithm>

namespace gatehouse::pipeline {
namespace {

/// Enough to tell a language.
constexpr std::size_t most_language_text = 4096;

template <typename Map>
std::optional<std::string_view> value_in(const Map& map, std::string_view name) {
    const auto found = map.find(typename Map::key_type(name));
    return found == map.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

}  // namespace

const chat::RequestTraits& ExchangeFacts::traits() {
    if (!traits_) {
        traits_ = upstream::traits_of(request_);
    }
    return *traits_;
}

std::optional<std::string_view> ExchangeFacts::header(std::string_view name) {
    return value_in(labels_.headers, name);
}

WallTime ExchangeFacts::now() {
    if (!now_) {
        now_ = sources_.clock.wall();
    }
    return *now_;
}

std::optional<std::string_view> ExchangeFacts::tag(std::string_view name) {
    if (const auto own = value_in(caller_.tags, name)) {
        return own;
    }
    if (const auto said = value_in(labels_.tags, name)) {
        return said;
    }
    return value_in(traits().metadata, name);
}

TokenCount ExchangeFacts::prompt_tokens() {
    if (!prompt_tokens_) {
        prompt_tokens_ = upstream::prompt_tokens(traits(), sources_.counter);
    }
    return *prompt_tokens_;
}

/// A list of prompts for one completion each; what else is a list belongs together.
std::int64_t ExchangeFacts::prompts() {
    const bool each = request_.endpoint == chat::Endpoint::completions;
    return each ? std::max<std::int64_t>(traits().prompts, 1) : 1;
}

std::optional<std::int64_t> ExchangeFacts::budget_used() {
    policy::AccountSet budgets;
    for (const auto& account : caller_.accounts) {
        if (account.has_budget()) {
            budgets.add(account);
        }
    }
    if (budgets.empty() || accounts_ == nullptr) {
        return std::nullopt;
    }
    if (!budget_used_) {
        const auto wall = now();
        budget_used_ =
            accounts_->with([&](const policy::AccountBook& book) { return book.budget_used(budgets, wall); });
    }
    return budget_used_;
}

std::string_view ExchangeFacts::language() {
    if (!language_) {
        language_ = policy::detect_language(chat::beginning_of(traits().user_text, most_language_text));
    }
    return *language_;
}

/// The caller's own, and by what the user said first: what a client calls its user has many conversations.
std::uint64_t ExchangeFacts::conversation() {
    const auto key = upstream::conversation_key(request_);
    if (key.empty() && traits().first_text.empty()) {
        return 0;
    }
    const auto caller = policy::stable_hash(caller_.name);
    return policy::stable_hash(traits().first_text, policy::stable_hash(key, caller));
}

Classified ExchangeFacts::classify() {
    Classified found;
    found.verdict = classifier_->judge(traits().user_text);
    found.counted = classifier_->counted(found.verdict);
    if (sources_.classes == nullptr) {
        return found;
    }
    found.conversation = conversation();
    // The first turn is a new conversation, whatever began like it before.
    if (found.conversation != 0 && traits().user_turns > 1) {
        const auto now = sources_.clock.now();
        const auto held = sources_.classes->with(
            [&](const auto& classes) { return classes.held(found.conversation, now); });
        found.counted = policy::higher(held, found.counted);
    }
    return found;
}

std::optional<policy::Classification> ExchangeFacts::classification() {
    if (!classified_ && classifier_ != nullptr && !traits().user_text.empty()) {
        classified_ = classify();
    }
    if (!classified_ || !classified_->counted) {
        return std::nullopt;
    }
    const auto& counted = *classified_->counted;
    return policy::Classification{std::string(name_of(counted.prompt_class)), counted.probability};
}

void ExchangeFacts::remember_class() const {
    if (classified_ && classified_->counted && classified_->conversation != 0) {
        const auto now = sources_.clock.now();
        sources_.classes->with(
            [&](auto& classes) { classes.remember(classified_->conversation, *classified_->counted, now); });
    }
}

policy::Tags ExchangeFacts::tags() {
    policy::Tags all = caller_.tags;
    all.insert(labels_.tags.begin(), labels_.tags.end());
    all.insert(traits().metadata.begin(), traits().metadata.end());
    return all;
}

}  // namespace gatehouse::pipeline

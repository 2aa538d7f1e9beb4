// What a rule asked of a request and what it found, in words.
#include "gatehouse/policy/route_rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gatehouse::policy {
namespace {

std::string in_words(const Bound& bound) {
    return fmt::format("{} {}", bound.at_least ? ">=" : "<=", bound.value);
}

std::string in_percent(std::int64_t hundredths) {
    return fmt::format("{}.{:02}%", hundredths / 100, hundredths % 100);
}

std::string in_words(chat::Contents contents) {
    std::string words;
    for (std::size_t i = 0; i < chat::content_count; ++i) {
        const auto content = static_cast<chat::Content>(i);
        if (contents.has(content)) {
            words += words.empty() ? "" : ", ";
            words += name_of(content);
        }
    }
    return words.empty() ? "nothing of that kind" : words;
}

std::string pair_words(std::string_view what, std::string_view name, std::string_view wanted,
                       const std::optional<std::string_view>& found) {
    if (!found) {
        return fmt::format("there is no {} `{}`", what, name);
    }
    return fmt::format("{} `{}` is `{}`{}", what, name, *found,
                       *found == wanted ? std::string() : fmt::format(", not `{}`", wanted));
}

/// The first pair that is not met, or all of them.
template <typename Find>
std::string pairs_words(std::string_view what, const std::vector<std::pair<std::string, std::string>>& pairs,
                        Find find) {
    std::string all;
    for (const auto& [name, wanted] : pairs) {
        const auto found = find(name);
        const auto words = pair_words(what, name, wanted, found);
        if (found != wanted) {
            return words;
        }
        all += all.empty() ? "" : ", ";
        all += words;
    }
    return all;
}

std::string number_words(std::string_view what, const std::optional<std::int64_t>& found,
                         const Bound& bound) {
    if (!found) {
        return fmt::format("the request names no {}", what);
    }
    return fmt::format("{} {} {} {}", what, *found, bound.holds(*found) ? "meets" : "does not meet",
                       in_words(bound));
}

std::string key_words(const RouteRule& rule, RequestFacts& facts) {
    const auto team = facts.team();
    return fmt::format("key `{}`{}, asked for: {}", facts.key(),
                       team.empty() ? std::string() : fmt::format(" of team `{}`", team),
                       fmt::join(rule.keys, ", "));
}

std::string time_words(const WeekTime& time, WallTime now) {
    static constexpr std::string_view days = "MonTueWedThuFriSatSun";
    const auto local = local_time(now, time.zone->offset_at(now));
    const auto day = [](unsigned number) { return days.substr(number * 3UL, 3); };
    return fmt::format("it is {} {:02}:{:02} in {}, asked for: {}-{} {:02}:{:02}-{:02}:{:02}", day(local.day),
                       local.minute / 60, local.minute % 60, time.zone->name(), day(time.first_day),
                       day(time.last_day), time.from / 60, time.from % 60, time.until / 60, time.until % 60);
}

std::string class_words(const RouteRule& rule, const std::optional<Classification>& found) {
    if (!found) {
        return "the prompt was not classified";
    }
    return fmt::format("class `{}` ({:.2f}), asked for: {}", found->name, found->probability,
                       fmt::join(rule.classes, ", "));
}

std::string budget_words(const Bound& bound, const std::optional<std::int64_t>& found) {
    if (!found) {
        return "the key has no budget that is counted";
    }
    return fmt::format("{} of the budget is used, asked for: {} {}", in_percent(*found),
                       bound.at_least ? ">=" : "<=", in_percent(bound.value));
}

}  // namespace

std::string explain_condition(const RouteRule& rule, Condition condition, RequestFacts& facts) {
    switch (condition) {
        case Condition::key:
            return key_words(rule, facts);
        case Condition::header:
            return pairs_words("header", rule.headers,
                               [&](const std::string& name) { return facts.header(name); });
        case Condition::time:
            return time_words(*rule.time, facts.now());
        case Condition::has:
            return fmt::format("the request holds {}, asked for: {}", in_words(facts.contents()),
                               in_words(rule.has));
        case Condition::max_tokens:
            return number_words("max_tokens", facts.max_tokens(), *rule.max_tokens);
        case Condition::tags:
            return pairs_words("tag", rule.tags, [&](const std::string& name) { return facts.tag(name); });
        case Condition::prompt_tokens:
            return number_words("prompt_tokens", facts.prompt_tokens().value(), *rule.prompt_tokens);
        case Condition::language:
            return fmt::format("the language is {}, asked for: {}",
                               facts.language().empty() ? "not certain" : facts.language(),
                               fmt::join(rule.languages, ", "));
        case Condition::prompt_class:
            return class_words(rule, facts.classification());
        case Condition::budget_used:
            return budget_words(*rule.budget_used, facts.budget_used());
    }
    return {};
}

}  // namespace gatehouse::policy

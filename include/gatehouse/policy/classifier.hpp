// Which class a prompt is of, if that can be told well enough; and what a conversation has been so far.
//
// Pure. Room: policy. May include: core.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/policy/class_table.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace gatehouse::policy {

/// A class that counts, with the probability it was found at.
struct FoundClass {
    PromptClass prompt_class{PromptClass::general};
    double probability{0};
};

class Classifier {
public:
    Classifier(ClassTable table, double threshold) : table_(std::move(table)), threshold_(threshold) {}

    PromptVerdict judge(std::string_view text) const { return table_.judge(text); }
    /// Nothing when the verdict is below the threshold.
    std::optional<FoundClass> counted(const PromptVerdict& verdict) const noexcept;

private:
    ClassTable table_;
    double threshold_;
};

/// The class that a conversation goes on with: the one of the higher tier, the new one among equals.
std::optional<FoundClass> higher(std::optional<FoundClass> held, std::optional<FoundClass> found) noexcept;

/// What conversations have been, so that a short "and now in Rust" goes where the rest of it went. Bounded:
/// the one that was not heard of for the longest time is forgotten first, and each after an hour.
class ConversationClasses {
public:
    static constexpr std::size_t most = 65'536;
    static constexpr auto kept_for = std::chrono::hours(1);

    explicit ConversationClasses(std::size_t capacity = most) : capacity_(capacity) {}

    std::optional<FoundClass> held(std::uint64_t conversation, Instant now) const;
    /// Never takes a conversation to a lower tier. `now` must not go backwards.
    void remember(std::uint64_t conversation, const FoundClass& found, Instant now);
    std::size_t size() const noexcept { return by_age_.size(); }

private:
    struct Entry {
        std::uint64_t conversation;
        FoundClass found;
        Instant heard;
    };
    using Entries = std::list<Entry>;
    void forget_last();

    std::size_t capacity_;
    Entries by_age_;  // the latest first
    std::unordered_map<std::uint64_t, Entries::iterator> by_conversation_;
};

}  // namespace gatehouse::policy

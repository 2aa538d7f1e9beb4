// Questions of some partitions, with what is needed to compare them.
// Room: pipeline, private.
#pragma once

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/pipeline/question_index.hpp"
#include "gatehouse/policy/last_entries.hpp"
#include "gatehouse/vector/index.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace gatehouse::pipeline {

/// Answers that are not found by the meaning of their questions any more; the last 10,000. Any thread may
/// call any function.
class BlockedAnswers {
public:
    void add(const Digest& answer);
    bool contains(const Digest& answer) const;

private:
    Guarded<policy::LastEntries> entries_{std::size_t{10'000}};
};

/// No lock: whoever shares one guards it.
class QuestionShelf {
public:
    /// `blocked` may grow at any time, and outlives it: what is in it is neither found nor put in.
    explicit QuestionShelf(const BlockedAnswers& blocked) : blocked_(blocked) {}

    std::size_t size() const noexcept { return entries_.size(); }
    std::size_t bytes() const noexcept;
    bool contains(const Digest& answer, const vector::ModelIdentity& model) const;

    /// What is found stays the longer, and what is past its time or blocked goes.
    AlikeAnswers look(const AskedQuestion& question, double least, WallTime now);
    /// The same answers, and nothing else comes of it.
    AlikeAnswers peek(const AskedQuestion& question, double least, WallTime now) const;
    /// Replaces what leads to the same answer. False: its vector is none that can be compared, or it is
    /// blocked.
    bool put(const AskedQuestion& question, const QuestionPlace& place);
    bool erase(const Digest& answer);
    /// The oldest one goes that was not found since it came or was last passed over. False: there is none.
    bool evict();
    /// The answers that are led to.
    std::vector<Digest> answers() const;
    /// How many went: their vectors are of other models.
    std::size_t keep_only(const std::vector<vector::ModelIdentity>& models);

private:
    struct Entry {
        Digest answer;
        WallTime expires_at;
        policy::GuardFeatures features;
        std::uint32_t index;   // of those below
        std::uint32_t serial;  // of its place in the order
        bool found;
    };
    struct Turn {
        vector::EntryId id;
        std::uint32_t serial;  // another one than the entry's: it has a later place by now
    };

    /// What a look finds, and what comes of it.
    struct Compared {
        AlikeAnswers alike{};
        std::vector<vector::EntryId> accepted{};
        std::vector<vector::EntryId> over{};  // past their time, or blocked
    };

    Compared compare(const AskedQuestion& question, double least, WallTime now) const;
    std::size_t index_for(const vector::ModelIdentity& model);
    std::optional<std::size_t> find_index(const vector::ModelIdentity& model) const noexcept;
    void forget_stale_turns();
    void erase(std::unordered_map<vector::EntryId, Entry>::iterator entry);

    const BlockedAnswers& blocked_;
    std::vector<vector::Index> indices_;  // one for each model
    std::unordered_map<vector::EntryId, Entry> entries_;
    std::deque<Turn> order_;  // the oldest first; some may have gone
    std::uint32_t last_serial_{0};
    std::size_t features_bytes_{0};
};

}  // namespace gatehouse::pipeline

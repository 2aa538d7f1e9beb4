// What went wrong on the way through the plan, and what the client is told in the end.
// Room: pipeline, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::pipeline {

/// The failure with its provider and status before its words, if it is the provider's: a caller does not know
/// who was asked.
Problem attributed(Problem problem, const upstream::Target& target);

class Failures {
public:
    void add(const upstream::Target& target, const Problem& problem, Instant now);
    bool empty() const noexcept { return entries_.empty(); }
    /// One target tried: its last failure. Several: one that lists every attempt, with provider and status
    /// and without their words; the kind they agree on, else a timeout if the last was one, else
    /// upstream_failed. It carries the shortest wait that a provider asked for. REQUIRES: not empty.
    Problem verdict(Instant now) const;
    /// The newest one. REQUIRES: not empty.
    const Problem& last() const noexcept { return entries_.back().problem; }

private:
    struct Entry {
        std::string provider;
        std::string model;
        Problem problem;  // as the client may read it
        std::optional<Instant> not_before;
    };
    bool one_target() const noexcept;
    ProblemKind common_kind() const noexcept;
    std::vector<Entry> entries_;
};

}  // namespace gatehouse::pipeline

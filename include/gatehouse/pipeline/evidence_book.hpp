// What each model's traffic has shown of answers that were found by their meaning: how often they agree with
// a fresh one.
//
// Any thread may call any function. Room: pipeline. May include: core, policy.
#pragma once

#include "gatehouse/core/guarded.hpp"
#include "gatehouse/policy/answer_agreement.hpp"
#include "gatehouse/policy/cache_evidence.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::pipeline {

/// What the evidence of one model says of one kind of hit.
struct EvidenceLine {
    std::string model;
    policy::GuardMatch match{policy::GuardMatch::same_words};
    double from{0};  // the least similarity of the band
    policy::EvidenceCell cell{};
    bool open{false};  // such hits are given
};

class EvidenceBook {
public:
    /// What to do with a hit of this model. `options`: as the settings have them now.
    policy::EvidenceVerdict decide(std::string_view model, const policy::EvidenceOptions& options,
                                   policy::GuardMatch match, double similarity);
    /// A hit that was not given met its fresh answer. Unclear ones are counted, and are no label.
    void record(std::string_view model, const policy::EvidenceOptions& options, policy::GuardMatch match,
                double similarity, policy::Agreement agreement);

    /// Those that have labels, by model.
    std::vector<EvidenceLine> lines() const;
    std::uint64_t unclear() const;

    /// All labels as text, for a file.
    std::string written() const;
    /// Adds what `written` gave. False: it is none of that; nothing is added.
    bool read(std::string_view text);

private:
    struct OfModel {
        policy::EvidenceOptions options{};
        policy::CacheEvidence evidence{options};
        std::uint32_t decided{0};
    };
    struct Book {
        std::map<std::string, OfModel, std::less<>> models;
        std::uint64_t unclear{0};
    };
    static OfModel& of(Book& book, std::string_view model, const policy::EvidenceOptions& options);

    Guarded<Book> book_;
};

}  // namespace gatehouse::pipeline

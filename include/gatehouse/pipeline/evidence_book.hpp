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
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::pipeline {

/// What the evidence of one model says of one kind of hit.
struct EvidenceLine {
    std::string of;  // the model, with the embedder
    policy::GuardMatch match{policy::GuardMatch::same_words};
    double from{0};  // the least similarity of the band
    policy::EvidenceCell cell{};
    std::optional<bool> open{};  // such hits are given; nothing: nobody has asked since the start
};

class EvidenceBook {
public:
    /// What to do with such a hit. `of`: the model with the embedder that found it; similarities of two
    /// embedders have nothing to do with each other. `options`: as the settings have them now.
    policy::EvidenceVerdict decide(std::string_view of, const policy::EvidenceOptions& options,
                                   policy::GuardMatch match, double similarity);
    /// What the next `decide` would say; it is not counted as one.
    policy::EvidenceVerdict foresee(std::string_view of, const policy::EvidenceOptions& options,
                                    policy::GuardMatch match, double similarity) const;
    /// A hit that was not given met its fresh answer. Unclear ones are counted, and are no label.
    void record(std::string_view of, const policy::EvidenceOptions& options, policy::GuardMatch match,
                double similarity, policy::Agreement agreement);
    /// A hit that was given is what its caller says. Under the options that the model has by now.
    void record(std::string_view of, policy::GuardMatch match, double similarity,
                policy::EvidenceLabel label);

    /// Those that have labels.
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
        bool known{false};  // the options are the settings'
    };
    struct Book {
        std::map<std::string, OfModel, std::less<>> models;
        std::uint64_t unclear{0};
    };
    static policy::EvidenceVerdict verdict_of(const OfModel& entry, policy::GuardMatch match,
                                              double similarity);
    static OfModel& place(Book& book, std::string_view of);
    static OfModel& place(Book& book, std::string_view of, const policy::EvidenceOptions& options);
    static void adopt(OfModel& entry, const policy::EvidenceOptions& options);

    Guarded<Book> book_;
};

}  // namespace gatehouse::pipeline

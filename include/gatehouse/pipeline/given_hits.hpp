// Answers that callers were given because the meaning of their questions was the same: what is needed to act
// on a caller's word that one was right or wrong.
//
// Bounded in number and in time, in memory only. No text is in it: neither what was asked nor what was
// answered, and who got it under which request id only as a digest; the model's and the embedder's names are.
// Any thread may call any function. Room: pipeline. May include: core, policy.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/guarded.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/policy/answer_guard.hpp"
#include "gatehouse/policy/last_entries.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::pipeline {

struct GivenHit {
    Digest partition{};  // all that both requests had in common
    Digest found_at{};   // of the request that the answer was kept for
    Digest asked{};      // of the one that got it
    policy::GuardMatch match{policy::GuardMatch::same_words};
    double similarity{0};
    std::string of{};  // whose evidence it is; empty: nobody's, as adaptive mode was off
};

enum class Judgement : std::uint8_t { right, wrong };
/// Its stable name in bodies, logs and metrics.
std::string_view name_of(Judgement judgement) noexcept;

/// What a caller's word on a hit is worth.
enum class Hearing : std::uint8_t {
    unknown,       // no such request of this caller was given one, or too long ago
    counts,        // the first word on it
    repeated,      // it had said so before
    contradicted,  // it had said the opposite before, which stands
};

struct HeardHit {
    Hearing hearing{Hearing::unknown};
    GivenHit hit{};  // of one that counts
    Digest place{};  // likewise: where it is, for who takes it back
};

struct GivenHitsBounds {
    std::size_t entries{10'000};        // beyond, the oldest go
    Milliseconds time{24 * 3'600'000};  // from when it was given
    std::size_t pairs{10'000};          // of questions that have their right label; beyond, the oldest go
};

struct JudgementCounts {
    std::uint64_t right{0};
    std::uint64_t wrong{0};
};

class GivenHits {
public:
    explicit GivenHits(GivenHitsBounds bounds = {}) : bounds_(bounds), labelled_(bounds.pairs) {}

    /// `caller`: the key's name; `request`: the id that the caller was told. One that uses an id again may
    /// judge the newest answer only.
    void note(std::string_view caller, std::string_view request, GivenHit hit, Instant now);
    /// Each hit is judged by the caller that got it, once.
    HeardHit hear(std::string_view caller, std::string_view request, Judgement judgement, Instant now);
    /// What counted is as if it had not been said: nothing could be done on it. Needs no memory.
    void take_back(const Digest& place) noexcept;
    /// Whether a right word on such a hit is a label of its evidence: once for each pair of questions. A pair
    /// that is hit again and again shows nothing of others.
    bool take_right_label(const GivenHit& hit);

    std::size_t size() const;
    /// Words that counted, since the process began.
    JudgementCounts counts() const;

private:
    struct Entry {
        Digest key{};
        Instant given_at{};
        GivenHit hit{};
        std::optional<Judgement> said{};
    };
    struct Book {
        std::list<Entry> entries{};  // the oldest first
        std::map<Digest, std::list<Entry>::iterator> places{};
        JudgementCounts counts{};
    };
    void drop_old(Book& book, Instant now) const;

    GivenHitsBounds bounds_;
    Guarded<Book> book_;
    Guarded<policy::LastEntries> labelled_;
};

}  // namespace gatehouse::pipeline

// What of alike questions the signature and the guard take for the same, measured on generated pairs.
// Similarity is not looked at: the guard has to hold alone.
#include "question_frames.hpp"
#include "question_rewordings.hpp"

#include "gatehouse/policy/answer_guard.hpp"
#include "gatehouse/policy/question_signature.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <string>

namespace gatehouse::policy {
namespace {

bool same_signature(const QuestionPair& pair) {
    const auto one = question_signature(pair.one);
    const auto other = question_signature(pair.other);
    return one && other && one.text == other.text;
}

bool guard_accepts(const QuestionPair& pair) {
    return static_cast<bool>(guard_check(GuardFeatures(pair.other), GuardFeatures(pair.one)));
}

struct Tally {
    int pairs{0};
    int signature{0};
    int guard{0};

    void add(const QuestionPair& pair) {
        ++pairs;
        signature += same_signature(pair) ? 1 : 0;
        guard += guard_accepts(pair) ? 1 : 0;
    }
    double share(int of) const { return pairs == 0 ? 0 : 100.0 * of / pairs; }
    void print(std::string_view of) const {
        std::printf("  %-24.*s %6d pairs, signature %6.2f %%, guard %6.2f %%\n", static_cast<int>(of.size()),
                    of.data(), pairs, share(signature), share(guard));
    }
};

Tally measured(const std::vector<QuestionPair>& pairs, std::string_view title) {
    std::map<std::string, Tally> kinds;
    Tally all;
    for (const auto& pair : pairs) {
        kinds[pair.kind].add(pair);
        all.add(pair);
    }
    std::printf("%.*s: taken for the same\n", static_cast<int>(title.size()), title.data());
    for (const auto& [kind, tally] : kinds) {
        tally.print(kind);
    }
    all.print("all");
    return all;
}

constexpr double most_wrong_percent = 0.3;
constexpr double least_right_percent = 75;
constexpr std::uint32_t seed = 20261129;
constexpr int draws = 6;

void expect_misses(const std::string& frames, const std::string& pairs_file, std::size_t least_pairs) {
    const auto pairs = near_duplicates(frames, pairs_file, seed, draws);
    EXPECT_GE(pairs.size(), least_pairs);
    const auto all = measured(pairs, "Near-duplicates of " + frames);
    EXPECT_LE(all.share(all.signature), most_wrong_percent);
    EXPECT_LE(all.share(all.guard), most_wrong_percent);
    int shown = 0;
    for (const auto& pair : pairs) {
        if ((same_signature(pair) || guard_accepts(pair)) && shown++ < 40) {
            std::printf("  wrong hit (%s): %s | %s\n", pair.kind.c_str(), pair.one.c_str(),
                        pair.other.c_str());
        }
    }
}

/// Synonyms are no matter of the signature.
void expect_hits(const std::string& frames) {
    const auto pairs = Rewordings(seed).all(frames, draws);
    const auto all = measured(pairs, "Rewordings of " + frames);
    EXPECT_GE(all.share(all.guard), least_right_percent);
    Tally without_synonyms;
    std::map<std::string, int> shown;
    for (const auto& pair : pairs) {
        if (pair.kind != "synonym") {
            without_synonyms.add(pair);
        }
        if (!guard_accepts(pair) && shown[pair.kind]++ < 6) {
            std::printf("  missed (%s): %s | %s\n", pair.kind.c_str(), pair.one.c_str(), pair.other.c_str());
        }
    }
    EXPECT_GE(without_synonyms.share(without_synonyms.signature), least_right_percent);
}

TEST(NearDuplicates, MissThoughAlmostAlike) {
    expect_misses("frames.txt", "pairs.txt", 2000);
}

TEST(NearDuplicates, RewordingsHit) {
    expect_hits("frames.txt");
}

TEST(NearDuplicates, MissInFramesWrittenAfterTheRules) {
    expect_misses("later_frames.txt", "later_pairs.txt", 1000);
}

TEST(NearDuplicates, RewordingsHitInFramesWrittenAfterTheRules) {
    expect_hits("later_frames.txt");
}

TEST(NearDuplicates, MissInTheFreshDraw) {
    expect_misses("unseen_frames.txt", "unseen_pairs.txt", 2000);
}

TEST(NearDuplicates, RewordingsHitInTheFreshDraw) {
    expect_hits("unseen_frames.txt");
}

TEST(NearDuplicates, MissWhereAFoldedWordMeansSomethingElse) {
    for (const auto& line : frame_lines("aimed_pairs.txt")) {
        const auto parts = parts_of(line, " | ");
        const QuestionPair pair{.kind = parts.at(0), .one = parts.at(1), .other = parts.at(2)};
        EXPECT_FALSE(same_signature(pair)) << line;
        EXPECT_FALSE(guard_accepts(pair)) << line;
    }
}

TEST(NearDuplicates, AreRefusedEitherWayRoundForTheSameReason) {
    for (const auto& pair : near_duplicates("frames.txt", "pairs.txt", seed, 1)) {
        const GuardFeatures one(pair.one);
        const GuardFeatures other(pair.other);
        EXPECT_EQ(guard_check(one, other).refusal, guard_check(other, one).refusal) << pair.one;
    }
}

}  // namespace
}  // namespace gatehouse::policy

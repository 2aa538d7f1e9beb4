#include "gatehouse/pipeline/cache_feedback.hpp"

#include "support/empty_answers.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <utility>

namespace gatehouse::pipeline {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{1h};

/// Has no memory to forget anything, until it is helped.
class FullAnswers : public test::EmptyAnswers {
public:
    void forget(const Digest&) override {
        if (!helped) {
            throw std::bad_alloc();
        }
        ++forgotten;
    }

    bool helped{false};
    int forgotten{0};
};

TEST(CacheFeedback, AWordOnWhichNothingCouldBeDoneMayBeSaidAgain) {
    FullAnswers answers;
    CacheTally tally;
    QuestionIndex questions{10};
    EvidenceBook evidence;
    GivenHits given;
    const CacheParts parts{
        .answers = answers, .tally = tally, .questions = &questions, .evidence = &evidence, .given = &given};
    GivenHit hit;
    hit.of = "m by e 1";
    given.note("alice", "req_1", hit, start);
    const auto judge = [&](Judgement judgement) {
        return judge_hit(parts, "alice", "req_1", judgement, start);
    };
    EXPECT_THROW((void)judge(Judgement::wrong), std::bad_alloc);
    EXPECT_EQ(given.counts().wrong, 0U);
    EXPECT_TRUE(evidence.lines().empty());

    answers.helped = true;
    const auto judged = judge(Judgement::wrong);
    ASSERT_TRUE(judged);
    EXPECT_TRUE(judged->counted);
    EXPECT_TRUE(judged->forgotten);
    EXPECT_TRUE(judged->recorded);
    EXPECT_EQ(answers.forgotten, 1);
    EXPECT_EQ(given.counts().wrong, 1U);
    EXPECT_EQ(evidence.lines().at(0).cell.wrong, 1U);
    EXPECT_FALSE(judge(Judgement::right)) << "it has said the opposite";
}

}  // namespace
}  // namespace gatehouse::pipeline

#include "gatehouse/pipeline/given_hits.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::pipeline {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{1h};

GivenHit hit_of(std::string_view answer) {
    GivenHit hit;
    hit.found_at = sha256(answer);
    return hit;
}

TEST(GivenHits, ACallersFirstWordCounts) {
    GivenHits given;
    given.note("alice", "req_1", hit_of("a"), start);
    const auto heard = given.hear("alice", "req_1", Judgement::wrong, start);
    EXPECT_EQ(heard.hearing, Hearing::counts);
    EXPECT_EQ(heard.hit.found_at, sha256("a"));
    EXPECT_EQ(given.hear("alice", "req_1", Judgement::wrong, start).hearing, Hearing::repeated);
    EXPECT_EQ(given.hear("alice", "req_1", Judgement::right, start).hearing, Hearing::contradicted);
    EXPECT_EQ(given.counts().wrong, 1U);
    EXPECT_EQ(given.counts().right, 0U);
}

TEST(GivenHits, AWordThatIsTakenBackMayBeSaidAgain) {
    GivenHits given;
    given.note("alice", "req_1", hit_of("a"), start);
    const auto heard = given.hear("alice", "req_1", Judgement::wrong, start);
    given.take_back(heard.place);
    given.take_back(heard.place);
    given.take_back(sha256("nobody's"));
    EXPECT_EQ(given.counts().wrong, 0U);
    EXPECT_EQ(given.hear("alice", "req_1", Judgement::right, start).hearing, Hearing::counts);
    EXPECT_EQ(given.counts().right, 1U);
}

TEST(GivenHits, APairOfQuestionsHasOneRightLabel) {
    GivenHits given({.pairs = 2});
    const auto pair_of = [](std::string_view found_at, std::string_view asked, std::string of) {
        auto hit = hit_of(found_at);
        hit.asked = sha256(asked);
        hit.of = std::move(of);
        return hit;
    };
    EXPECT_TRUE(given.take_right_label(pair_of("a", "b", "m")));
    EXPECT_FALSE(given.take_right_label(pair_of("a", "b", "m")));
    EXPECT_TRUE(given.take_right_label(pair_of("a", "b", "n"))) << "other evidence";
    EXPECT_TRUE(given.take_right_label(pair_of("a", "c", "m")));
    EXPECT_TRUE(given.take_right_label(pair_of("a", "b", "m"))) << "two pairs later";
}

TEST(GivenHits, NobodyElseIsHeard) {
    GivenHits given;
    given.note("alice", "req_1", hit_of("a"), start);
    EXPECT_EQ(given.hear("bob", "req_1", Judgement::wrong, start).hearing, Hearing::unknown);
    EXPECT_EQ(given.hear("alice", "req_2", Judgement::wrong, start).hearing, Hearing::unknown);
    EXPECT_EQ(given.hear("alicereq", "_1", Judgement::wrong, start).hearing, Hearing::unknown);
    EXPECT_EQ(given.hear("", "alicereq_1", Judgement::wrong, start).hearing, Hearing::unknown);
    EXPECT_EQ(given.hear("alice", "req_1", Judgement::right, start).hearing, Hearing::counts)
        << "theirs took nothing from it";
}

TEST(GivenHits, CallersMayHaveIdsInCommon) {
    GivenHits given;
    given.note("alice", "1", hit_of("a"), start);
    given.note("bob", "1", hit_of("b"), start);
    EXPECT_EQ(given.hear("bob", "1", Judgement::right, start).hit.found_at, sha256("b"));
    EXPECT_EQ(given.hear("alice", "1", Judgement::right, start).hit.found_at, sha256("a"));
}

TEST(GivenHits, AnIdThatIsUsedAgainIsOfTheNewestAnswer) {
    GivenHits given;
    given.note("alice", "1", hit_of("a"), start);
    given.hear("alice", "1", Judgement::right, start);
    given.note("alice", "1", hit_of("b"), start + 23h);
    EXPECT_EQ(given.size(), 1U);
    const auto heard = given.hear("alice", "1", Judgement::wrong, start + 25h);
    EXPECT_EQ(heard.hearing, Hearing::counts) << "its time is the newest one's too";
    EXPECT_EQ(heard.hit.found_at, sha256("b"));
}

TEST(GivenHits, TheOldestMakeRoom) {
    GivenHits given({.entries = 3, .time = 24h});
    for (int i = 0; i < 5; ++i) {
        given.note("alice", std::to_string(i), hit_of("a"), start);
    }
    EXPECT_EQ(given.size(), 3U);
    EXPECT_EQ(given.hear("alice", "1", Judgement::right, start).hearing, Hearing::unknown);
    EXPECT_EQ(given.hear("alice", "2", Judgement::right, start).hearing, Hearing::counts);
    EXPECT_EQ(given.hear("alice", "4", Judgement::right, start).hearing, Hearing::counts);
}

TEST(GivenHits, AreHeldForTheirTime) {
    GivenHits given({.entries = 3, .time = 10s});
    given.note("alice", "1", hit_of("a"), start);
    given.note("alice", "2", hit_of("a"), start + 5s);
    EXPECT_EQ(given.hear("alice", "1", Judgement::right, start + 9'999ms).hearing, Hearing::counts);
    EXPECT_EQ(given.hear("alice", "1", Judgement::right, start + 10s).hearing, Hearing::unknown);
    EXPECT_EQ(given.size(), 1U);
    given.note("alice", "3", hit_of("a"), start + 15s);
    EXPECT_EQ(given.size(), 1U);
}

TEST(GivenHits, WithoutRoomNothingIsHeld) {
    GivenHits given({.entries = 0, .time = 24h});
    given.note("alice", "1", hit_of("a"), start);
    EXPECT_EQ(given.size(), 0U);
}

}  // namespace
}  // namespace gatehouse::pipeline

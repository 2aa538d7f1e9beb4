#include "gatehouse/pipeline/question_index.hpp"

#include "support/event_loop.hpp"
#include "support/eventually.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <latch>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::pipeline {
namespace {

using namespace std::chrono_literals;
using test::eventually;

constexpr WallTime now{};

const vector::ModelIdentity hand_made{"hand-made", "1", 2};

Digest named(std::string_view name) {
    return sha256(name);
}

/// `across`: how far it is from the first axis.
std::shared_ptr<const AskedQuestion> question(std::string_view text, float across = 0,
                                              std::string_view partition = "p",
                                              const vector::ModelIdentity& model = hand_made) {
    auto made = std::make_shared<AskedQuestion>();
    made->partition = named(partition);
    made->features = policy::GuardFeatures(text);
    made->model = model;
    made->vector = {1, across};
    return made;
}

struct QuestionIndexTest : testing::Test {
    AlikeAnswers look(std::shared_ptr<const AskedQuestion> asked, double least = 0.8) {
        auto found = test::run(index.look(std::move(asked), least, now));
        EXPECT_TRUE(found);
        return found ? *found : AlikeAnswers();
    }
    void keep(std::shared_ptr<const AskedQuestion> asked, std::string_view answer) {
        index.keep(asked, {named(answer), now + 1h});
        ASSERT_TRUE(
            eventually([&] { return index.contains(asked->partition, named(answer), asked->model); }));
    }

    QuestionIndex index{3};
};

TEST_F(QuestionIndexTest, FindsAQuestionThatAsksTheSameInOtherWords) {
    keep(question("How can I fix a broken bicycle chain?"), "a");
    const auto found = look(question("how do you repair a broken bicycle chain", 0.1F));
    ASSERT_EQ(found.accepted.size(), 1U);
    EXPECT_EQ(found.accepted[0].answer, named("a"));
    EXPECT_NEAR(found.accepted[0].similarity, 0.995, 0.005);
    EXPECT_EQ(found.refusal, policy::GuardRefusal::none);
}

TEST_F(QuestionIndexTest, TheMostSimilarOneComesFirst) {
    keep(question("Why is the sky blue?", 0.4F), "far");
    keep(question("why is the sky blue", 0.1F), "near");
    const auto found = look(question("Why is the sky blue"));
    ASSERT_EQ(found.accepted.size(), 2U);
    EXPECT_EQ(found.accepted[0].answer, named("near"));
}

TEST_F(QuestionIndexTest, LeavesOutWhatIsNotSimilarEnough) {
    keep(question("Why is the sky blue?", 1), "a");
    EXPECT_TRUE(look(question("why is the sky blue")).accepted.empty());
    EXPECT_EQ(look(question("why is the sky blue"), 0.7).accepted.size(), 1U);
}

TEST_F(QuestionIndexTest, SaysWhyTheGuardLetsNoneThrough) {
    keep(question("Why is the sky blue in 2019?"), "a");
    const auto found = look(question("Why is the sky blue in 2020?"));
    EXPECT_TRUE(found.accepted.empty());
    EXPECT_EQ(found.refusal, policy::GuardRefusal::number);
}

TEST_F(QuestionIndexTest, OneThatIsAcceptedBehindOneThatIsRefusedCounts) {
    keep(question("Why is the sky blue in 2019?"), "other year");
    keep(question("Why is the sky blue in 2020?", 0.2F), "same year");
    const auto found = look(question("why is the sky blue in 2020"));
    ASSERT_EQ(found.accepted.size(), 1U);
    EXPECT_EQ(found.accepted[0].answer, named("same year"));
    EXPECT_EQ(found.refusal, policy::GuardRefusal::none);
}

TEST_F(QuestionIndexTest, PartitionsAndModelsNeverMix) {
    keep(question("Why is the sky blue?"), "a");
    EXPECT_TRUE(look(question("Why is the sky blue?", 0, "another partition")).accepted.empty());
    EXPECT_TRUE(look(question("Why is the sky blue?", 0, "p", {"hand-made", "2", 2})).accepted.empty());
    EXPECT_EQ(look(question("Why is the sky blue?")).accepted.size(), 1U);
}

TEST_F(QuestionIndexTest, WhatIsForgottenIsNotFound) {
    keep(question("Why is the sky blue?"), "a");
    index.forget(named("p"), named("a"));
    EXPECT_TRUE(eventually([&] { return index.counts().entries == 0; }));
    EXPECT_TRUE(look(question("Why is the sky blue?")).accepted.empty());
}

TEST_F(QuestionIndexTest, WhatIsBlockedDoesNotComeBack) {
    keep(question("Why is the sky blue?"), "a");
    index.block(named("p"), named("a"));
    index.keep(question("Why is the sky blue?"), {named("a"), now + 1h});
    keep(question("Why is the grass green?"), "behind it");
    EXPECT_EQ(index.counts().entries, 1U);
}

TEST_F(QuestionIndexTest, WhatIsBlockedIsNotFoundThoughTheWorkersTakeNoMore) {
    QuestionIndex busy{3, {.threads = 1, .queue = 1}};
    const auto asked = question("Why is the sky blue?");
    busy.keep(asked, {named("a"), now + 1h});
    ASSERT_TRUE(eventually([&] { return busy.contains(named("p"), named("a"), hand_made); }));
    std::latch begun(1);
    std::latch go_on(1);
    ASSERT_TRUE(busy.workers().post([&] {
        begun.count_down();
        go_on.wait();
    }));
    begun.wait();
    ASSERT_TRUE(busy.workers().post([] {}));
    ASSERT_FALSE(busy.workers().post([] {})) << "the queue is full";
    busy.block(named("p"), named("a"));
    go_on.count_down();
    std::optional<AlikeAnswers> peeked;
    ASSERT_TRUE(eventually([&] {
        const auto found = test::run(busy.peek(asked, 0.8, now));
        peeked = found ? std::optional(*found) : std::nullopt;
        return peeked.has_value();
    }));
    EXPECT_TRUE(peeked->accepted.empty());
    EXPECT_EQ(peeked->compared, 0U);
    const auto found = test::run(busy.look(asked, 0.8, now));
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->accepted.empty());
    EXPECT_EQ(busy.counts().entries, 0U) << "whoever finds it takes it out";
}

TEST_F(QuestionIndexTest, AnAnswerHasOneQuestion) {
    keep(question("Why is the sky blue?"), "a");
    index.keep(question("Why is the grass green?"), {named("a"), now + 1h});
    EXPECT_TRUE(eventually([&] { return look(question("why is the grass green")).accepted.size() == 1; }));
    EXPECT_TRUE(look(question("Why is the sky blue?")).accepted.empty());
    EXPECT_EQ(index.counts().entries, 1U);
}

TEST_F(QuestionIndexTest, TheOldestGoesUnlessItWasFound) {
    keep(question("Why is the sky blue?"), "first");
    keep(question("Why is the grass green?"), "second");
    keep(question("Why is the night dark?"), "third");
    look(question("why is the sky blue"));
    keep(question("Why is the sea salty?"), "fourth");
    EXPECT_EQ(index.counts().entries, 3U);
    EXPECT_TRUE(index.contains(named("p"), named("first"), hand_made));
    EXPECT_FALSE(index.contains(named("p"), named("second"), hand_made));
}

TEST_F(QuestionIndexTest, WhoOnlyWantsToKnowFindsTheSameAndChangesNothing) {
    keep(question("Why is the sky blue in 2019?", 0.3F), "first");
    keep(question("Why is the grass green?"), "second");
    keep(question("Why is the sky blue in 2020?", 0.4F), "third");
    const auto asked = question("why is the sky blue in 2020", 0.3F);
    const auto peeked = test::run(index.peek(asked, 0.8, now));
    ASSERT_TRUE(peeked);
    ASSERT_EQ(peeked->accepted.size(), 1U);
    EXPECT_EQ(peeked->accepted[0].answer, named("third"));
    EXPECT_EQ(peeked->compared, 3U);
    ASSERT_TRUE(peeked->nearest);
    EXPECT_NEAR(*peeked->nearest, 1, 0.005) << "that of the one that is refused";
    const auto later = test::run(index.peek(asked, 0.8, now + 2h));
    ASSERT_TRUE(later);
    EXPECT_EQ(later->compared, 0U) << "their time is over";
    EXPECT_FALSE(later->nearest);
    EXPECT_EQ(index.counts().entries, 3U) << "and nobody took them out";
    const auto found = look(asked);
    ASSERT_EQ(found.accepted.size(), 1U);
    EXPECT_EQ(found.compared, 3U);
}

TEST_F(QuestionIndexTest, WhatWasOnlyLookedAtGoesLikeWhatWasNot) {
    keep(question("Why is the sky blue?"), "first");
    keep(question("Why is the grass green?"), "second");
    keep(question("Why is the night dark?"), "third");
    const auto peeked = test::run(index.peek(question("why is the sky blue"), 0.8, now));
    ASSERT_TRUE(peeked);
    EXPECT_EQ(peeked->accepted.size(), 1U);
    keep(question("Why is the sea salty?"), "fourth");
    EXPECT_FALSE(index.contains(named("p"), named("first"), hand_made));
}

TEST_F(QuestionIndexTest, AQuestionThatIsKeptAnewIsNotTheOldest) {
    keep(question("Why is the sky blue?"), "first");
    keep(question("Why is the grass green?"), "second");
    index.keep(question("Why is the sky blue?", 0.1F), {named("first"), now + 1h});
    keep(question("Why is the night dark?"), "third");
    keep(question("Why is the sea salty?"), "fourth");
    EXPECT_TRUE(index.contains(named("p"), named("first"), hand_made));
    EXPECT_FALSE(index.contains(named("p"), named("second"), hand_made));
}

TEST_F(QuestionIndexTest, WhatIsPastItsTimeIsNotFoundAndGoes) {
    index.keep(question("Why is the sky blue?"), {named("a"), now});
    keep(question("Why is the grass green?"), "behind it");
    EXPECT_TRUE(look(question("Why is the sky blue?")).accepted.empty());
    EXPECT_EQ(index.counts().entries, 1U);
}

TEST_F(QuestionIndexTest, OnlyThoseWithAnAnswerStay) {
    keep(question("Why is the sky blue?"), "a");
    keep(question("Why is the grass green?", 0, "another"), "b");
    index.keep_those([](const Digest& answer) { return answer == named("b"); });
    EXPECT_TRUE(eventually([&] { return index.counts().entries == 1; }));
    EXPECT_TRUE(index.contains(named("another"), named("b"), hand_made));
}

TEST_F(QuestionIndexTest, WhoComesLateGetsMoreThanOnePlace) {
    index.bound(32);
    for (int i = 0; i < 32; ++i) {
        keep(question("Why is the sky blue?"), "early " + std::to_string(i));
    }
    for (int i = 0; i < 3; ++i) {
        keep(question("Why is the sky blue?", 0, "another shelf"), "late " + std::to_string(i));
    }
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(index.contains(named("another shelf"), named("late " + std::to_string(i)), hand_made))
            << i;
    }
    EXPECT_EQ(index.counts().entries, 32U);
}

TEST_F(QuestionIndexTest, NoRoomIsNoRoom) {
    keep(question("Why is the night dark?"), "before");
    index.bound(0);
    index.keep(question("Why is the sky blue?"), {named("a"), now + 1h});
    EXPECT_TRUE(look(question("Why is the sky blue?")).accepted.empty()) << "behind it, on the only worker";
    index.bound(1);
    keep(question("Why is the grass green?"), "behind it");
    EXPECT_EQ(index.counts().entries, 1U);
}

TEST_F(QuestionIndexTest, ThreadsLookKeepAndDropAtOnce) {
    QuestionIndex busy{50, {.threads = 3}};
    for (int i = 0; i < 300; ++i) {
        const auto partition = "p" + std::to_string(i % 5);
        busy.keep(question("Why is the sky blue?", 0, partition), {named(std::to_string(i)), now + 1h});
        const auto found = test::run(busy.look(question("why is the sky blue", 0, partition), 0.8, now));
        if (found && !found->accepted.empty() && i % 7 == 0) {
            busy.forget(named(partition), found->accepted.front().answer);
        }
        if (i % 50 == 49) {
            busy.keep_only({hand_made});
            busy.keep_those([](const Digest& answer) { return answer[1] % 2 == 0; });
        }
    }
    EXPECT_TRUE(eventually([&] { return busy.counts().entries <= 50; }));
}

TEST_F(QuestionIndexTest, RoomIsMadeInOtherPartitionsToo) {
    index.bound(1);
    keep(question("Why is the sky blue?", 0, "p"), "a");
    keep(question("Why is the sky blue?", 0, "another shelf"), "b");
    EXPECT_EQ(index.counts().entries, 1U);
    EXPECT_TRUE(index.contains(named("another shelf"), named("b"), hand_made));
}

TEST_F(QuestionIndexTest, OnlyTheWantedModelsStay) {
    const vector::ModelIdentity newer{"hand-made", "2", 2};
    keep(question("Why is the sky blue?"), "a");
    keep(question("Why is the sky blue?", 0, "p", newer), "b");
    index.keep_only({newer});
    EXPECT_TRUE(eventually([&] { return index.counts().entries == 1; }));
    EXPECT_TRUE(index.contains(named("p"), named("b"), newer));
}

TEST_F(QuestionIndexTest, AVectorThatIsNoneIsLeftOut) {
    auto broken = std::make_shared<AskedQuestion>(*question("Why is the sky blue?"));
    broken->vector = {0, 0};
    index.keep(broken, {named("broken"), now + 1h});
    keep(question("Why is the grass green?"), "behind it");
    EXPECT_EQ(index.counts().entries, 1U);
}

TEST_F(QuestionIndexTest, SaysWhatItTakes) {
    const auto before = index.counts().bytes;
    keep(question("Why is the sky blue?"), "a");
    EXPECT_GT(index.counts().bytes, before);
}

}  // namespace
}  // namespace gatehouse::pipeline

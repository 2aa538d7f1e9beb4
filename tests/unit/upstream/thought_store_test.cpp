#include "gatehouse/upstream/thought_store.hpp"

#include "support/hand_clock.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::upstream {
namespace {

dialect::KeptThoughts signed_by(std::string signature) {
    dialect::KeptThoughts thoughts;
    thoughts.signature = std::move(signature);
    return thoughts;
}

std::string found(const ThoughtStore& store, const std::string& key, Instant now) {
    const auto thoughts = store.find(key, now);
    return thoughts ? thoughts->signature : "nothing";
}

TEST(ThoughtStore, FindsWhatWasKeptUntilItsTimeIsOver) {
    ThoughtStore store;
    const Instant start{std::chrono::hours(5)};
    store.keep("a", signed_by("one"), start);
    EXPECT_EQ(found(store, "a", start), "one");
    EXPECT_EQ(found(store, "b", start), "nothing");
    store.keep("a", signed_by("two"), start);
    EXPECT_EQ(found(store, "a", start + ThoughtStore::lifetime - std::chrono::seconds(1)), "two");
    EXPECT_EQ(found(store, "a", start + ThoughtStore::lifetime), "nothing");
    store.keep("c", signed_by("x"), start + ThoughtStore::lifetime);
    const auto of_one = store.size();
    store.keep("d", signed_by("x"), start + 2 * ThoughtStore::lifetime);
    EXPECT_EQ(store.size(), of_one) << "what is over makes room";
}

TEST(ThoughtStore, LetsTheOldestGoFirst) {
    ThoughtStore store(16 * 1024);
    const Instant now{};
    for (int i = 0; i < 100; ++i) {
        store.keep("key" + std::to_string(i), signed_by(std::string(500, 's')), now);
        EXPECT_LE(store.size(), 16U * 1024);
    }
    EXPECT_EQ(found(store, "key0", now), "nothing");
    EXPECT_NE(found(store, "key99", now), "nothing");
}

TEST(ThoughtStore, KeepsNothingThatWouldDriveOutMuch) {
    ThoughtStore store(16 * 1024);
    store.keep("small", signed_by("s"), Instant{});
    store.keep("large", signed_by(std::string(2000, 's')), Instant{});
    EXPECT_EQ(found(store, "large", Instant{}), "nothing");
    EXPECT_EQ(found(store, "small", Instant{}), "s");
}

TEST(ThoughtStore, ShowsACallerOnlyItsOwn) {
    ThoughtStore store;
    test::HandClock clock;
    const auto mine = thoughts_of(store, clock, "a", "claude", "opus");
    mine->keep("call_1", signed_by("mine"));
    EXPECT_TRUE(thoughts_of(store, clock, "a", "claude", "opus")->find("call_1"));
    EXPECT_FALSE(thoughts_of(store, clock, "b", "claude", "opus")->find("call_1"));
    EXPECT_FALSE(thoughts_of(store, clock, "a", "other", "opus")->find("call_1"));
    EXPECT_FALSE(thoughts_of(store, clock, "a", "claude", "haiku")->find("call_1"));
    EXPECT_FALSE(thoughts_of(store, clock, "a6:cl", "aude", "opus")->find("call_1"));
}

}  // namespace
}  // namespace gatehouse::upstream

#include "gatehouse/upstream/thought_store.hpp"

#include "support/hand_clock.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

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

TEST(ThoughtStore, KeepsInItsArchiveWhatItKeepsAndBringsItBack) {
    struct Archive : ThoughtArchive {
        void keep(const std::string& key, const dialect::KeptThoughts& thoughts) override {
            texts[key] = dialect::written(thoughts);
        }
        void forget(const std::string& key) override { texts.erase(key); }
        std::map<std::string, std::string> texts;
    } archive;
    const Instant start{std::chrono::hours(5)};
    ThoughtStore before(16 * 1024);
    before.archive_in(&archive);
    auto thoughts = signed_by("s\"\xC3\xA9");
    thoughts.blocks = {{"text", "signature", "", {}}, {"", "", "redacted", {}}};
    before.keep("a", thoughts, start);
    before.keep("large", signed_by(std::string(2000, 's')), start);
    ASSERT_EQ(archive.texts.size(), 1U) << "what is not kept is not archived";

    ThoughtStore after;
    after.archive_in(&archive);
    const auto read = dialect::read_kept_thoughts(archive.texts["a"]);
    ASSERT_TRUE(read);
    archive.texts.clear();
    after.restore("a", *read, start);
    EXPECT_TRUE(archive.texts.empty()) << "it is there already";
    const auto found_again = after.find("a", start);
    ASSERT_TRUE(found_again);
    EXPECT_EQ(found_again->signature, thoughts.signature);
    ASSERT_EQ(found_again->blocks.size(), 2U);
    EXPECT_EQ(found_again->blocks[0].text, "text");
    EXPECT_EQ(found_again->blocks[0].signature, "signature");
    EXPECT_EQ(found_again->blocks[1].redacted, "redacted");
    EXPECT_EQ(found(after, "a", start + ThoughtStore::lifetime), "nothing");
    EXPECT_FALSE(dialect::read_kept_thoughts("{\"blocks\":[1]}"));
    EXPECT_FALSE(dialect::read_kept_thoughts("torn"));
}

TEST(ThoughtStore, ForgetsInItsArchiveToo) {
    struct Archive : ThoughtArchive {
        void keep(const std::string& key, const dialect::KeptThoughts&) override { kept.insert(key); }
        void forget(const std::string& key) override { forgotten.push_back(key); }
        std::set<std::string> kept;
        std::vector<std::string> forgotten;
    } archive;
    ThoughtStore store;
    store.archive_in(&archive);
    test::HandClock clock;
    const auto mine = thoughts_of(store, clock, "a", "claude", "opus");
    mine->keep("call_1", signed_by("s"));
    mine->keep("call_2", signed_by("t"));
    const auto both = store.size();
    mine->forget("call_1");
    mine->forget("call_1");
    mine->forget("never");
    EXPECT_FALSE(mine->find("call_1"));
    EXPECT_TRUE(mine->find("call_2"));
    EXPECT_LT(store.size(), both);
    ASSERT_EQ(archive.forgotten.size(), 1U) << "what is not there need not go";
    EXPECT_TRUE(archive.kept.contains(archive.forgotten.front()));
    mine->keep("call_1", signed_by("anew"));
    EXPECT_EQ(store.size(), both + 3);
    EXPECT_TRUE(mine->find("call_1"));
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

#include "app/stored_keys.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::app {
namespace {

/// A disk that takes everything, or nothing.
class FakeStore : public store::KeyStore {
public:
    Result<std::vector<store::StoredKey>> recall() override { return kept; }
    Task<Status> put(net::Lane&, store::StoredKey key, store::AuditNote note) override {
        ++puts;
        co_return answer(std::move(key), std::move(note));
    }
    Task<Status> erase(net::Lane&, std::string, store::AuditNote note) override {
        co_return answer({}, std::move(note));
    }
    void note(store::AuditNote note) override { notes.push_back(std::move(note)); }
    Task<Result<std::vector<store::AuditEntry>>> audit(net::Lane&, std::int64_t, std::size_t) override {
        co_return std::vector<store::AuditEntry>();
    }

    std::vector<store::StoredKey> kept;
    std::vector<store::AuditNote> notes;
    bool full{false};
    int puts{0};

    store::StoredKey last;

private:
    Status answer(store::StoredKey key, store::AuditNote note) {
        if (full) {
            return Problem(ProblemKind::storage_unavailable, "the disk is full");
        }
        last = std::move(key);
        notes.push_back(std::move(note));
        return done();
    }
};

class StoredKeysTest : public testing::Test {
protected:
    StoredKeysTest() {
        keys.configure({file_key("of-file")}, names, R"({"keys":[{"name":"of-file","hash":"***"}]})");
    }

    static pipeline::KeyOptions file_key(const std::string& name) {
        pipeline::KeyOptions key;
        key.name = name;
        key.hash = sha256(name);
        return key;
    }
    void open() { keys.open(&store, "nowhere", ""); }

    template <class T>
    static Task<void> wait_for(Task<T> task, std::optional<T>& result, net::Lane& lane) {
        result = co_await std::move(task);
        lane.stop();
    }
    Result<std::string> run(Task<Result<std::string>> task) {
        std::optional<Result<std::string>> result;
        net::Lane other;
        other.spawn(wait_for(std::move(task), result, other));
        other.run();
        return std::move(*result);
    }
    static store::AuditNote call() { return {{}, "operator", "POST", "/admin/keys", "", 200, ""}; }
    Result<std::string> create(const std::string& settings) { return run(keys.create(call(), settings)); }

    const config::KeyNames names{{"m"}, {}, {}};
    FakeStore store;
    net::Lane lane;
    std::vector<KeyChange> changes;
    StoredKeys keys{lane, [this](const KeyChange& change) { changes.push_back(change); }};
};

TEST_F(StoredKeysTest, AChangeCountsOnceTheDiskHasIt) {
    open();
    ASSERT_TRUE(create(R"({"name":"a"})"));
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].come->name, "a");
    EXPECT_EQ(changes[0].come->hash, store.last.hash);
    EXPECT_EQ(changes[0].anew, "a");
    const Digest before = store.last.hash;
    ASSERT_TRUE(run(keys.rotate(call(), "a")));
    EXPECT_EQ(changes.at(1).gone, before);
    EXPECT_EQ(changes.at(1).come->hash, store.last.hash);
    EXPECT_NE(store.last.hash, before);
    ASSERT_TRUE(run(keys.change(call(), "a", R"({"debug":true})")));
    EXPECT_TRUE(changes.at(2).come->debug);
    EXPECT_FALSE(changes.at(2).anew) << "it is the same key still";
    EXPECT_EQ(store.notes.at(2).details, R"({"debug":{"from":null,"to":true}})");
    EXPECT_EQ(store.notes.at(2).object, store.last.id);

    store.full = true;
    const auto answer = run(keys.rotate(call(), "a"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.problem().kind(), ProblemKind::storage_unavailable);
    EXPECT_FALSE(create(R"({"name":"b"})"));
    EXPECT_FALSE(run(keys.change(call(), "a", R"({"debug":false})")));
    EXPECT_EQ(changes.size(), 3U);
    EXPECT_NE(keys.show("a")->find(R"("debug":true)"), std::string::npos);
    EXPECT_FALSE(keys.show("b"));
}

TEST_F(StoredKeysTest, ARevokedKeyIsRefusedWhateverTheDiskSays) {
    open();
    ASSERT_TRUE(create(R"({"name":"a"})"));
    store.full = true;
    const auto answer = run(keys.revoke(call(), "a"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.problem().kind(), ProblemKind::storage_unavailable);
    EXPECT_NE(answer.problem().message().find("refused from now on"), std::string::npos);
    EXPECT_EQ(changes.back().gone, store.last.hash);
    EXPECT_FALSE(changes.back().come);
    EXPECT_EQ(changes.back().anew, "a");
    EXPECT_NE(keys.show("a")->find(R"("state":"revoked")"), std::string::npos);
    EXPECT_EQ(run(keys.change(call(), "a", "{}")).problem().kind(), ProblemKind::conflict);
    EXPECT_EQ(run(keys.rotate(call(), "a")).problem().kind(), ProblemKind::conflict);
    EXPECT_EQ(create(R"({"name":"a"})").problem().kind(), ProblemKind::conflict);
    store.full = false;
    ASSERT_TRUE(run(keys.revoke(call(), "a")));
    EXPECT_FALSE(keys.show("a"));
    EXPECT_TRUE(create(R"({"name":"a"})"));
}

TEST_F(StoredKeysTest, ThatTheFileOverrulesChangeNothing) {
    open();
    ASSERT_TRUE(create(R"({"name":"a"})"));
    const std::string id = store.last.id;
    keys.configure({file_key("a")}, names, R"({"keys":[{"name":"a"}]})");
    ASSERT_TRUE(run(keys.change(call(), id, R"({"debug":true})")));
    EXPECT_EQ(run(keys.change(call(), "a", "{}")).problem().kind(), ProblemKind::conflict) << "the file's";
    ASSERT_TRUE(run(keys.revoke(call(), id)));
    EXPECT_EQ(changes.size(), 1U);
}

TEST_F(StoredKeysTest, OneThatTheFileOverruledTakesNothingAwayWhenItIsRotated) {
    store.kept = {{"key_1", "mine", sha256("of-file"), R"({"name":"mine"})"}};
    open();
    EXPECT_NE(keys.show("mine")->find(R"("state":"overruled")"), std::string::npos) << "it is the file's key";
    ASSERT_TRUE(run(keys.rotate(call(), "mine")));
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].gone, std::nullopt) << "the file's key goes on";
    EXPECT_EQ(changes[0].come->hash, store.last.hash);
    ASSERT_TRUE(run(keys.rotate(call(), "mine")));
    EXPECT_EQ(changes.at(1).gone, changes[0].come->hash);
}

TEST_F(StoredKeysTest, WithoutAStoreCannotBeMade) {
    keys.open(nullptr, "nowhere", "the disk is read-only");
    const auto answer = create(R"({"name":"a"})");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.problem().kind(), ProblemKind::storage_unavailable);
    EXPECT_NE(answer.problem().message().find("read-only"), std::string::npos);
    EXPECT_TRUE(keys.show("of-file"));
    EXPECT_TRUE(changes.empty());
    EXPECT_FALSE(keys.are_sound());
}

TEST_F(StoredKeysTest, ThatCannotBeUnderstoodCanOnlyBeRevoked) {
    store.kept = {{"key_1", "good", sha256("1"), R"({"name":"good"})"},
                  {"key_2", "bad", sha256("2"), R"({"name":"bad","of_tomorrow":1})"}};
    open();
    EXPECT_TRUE(keys.show("good"));
    EXPECT_FALSE(keys.are_sound());
    const auto bad = keys.show("bad");
    ASSERT_TRUE(bad);
    EXPECT_NE(bad->find(R"("state":"unreadable")"), std::string::npos) << *bad;
    EXPECT_EQ(bad->find("of_tomorrow"), std::string::npos);
    EXPECT_EQ(create(R"({"name":"bad"})").problem().kind(), ProblemKind::conflict);
    EXPECT_EQ(run(keys.rotate(call(), "bad")).problem().kind(), ProblemKind::conflict);
    EXPECT_EQ(run(keys.change(call(), "bad", "{}")).problem().kind(), ProblemKind::conflict);
    const pipeline::Settings settings({}, 1, {});
    EXPECT_FALSE(keys.with_keys_of(settings)->is_complete());
    ASSERT_TRUE(run(keys.revoke(call(), "bad")));
    EXPECT_EQ(changes.back().gone, sha256("2"));
    EXPECT_TRUE(keys.with_keys_of(settings)->is_complete());
    EXPECT_TRUE(keys.are_sound());
    EXPECT_TRUE(create(R"({"name":"bad"})"));
}

TEST_F(StoredKeysTest, AllGoIntoTheRing) {
    store.kept = {{"key_1", "good", sha256("1"), R"({"name":"good","admin":true})"},
                  {"key_2", "of-file", sha256("2"), R"({"name":"of-file"})"}};
    open();
    pipeline::Settings::Parts parts;
    parts.keys = {file_key("of-file")};
    const pipeline::Settings settings(std::move(parts), 1, {});
    const auto ring = keys.with_keys_of(settings);
    EXPECT_EQ(ring->size(), 2U);
    EXPECT_TRUE(ring->has_admin());
    KeyChange change;
    change.gone = sha256("1");
    EXPECT_EQ(after(change, *ring, settings, Instant())->size(), 1U);
    change.come = file_key("next");
    EXPECT_NE(after(change, *ring, settings, Instant())->named("next"), nullptr);
}

}  // namespace
}  // namespace gatehouse::app

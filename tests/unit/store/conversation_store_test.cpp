#include "gatehouse/net/lane.hpp"
#include "gatehouse/store/store.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace gatehouse::store {
namespace {

const WallTime start{std::chrono::seconds(1'790'000'000)};

ConversationKey key(std::string id, std::string caller = "a",
                    ConversationKind kind = ConversationKind::response) {
    return {std::move(caller), kind, std::move(id)};
}

class ConversationStoreTest : public testing::Test {
protected:
    ConversationStoreTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-store-XXXXXX").string();
        directory = mkdtemp(pattern.data());
        options.directory = directory + "/data";
    }
    ~ConversationStoreTest() override {
        store.reset();
        std::filesystem::remove_all(directory);
    }

    void open() {
        store.reset();
        auto opened = open_store(options);
        ASSERT_TRUE(opened) << opened.problem().message();
        store = std::move(opened->conversations);
    }

    template <class T>
    static Task<void> run(Task<T> task, std::optional<T>& result, net::Lane& lane) {
        result = co_await std::move(task);
        lane.stop();
    }

    std::string found(const ConversationKey& wanted, WallTime now = start) {
        net::Lane lane;
        std::optional<std::optional<std::string>> result;
        lane.spawn(run(store->find(lane, wanted, now), result, lane));
        lane.run();
        return result->value_or("nothing");
    }
    bool erased(const ConversationKey& wanted) {
        net::Lane lane;
        std::optional<bool> result;
        lane.spawn(run(store->erase(lane, wanted, start), result, lane));
        lane.run();
        return *result;
    }

    std::string directory;
    StoreOptions options;
    std::unique_ptr<ConversationStore> store;
};

TEST_F(ConversationStoreTest, FindsAtOnceWhatItKeeps) {
    open();
    for (int i = 0; i < 50; ++i) {
        store->keep(key("r"), std::to_string(i), start);
        EXPECT_EQ(found(key("r")), std::to_string(i));
    }
    EXPECT_EQ(found(key("none")), "nothing");
    EXPECT_EQ(found(key("r", "b")), "nothing") << "another caller's";
    EXPECT_EQ(found(key("r", "a", ConversationKind::thread)), "nothing");
    store->keep(key("r", "a", ConversationKind::thought), "hidden", start);
    EXPECT_EQ(found(key("r", "a", ConversationKind::thought)), "hidden");
    EXPECT_EQ(found(key("r")), "49");
}

TEST_F(ConversationStoreTest, IsFoundWhileTheWriterIsHeldUp) {
    open();
    store->keep(key("r"), "x", start);
    EXPECT_FALSE(erased(key("none"))) << "an answer comes after the writes before it";
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open((options.directory + "/gatehouse.db").c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    store->keep(key("s"), "y", start);  // waits for the other
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(found(key("r")), "x");
    EXPECT_EQ(found(key("s")), "y");
    EXPECT_EQ(found(key("none")), "nothing");
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2))
        << "the writer waits for five";
    ASSERT_EQ(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(other);
    EXPECT_FALSE(erased(key("none")));
    EXPECT_EQ(found(key("s")), "y");
    EXPECT_EQ(store->counts().kept, 2U);
}

TEST_F(ConversationStoreTest, KeepsItOverARestart) {
    open();
    const std::string body("with \0 and \xff", 12);
    store->keep(key("r"), body, start);
    open();
    EXPECT_EQ(found(key("r")), body);
    store->keep(key("r"), "new", start);
    open();
    EXPECT_EQ(found(key("r")), "new");
}

TEST_F(ConversationStoreTest, RecallsTheNewestOfAKindAfterARestart) {
    open();
    const auto thought = [](std::string id) { return key(std::move(id), "", ConversationKind::thought); };
    store->keep(thought("old"), "0", start);
    store->keep(thought("first"), "1", start + std::chrono::seconds(1));
    store->keep(thought("second"), "2", start + std::chrono::seconds(2));
    store->keep(key("other"), "3", start + std::chrono::seconds(3));
    open();
    const auto ids = [&](std::size_t most) {
        std::string text;
        for (const auto& one : store->recall(ConversationKind::thought, start, most)) {
            text += one.key.id + "=" + one.body + " ";
        }
        return text;
    };
    EXPECT_EQ(ids(100), "first=1 second=2 ");
    EXPECT_EQ(ids(1), "second=2 ");
    EXPECT_EQ(found(thought("old"), start), "nothing") << "what is older is removed";
    EXPECT_EQ(found(key("other"), start), "3");
}

TEST_F(ConversationStoreTest, LetsThoughtsGoAfterAnHour) {
    open();
    const auto thought = key("t", "", ConversationKind::thought);
    store->keep(thought, "1", start);
    store->keep(key("r"), "2", start);
    store->keep(key("later"), "3", start + std::chrono::hours(2));
    open();
    EXPECT_EQ(found(thought), "nothing");
    EXPECT_EQ(found(key("r")), "2");
}

TEST_F(ConversationStoreTest, ErasesForGood) {
    open();
    store->keep(key("r"), "x", start);
    EXPECT_TRUE(erased(key("r")));
    EXPECT_EQ(found(key("r")), "nothing");
    EXPECT_FALSE(erased(key("r")));
    EXPECT_FALSE(erased(key("r", "b")));
    open();
    EXPECT_EQ(found(key("r")), "nothing");
    store->keep(key("r"), "x", start);
    open();
    EXPECT_FALSE(erased(key("r", "b")));
    EXPECT_TRUE(erased(key("r")));
}

TEST_F(ConversationStoreTest, ForgetsForGoodWithoutAnAnswer) {
    open();
    store->keep(key("r"), "x", start);
    store->keep(key("s"), "y", start);
    store->forget(key("r"), start);
    store->forget(key("none"), start);
    EXPECT_FALSE(erased(key("none"))) << "an answer comes after what was asked before it";
    EXPECT_EQ(found(key("r")), "nothing");
    open();
    EXPECT_EQ(found(key("r")), "nothing");
    EXPECT_EQ(found(key("s")), "y");
}

TEST_F(ConversationStoreTest, LetsThemGoWhenTheirTimeIsOver) {
    options.conversations.lifetime = std::chrono::hours(1);
    open();
    store->keep(key("r"), "x", start);
    EXPECT_EQ(found(key("r"), start + std::chrono::hours(2)), "nothing") << "while it waits to be written";
    open();
    EXPECT_EQ(found(key("r"), start + std::chrono::minutes(59)), "x");
    EXPECT_EQ(found(key("r"), start + std::chrono::hours(1)), "nothing");
    store->keep(key("s"), "y", start + std::chrono::hours(1));
    open();
    EXPECT_EQ(found(key("r"), start), "nothing") << "it is gone, not hidden";
}

TEST_F(ConversationStoreTest, TheOldestOfACallerMakeRoom) {
    options.conversations.of_caller = 1000;
    open();
    store->keep(key("other", "b"), std::string(900, 'b'), start);
    for (int i = 0; i < 10; ++i) {
        store->keep(key(std::to_string(i)), std::string(300, 'x'), start + std::chrono::seconds(i));
    }
    open();
    EXPECT_EQ(found(key("6")), "nothing");
    EXPECT_NE(found(key("7")), "nothing");
    EXPECT_NE(found(key("9")), "nothing");
    EXPECT_NE(found(key("other", "b")), "nothing");
}

TEST_F(ConversationStoreTest, TheOldestMakeRoomWhenACallerHasTooMany) {
    options.conversations.entries_of_caller = 3;
    open();
    store->keep(key("other", "b"), "", start);
    for (int i = 0; i < 10; ++i) {
        store->keep(key(std::to_string(i)), "", start + std::chrono::seconds(i));
    }
    open();
    EXPECT_EQ(found(key("6")), "nothing");
    EXPECT_EQ(found(key("7")), "");
    EXPECT_EQ(found(key("9")), "");
    EXPECT_EQ(found(key("other", "b")), "");
}

TEST_F(ConversationStoreTest, EveryCallerOfOneCommitIsHeldToItsLimit) {
    options.conversations.entries_of_caller = 3;
    open();
    for (int i = 0; i < 200; ++i) {
        store->keep(key(std::to_string(i), i % 2 == 0 ? "a" : "b"), "x", start + std::chrono::seconds(i));
    }
    store->keep(key("last", "c"), "x", start + std::chrono::seconds(200));
    open();
    EXPECT_EQ(found(key("192", "a")), "nothing");
    EXPECT_EQ(found(key("194", "a")), "x");
    EXPECT_EQ(found(key("193", "b")), "nothing");
    EXPECT_EQ(found(key("195", "b")), "x");
}

TEST_F(ConversationStoreTest, TheOldestOfAllMakeRoom) {
    options.conversations.total = 1000;
    open();
    for (int i = 0; i < 10; ++i) {
        store->keep(key("r", "caller" + std::to_string(i)), std::string(300, 'x'),
                    start + std::chrono::seconds(i));
    }
    open();
    EXPECT_EQ(found(key("r", "caller6")), "nothing");
    EXPECT_NE(found(key("r", "caller7")), "nothing");
}

TEST_F(ConversationStoreTest, CountsWhatItDoesNotKeep) {
    options.conversations.entry = 100;
    open();
    store->keep(key("large"), std::string(101, 'x'), start);
    EXPECT_EQ(found(key("large")), "nothing");
    EXPECT_EQ(store->counts().lost, 1U);
    options.conversations.waiting = 10;
    open();
    store->keep(key("r"), "", start);
    EXPECT_EQ(store->counts().lost, 1U) << "an empty body waits for room too";
}

TEST_F(ConversationStoreTest, WhatTheDiskRefusesIsFoundInMemory) {
    open();
    store->keep(key("r"), "x", start);
    open();
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open((options.directory + "/gatehouse.db").c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other,
                           "CREATE TRIGGER full BEFORE INSERT ON conversation BEGIN"
                           " SELECT RAISE(ABORT, 'disk is full'); END",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(other);
    store->keep(key("s"), "y", start);
    EXPECT_EQ(found(key("s")), "y");
    EXPECT_TRUE(erased(key("s")));
    EXPECT_EQ(found(key("s")), "nothing");
    EXPECT_EQ(store->counts().lost, 0U);
    EXPECT_EQ(store->counts().unwritten, 1U);
    EXPECT_EQ(found(key("r")), "x");
}

TEST_F(ConversationStoreTest, AFullDiskLeavesNewEntriesInMemory) {
    options.disk = 128 * 1024;
    open();
    for (int i = 0; i < 60; ++i) {
        store->keep(key(std::to_string(i)), std::string(4000, 'x'), start + std::chrono::seconds(i));
        EXPECT_NE(erased(key("none")), true);  // one commit each: an answer comes after the writes before it
    }
    for (int i = 0; i < 60; ++i) {
        EXPECT_EQ(found(key(std::to_string(i))).size(), 4000U) << i;
    }
    EXPECT_GT(store->counts().kept, 0U);
    EXPECT_GT(store->counts().unwritten, 0U);
    EXPECT_EQ(store->counts().kept + store->counts().unwritten, 60U);
    EXPECT_EQ(store->counts().lost, 0U);
    open();
    EXPECT_EQ(found(key("0")).size(), 4000U);
    EXPECT_EQ(found(key("59")), "nothing") << "memory ends with the process";
}

TEST_F(ConversationStoreTest, AnOlderBodyDoesNotComeBackForOneThatTheDiskRefused) {
    options.conversations.unwritten = 25'000;
    open();
    store->keep(key("r"), "old", start);
    EXPECT_FALSE(erased(key("none")));
    options.disk = 1;
    open();  // as large as it is, and no larger
    store->keep(key("r"), std::string(20'000, 'n'), start + std::chrono::seconds(1));
    EXPECT_FALSE(erased(key("none")));
    EXPECT_EQ(store->counts().unwritten, 1U);
    store->keep(key("s"), std::string(20'000, 's'), start + std::chrono::seconds(2));
    EXPECT_FALSE(erased(key("none")));
    EXPECT_NE(found(key("r")), "old");
    EXPECT_EQ(found(key("s")).size(), 20'000U);
}

/// Takes another user's rights, if it has root's, which no file refuses.
class WithoutRootsRights {
public:
    WithoutRootsRights() : before_(geteuid()) { EXPECT_EQ(before_ == 0 ? seteuid(65534) : 0, 0); }
    WithoutRootsRights(const WithoutRootsRights&) = delete;
    WithoutRootsRights& operator=(const WithoutRootsRights&) = delete;
    ~WithoutRootsRights() { EXPECT_EQ(seteuid(before_), 0); }

private:
    uid_t before_;
};

TEST_F(ConversationStoreTest, SaysThatItsFileIsReadOnly) {
    open();
    store->keep(key("r"), "x", start);
    store.reset();
    using std::filesystem::perms;
    std::filesystem::permissions(directory, perms::all);
    std::filesystem::permissions(options.directory, perms::all);
    std::filesystem::permissions(options.directory + "/gatehouse.db",
                                 perms::owner_read | perms::group_read | perms::others_read);
    const WithoutRootsRights plain_user;
    const auto refused = open_store(options);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.problem().message().find("read-only"), std::string::npos)
        << refused.problem().message();
}

TEST_F(ConversationStoreTest, SaysThatItsPagesAreDamaged) {
    open();
    for (int i = 0; i < 50; ++i) {
        store->keep(key(std::to_string(i)), std::string(3000, 'x'), start);
    }
    store.reset();
    std::fstream file(options.directory + "/gatehouse.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(8192, '\x5A');
    file.close();
    EXPECT_FALSE(open_store(options));
}

TEST_F(ConversationStoreTest, ServesManyThreadsAtOnce) {
    open();
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([this, &right, i] {
            const std::string caller = "caller" + std::to_string(i);
            for (int turn = 0; turn < 50; ++turn) {
                store->keep(key(std::to_string(turn), caller), caller, start);
                right += found(key(std::to_string(turn), caller)) == caller ? 1 : 0;
                right += found(key(std::to_string(turn), caller + "x")) == "nothing" ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(right, 400);
}

TEST_F(ConversationStoreTest, SaysWhyItCannotBeOpened) {
    std::filesystem::create_directories(options.directory);
    std::ofstream(options.directory + "/gatehouse.db") << std::string(5000, 'x');
    const auto damaged = open_store(options);
    ASSERT_FALSE(damaged);
    EXPECT_NE(damaged.problem().message().find("not a database"), std::string::npos)
        << damaged.problem().message();
    options.directory = "/proc/no/such";
    EXPECT_FALSE(open_store(options));
}

TEST_F(ConversationStoreTest, LeavesANewerVersionsDatabaseAlone) {
    open();
    store.reset();
    sqlite3* newer = nullptr;
    ASSERT_EQ(sqlite3_open((options.directory + "/gatehouse.db").c_str(), &newer), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(newer, "PRAGMA user_version=99", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(newer);
    const auto refused = open_store(options);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.problem().message().find("newer version"), std::string::npos);
}

TEST_F(ConversationStoreTest, WorksInMemoryToo) {
    auto made = conversations_in_memory({});
    ASSERT_TRUE(made);
    store = std::move(*made);
    store->keep(key("r"), "x", start);
    EXPECT_EQ(found(key("r")), "x");
    EXPECT_TRUE(erased(key("r")));
    EXPECT_EQ(found(key("r")), "nothing");
}

TEST_F(ConversationStoreTest, ALaneThatEndsIsNeverAnswered) {
    open();
    store->keep(key("r"), "x", start);
    for (int i = 0; i < 100; ++i) {
        net::Lane lane;
        std::optional<std::optional<std::string>> result;
        lane.spawn(run(store->find(lane, key("none"), start), result, lane));
        lane.post([&lane] { lane.stop(); });
        lane.run();
    }
    EXPECT_EQ(found(key("r")), "x");
}

}  // namespace
}  // namespace gatehouse::store

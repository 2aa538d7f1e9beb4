#include "gatehouse/store/conversation_store.hpp"

#include "gatehouse/net/lane.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

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
        auto opened = open_conversations(options);
        ASSERT_TRUE(opened) << opened.problem().message();
        store = std::move(*opened);
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
    store->keep(key("r"), std::string(11, 'x'), start);
    EXPECT_EQ(store->counts().lost, 1U);
}

TEST_F(ConversationStoreTest, ADiskThatRefusesCostsTheEntryOnly) {
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
    EXPECT_FALSE(erased(key("s"))) << "it was never written, and waits no more";
    EXPECT_EQ(store->counts().lost, 1U);
    EXPECT_EQ(found(key("r")), "x");
}

TEST_F(ConversationStoreTest, SaysWhyItCannotBeOpened) {
    std::filesystem::create_directories(options.directory);
    std::ofstream(options.directory + "/gatehouse.db") << std::string(5000, 'x');
    const auto damaged = open_conversations(options);
    ASSERT_FALSE(damaged);
    EXPECT_NE(damaged.problem().message().find("not a database"), std::string::npos)
        << damaged.problem().message();
    options.directory = "/proc/no/such";
    EXPECT_FALSE(open_conversations(options));
}

TEST_F(ConversationStoreTest, LeavesANewerVersionsDatabaseAlone) {
    open();
    store.reset();
    sqlite3* newer = nullptr;
    ASSERT_EQ(sqlite3_open((options.directory + "/gatehouse.db").c_str(), &newer), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(newer, "PRAGMA user_version=99", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(newer);
    const auto refused = open_conversations(options);
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

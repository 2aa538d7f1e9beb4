#include "store/database.hpp"
#include "store/key_shelf.hpp"

#include "gatehouse/net/lane.hpp"
#include "gatehouse/store/store.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::store {
namespace {

const WallTime start{std::chrono::seconds(1'790'000'000)};

StoredKey key(const std::string& name, int made = 0) {
    return {"key_" + name,
            name,
            sha256(name),
            R"({"name":")" + name + "\"}",
            start + std::chrono::seconds(made),
            start + std::chrono::seconds(made),
            "operator"};
}

AuditNote call(std::string details) {
    return {start, "operator", "POST", "/admin/keys", "key_1", 201, std::move(details)};
}

class KeyStoreTest : public testing::Test {
protected:
    KeyStoreTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-keys-XXXXXX").string();
        options.directory = ::mkdtemp(pattern.data());
    }
    ~KeyStoreTest() override {
        store.reset();
        std::filesystem::remove_all(options.directory);
    }

    void open() {
        store.reset();
        auto opened = open_store(options);
        ASSERT_TRUE(opened) << opened.problem().message();
        store = std::move(opened->keys);
    }

    template <class T>
    static Task<void> wait_for(Task<T> task, std::optional<T>& result, net::Lane& lane) {
        result = co_await std::move(task);
        lane.stop();
    }
    template <class Ask>
    static auto on_lane(Ask ask) {
        net::Lane lane;
        auto task = ask(lane);
        using Answer = typename decltype(task)::value_type;
        std::optional<Answer> result;
        lane.spawn(wait_for(std::move(task), result, lane));
        lane.run();
        return std::move(*result);
    }

    Status put(const StoredKey& stored, const std::string& details = "") {
        return on_lane([&](net::Lane& lane) { return store->put(lane, stored, call(details)); });
    }
    Status erase(const std::string& id) {
        return on_lane([&](net::Lane& lane) { return store->erase(lane, id, call("")); });
    }
    std::vector<std::string> details(std::int64_t before = 0, std::size_t most = 100) {
        const auto entries = on_lane([&](net::Lane& lane) { return store->audit(lane, before, most); });
        std::vector<std::string> found;
        if (entries) {
            for (const auto& entry : *entries) {
                found.push_back(std::to_string(entry.number) + entry.note.details);
            }
        }
        return found;
    }
    std::vector<std::string> names() {
        const auto keys = store->recall();
        std::vector<std::string> found;
        if (keys) {
            for (const auto& stored : *keys) {
                found.push_back(stored.name);
            }
        }
        return found;
    }

    StoreOptions options;
    std::unique_ptr<KeyStore> store;
};

TEST_F(KeyStoreTest, BringsBackWhatWasPut) {
    open();
    auto stored = key("a");
    ASSERT_TRUE(put(stored));
    stored.hash = sha256("fresh");
    stored.settings = "{}";
    stored.updated += std::chrono::hours(1);
    stored.updated_by = "deputy";
    ASSERT_TRUE(put(stored));
    open();
    const auto keys = store->recall();
    ASSERT_TRUE(keys);
    ASSERT_EQ(keys->size(), 1U);
    const auto& found = keys->front();
    EXPECT_EQ(found.id, "key_a");
    EXPECT_EQ(found.hash, sha256("fresh"));
    EXPECT_EQ(found.settings, "{}");
    EXPECT_EQ(found.created, start);
    EXPECT_EQ(found.updated, start + std::chrono::hours(1));
    EXPECT_EQ(found.updated_by, "deputy");
}

TEST_F(KeyStoreTest, KeepsTheOrderOfCreation) {
    open();
    ASSERT_TRUE(put(key("b", 2)));
    ASSERT_TRUE(put(key("a", 3)));
    ASSERT_TRUE(put(key("c", 1)));
    EXPECT_EQ(names(), (std::vector<std::string>{"c", "b", "a"}));
    ASSERT_TRUE(erase("key_b"));
    ASSERT_TRUE(erase("key_b")) << "there is none";
    EXPECT_EQ(names(), (std::vector<std::string>{"c", "a"}));
}

TEST_F(KeyStoreTest, ARefusedChangeLeavesNothingBehind) {
    open();
    ASSERT_TRUE(put(key("a"), "first"));
    auto twin = key("a");
    twin.id = "key_twin";
    const auto refused = put(twin, "second");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.problem().kind(), ProblemKind::storage_unavailable);
    EXPECT_EQ(names(), std::vector<std::string>{"a"});
    EXPECT_EQ(details(), std::vector<std::string>{"1first"});
    ASSERT_TRUE(put(key("b"), "third"));
}

TEST_F(KeyStoreTest, TheAuditLogHasTheNewestFirstAndNotTooMany) {
    options.audit.entries = 3;
    open();
    ASSERT_TRUE(put(key("a"), "put"));
    for (const auto* each : {"b", "c", "d"}) {
        store->note(call(each));
    }
    EXPECT_EQ(details(), (std::vector<std::string>{"4d", "3c", "2b"}));
    EXPECT_EQ(details(4, 1), std::vector<std::string>{"3c"});
    ASSERT_TRUE(erase("key_a"));
    open();
    store->note(call("e"));
    EXPECT_EQ(details(), (std::vector<std::string>{"6e", "5", "4d"}));
}

TEST_F(KeyStoreTest, WhoOnlyLooksPushesNoChangeOutOfTheAuditLog) {
    options.audit.entries = 2;
    open();
    ASSERT_TRUE(put(key("a"), "put"));
    for (int i = 0; i < 10; ++i) {
        auto looked = call("look");
        looked.method = i % 2 == 0 ? "GET" : "HEAD";
        store->note(std::move(looked));
    }
    EXPECT_EQ(details(), (std::vector<std::string>{"11look", "10look", "1put"}));
}

TEST_F(KeyStoreTest, CanBeReadWithoutBeingOpened) {
    EXPECT_TRUE(read_keys(options.directory)) << "there is no database: there are no keys";
    EXPECT_TRUE(read_keys(options.directory + "/nowhere"));
    open();
    ASSERT_TRUE(put(key("a")));
    EXPECT_EQ(read_keys(options.directory)->size(), 1U);
    store.reset();
    EXPECT_EQ(read_keys(options.directory)->size(), 1U);
    const auto unchanging = Database::open_unchanging(options.directory + "/gatehouse.db");
    ASSERT_TRUE(unchanging);
    EXPECT_EQ(keys_in(*unchanging)->size(), 1U);
}

TEST_F(KeyStoreTest, SaysWhyItCannotBeRead) {
    std::ofstream(options.directory + "/gatehouse.db") << std::string(8192, '?');
    const auto keys = read_keys(options.directory);
    ASSERT_FALSE(keys);
    EXPECT_NE(keys.problem().message().find("not a database"), std::string::npos) << keys.problem().message();
    EXPECT_FALSE(open_store(options));
}

TEST_F(KeyStoreTest, ChangesAnswerForADiskThatIsFull) {
    options.disk = 256 * 1024;
    open();
    auto large = key("a");
    large.settings = std::string(1024 * 1024, 's');
    const auto refused = put(large);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.problem().message().find("full"), std::string::npos) << refused.problem().message();
    EXPECT_TRUE(names().empty());
    EXPECT_TRUE(put(key("b")));
}

}  // namespace
}  // namespace gatehouse::store

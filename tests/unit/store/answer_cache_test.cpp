#include "gatehouse/store/answer_cache.hpp"

#include "support/event_loop.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

namespace gatehouse::store {
namespace {

constexpr WallTime now{std::chrono::seconds(1'790'000'000)};
// What lies on the disk is cleared by the time of day.
WallTime today() {
    return std::chrono::system_clock::now();
}

std::shared_ptr<const KeptAnswer> answer_with(std::string bytes, WallTime at = now,
                                              std::string key = "caller") {
    KeptAnswer answer;
    answer.endpoint = chat::Endpoint::messages;
    answer.bytes = std::move(bytes);
    answer.question = "Why?";
    AnswerOrigin origin;
    origin.key = std::move(key);
    origin.model = "alias";
    origin.tags = {{"task", "index"}};
    origin.provider = "acme";
    origin.upstream_model = "real";
    origin.finish_reason = "end_turn";
    origin.route = "rule";
    origin.routed = "entry";
    answer.origin = std::make_shared<const AnswerOrigin>(std::move(origin));
    answer.owns_origin = true;
    answer.usage.input = TokenCount(11);
    answer.usage.output_image = TokenCount(3);
    answer.usage.known = true;
    answer.cost = PicoUsd(1'234'567);
    answer.stored_at = at;
    answer.expires_at = at + std::chrono::hours(1);
    return std::make_shared<const KeptAnswer>(std::move(answer));
}

std::unique_ptr<AnswerCache> in_memory(std::size_t max_bytes = 8 << 20) {
    AnswerCacheOptions options;
    options.max_bytes = max_bytes;
    return open_answer_cache(options, now);
}

Purged purge_on_disk(AnswerCache& cache, const Purge& which) {
    net::Lane lane;
    return test::run_on(lane, cache.purge(lane, which));
}

std::size_t purge(AnswerCache& cache, const Purge& which) {
    return purge_on_disk(cache, which).count;
}

TEST(AnswerCache, FindsAnAnswerByItsDigestAndByItsOtherName) {
    const auto cache = in_memory();
    const auto answer = answer_with("yes");
    EXPECT_TRUE(cache->keep(sha256("a"), sha256("alias"), answer));
    EXPECT_EQ(cache->find(sha256("a"), now), answer);
    EXPECT_EQ(cache->find_alias(sha256("alias"), now), answer);
    EXPECT_EQ(cache->find(sha256("alias"), now), nullptr);
    EXPECT_EQ(cache->find(sha256("a"), now + std::chrono::hours(1)), nullptr);
    EXPECT_EQ(cache->find_alias(sha256("alias"), now), nullptr);
}

TEST(AnswerCache, GivesANameToTheNewestAnswerThatHasIt) {
    const auto cache = in_memory();
    const auto newer = answer_with("newer");
    cache->keep(sha256("a"), sha256("alias"), answer_with("older"));
    cache->keep(sha256("b"), sha256("alias"), newer);
    EXPECT_EQ(cache->find_alias(sha256("alias"), now), newer);
    cache->forget(sha256("a"));
    EXPECT_EQ(cache->find_alias(sha256("alias"), now), newer) << "the name is no longer the older one's";
    cache->forget(sha256("b"));
    EXPECT_EQ(cache->find_alias(sha256("alias"), now), nullptr);
}

TEST(AnswerCache, CountsWhatItHasAndWhatItRefused) {
    const auto cache = in_memory(1 << 20);
    cache->keep(sha256("a"), std::nullopt, answer_with(std::string(1'000, 'x')));
    EXPECT_FALSE(cache->keep(sha256("b"), std::nullopt, answer_with(std::string(100'000, 'x'))));
    const auto counts = cache->counts();
    EXPECT_EQ(counts.entries, 1U);
    EXPECT_GT(counts.bytes, 1'000U);
    EXPECT_EQ(counts.too_large, 1U);
    EXPECT_FALSE(counts.persists);
    ASSERT_EQ(cache->by_model().size(), 2U) << "that was asked for, and that answered";
    EXPECT_EQ(cache->by_model()[0].model, "alias");
    EXPECT_EQ(cache->by_model()[0].entries, 1U);
    EXPECT_EQ(cache->by_model()[0].bytes, counts.bytes);
    EXPECT_EQ(cache->by_model()[1].model, "entry");
    EXPECT_EQ(cache->by_model()[1].entries, 1U);
}

TEST(AnswerCache, WhoOnlyLooksChangesNothing) {
    const auto cache = in_memory(1 << 20);
    const auto fill = [&](int from, int to) {
        for (int i = from; i < to; ++i) {
            cache->keep(sha256(std::to_string(i)), sha256("alias" + std::to_string(i)),
                        answer_with(std::string(5'000, 'x')));
        }
    };
    fill(0, 40);
    auto& onlooker = cache->onlooker();
    for (int i = 0; i < 40; ++i) {
        EXPECT_NE(onlooker.find(sha256(std::to_string(i)), now), nullptr);
        EXPECT_NE(onlooker.find_alias(sha256("alias" + std::to_string(i)), now), nullptr);
        EXPECT_EQ(onlooker.find(sha256(std::to_string(i)), now + std::chrono::hours(2)), nullptr);
        EXPECT_EQ(onlooker.find_alias(sha256("alias" + std::to_string(i)), now + std::chrono::hours(2)),
                  nullptr);
    }
    EXPECT_EQ(cache->counts().entries, 40U);
    EXPECT_EQ(cache->counts().expired, 0U);
    fill(40, 1'000);
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(onlooker.find(sha256(std::to_string(i)), now), nullptr) << "nobody had asked for it: " << i;
    }
}

TEST(AnswerCache, NoNameOutlivesItsAnswer) {
    const auto cache = in_memory(64 << 10);
    std::vector<std::thread> threads;
    for (int lane = 0; lane < 4; ++lane) {
        threads.emplace_back([&] {
            for (int i = 0; i < 5'000; ++i) {
                const auto name = std::to_string(i % 60);
                cache->keep(sha256(name), i % 3 == 0 ? std::nullopt : std::optional(sha256("alias" + name)),
                            answer_with(std::string(1'000, 'x')));
                if (i % 7 == 0) {
                    cache->forget(sha256(std::to_string((i + 3) % 60)));
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_LE(cache->counts().aliases, cache->counts().entries);
    purge(*cache, {});
    EXPECT_EQ(cache->counts().aliases, 0U);
}

TEST(AnswerCache, TakesLessThan800BytesBesideTheAnswer) {
    const auto cache = in_memory(64 << 20);
    constexpr std::size_t count = 10'000;
    constexpr std::size_t body = 2'000;
    for (std::size_t i = 0; i < count; ++i) {
        const auto name = std::to_string(i);
        auto answer = *answer_with(std::string(body, 'x'));
        answer.owns_origin = i == 0;  // the others share it
        cache->keep(sha256(name), sha256("alias" + name), std::make_shared<const KeptAnswer>(answer));
    }
    const auto counts = cache->counts();
    ASSERT_EQ(counts.entries, count);
    const auto beside = counts.bytes / count - body;
    std::printf("%zu bytes an entry beside the answer\n", static_cast<std::size_t>(beside));
    EXPECT_LT(beside, 800U);
}

TEST(AnswerCache, ServesManyThreadsAtOnce) {
    const auto cache = in_memory(1 << 20);
    std::atomic<std::uint64_t> hits{0};
    std::vector<std::thread> threads;
    for (int lane = 0; lane < 4; ++lane) {
        threads.emplace_back([&, lane] {
            for (int i = 0; i < 4'000; ++i) {
                const auto name = std::to_string((i * 7 + lane) % 500);
                const auto found = (i + lane) % 2 == 0 ? cache->find(sha256(name), now)
                                                       : cache->find_alias(sha256("alias" + name), now);
                if (found) {
                    ++hits;
                    EXPECT_EQ(found->bytes, name + std::string(2'000, 'x'));
                } else {
                    cache->keep(sha256(name), sha256("alias" + name),
                                answer_with(name + std::string(2'000, 'x')));
                }
                if (i % 500 == 499) {
                    purge(*cache, {"caller", std::nullopt, std::nullopt});
                    cache->bound(i % 1'000 == 999 ? 512 << 10 : 1 << 20, now);
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_GT(hits, 0U);
    EXPECT_LE(cache->counts().bytes, 1U << 20);
}

struct KeptOnDisk : testing::Test {
    KeptOnDisk() {
        std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-cache-XXXXXX").string();
        root = ::mkdtemp(pattern.data());
        options.directory = root;
        options.max_bytes = 8 << 20;
    }
    ~KeptOnDisk() override { std::filesystem::remove_all(root); }
    std::unique_ptr<AnswerCache> open() const { return open_answer_cache(options, today()); }

    std::string root;
    AnswerCacheOptions options;
};

TEST_F(KeptOnDisk, AnswersOutliveTheProcess) {
    const auto answer = answer_with(std::string("yes\0\xFF", 5), today());
    open()->keep(sha256("a"), sha256("alias"), answer);
    const auto cache = open();
    const auto found = cache->find(sha256("a"), today());
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->endpoint, chat::Endpoint::messages);
    EXPECT_FALSE(found->stream);
    EXPECT_EQ(found->bytes, answer->bytes);
    EXPECT_EQ(found->question, "Why?");
    EXPECT_EQ(found->origin->key, "caller");
    EXPECT_EQ(found->origin->tags, answer->origin->tags);
    EXPECT_EQ(found->origin->provider, "acme");
    EXPECT_EQ(found->origin->upstream_model, "real");
    EXPECT_EQ(found->origin->finish_reason, "end_turn");
    EXPECT_EQ(found->origin->route, "rule");
    EXPECT_EQ(found->origin->routed, "entry");
    EXPECT_EQ(found->usage.input, TokenCount(11));
    EXPECT_EQ(found->usage.output_image, TokenCount(3));
    EXPECT_TRUE(found->usage.known);
    EXPECT_EQ(found->cost, PicoUsd(1'234'567));
    EXPECT_LT(answer->stored_at - found->stored_at, std::chrono::milliseconds(1));
    EXPECT_NE(cache->find_alias(sha256("alias"), today()), nullptr);
    EXPECT_TRUE(cache->counts().persists);
}

TEST_F(KeptOnDisk, ThoseWhoseTimeIsOverDoNotComeBack) {
    open()->keep(sha256("a"), std::nullopt, answer_with("old", today() - std::chrono::minutes(61)));
    EXPECT_EQ(open()->counts().entries, 0U);
}

TEST_F(KeptOnDisk, WhatWasPurgedDoesNotComeBack) {
    {
        const auto cache = open();
        cache->keep(sha256("a"), std::nullopt, answer_with("a", today()));
        cache->keep(sha256("b"), std::nullopt, answer_with("b", today(), "other"));
        EXPECT_EQ(purge(*cache, {"caller", std::nullopt, std::nullopt}), 1U);
    }
    const auto cache = open();
    EXPECT_EQ(cache->find(sha256("a"), today()), nullptr);
    EXPECT_NE(cache->find(sha256("b"), today()), nullptr);
}

TEST_F(KeptOnDisk, TheNewestComeBackIfThereIsRoomForFewer) {
    {
        const auto cache = open();
        for (int i = 0; i < 400; ++i) {
            cache->keep(sha256(std::to_string(i)), std::nullopt,
                        answer_with(std::string(10'000, 'x'), today() - std::chrono::seconds(400 - i)));
        }
    }
    options.max_bytes = 1 << 20;
    EXPECT_NE(open()->find(sha256("399"), today()), nullptr);
    EXPECT_EQ(open()->find(sha256("0"), today()), nullptr);
    options.max_bytes = 8 << 20;
    EXPECT_LT(open()->counts().entries, 110U) << "what had no room is gone from the disk too";
}

/// Another process that has the file.
class OtherHands {
public:
    explicit OtherHands(const std::string& directory) {
        EXPECT_EQ(sqlite3_open((directory + "/cache.db").c_str(), &handle_), SQLITE_OK);
        sqlite3_busy_timeout(handle_, 10'000);
    }
    OtherHands(const OtherHands&) = delete;
    OtherHands& operator=(const OtherHands&) = delete;
    ~OtherHands() { sqlite3_close(handle_); }
    void run(const char* text) {
        EXPECT_EQ(sqlite3_exec(handle_, text, nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(handle_);
    }

private:
    sqlite3* handle_{nullptr};
};

TEST_F(KeptOnDisk, WhatARequestOfAnotherDigestWasKeptForGoes) {
    open()->keep(sha256("a"), std::nullopt, answer_with("a", today()));
    OtherHands(root).run("PRAGMA user_version=1");
    EXPECT_EQ(open()->counts().entries, 0U);
    open()->keep(sha256("a"), std::nullopt, answer_with("a", today()));
    EXPECT_EQ(open()->counts().entries, 1U);
}

TEST_F(KeptOnDisk, APurgeThatTheDiskRefusesIsNone) {
    const auto cache = open();
    cache->keep(sha256("a"), std::nullopt, answer_with("a", today()));
    cache->keep(sha256("b"), std::nullopt, answer_with("b", today(), "other"));
    EXPECT_TRUE(purge_on_disk(*cache, {"nobody", std::nullopt, std::nullopt}).from_disk);
    OtherHands others(root);
    others.run("CREATE TRIGGER refuse BEFORE DELETE ON answer BEGIN SELECT RAISE(ABORT, 'refused'); END");
    auto purged = purge_on_disk(*cache, {"caller", std::nullopt, std::nullopt});
    EXPECT_EQ(purged.count, 1U);
    EXPECT_FALSE(purged.from_disk);
    EXPECT_EQ(cache->find(sha256("a"), today()), nullptr) << "from memory it is gone all the same";
    EXPECT_FALSE(purge_on_disk(*cache, {"caller", std::nullopt, std::nullopt}).from_disk)
        << "it still lies there, though nothing new is to go";
    others.run("DROP TRIGGER refuse");
    purged = purge_on_disk(*cache, {"caller", std::nullopt, std::nullopt});
    EXPECT_EQ(purged.count, 0U);
    EXPECT_TRUE(purged.from_disk) << "what was to go has gone now";
    EXPECT_TRUE(cache->counts().usable);
}

TEST_F(KeptOnDisk, MoreRemovalsThanMayWaitEmptyTheFile) {
    options.waiting = 20 * 128;
    {
        const auto cache = open();
        for (int i = 0; i < 100; ++i) {
            cache->keep(sha256(std::to_string(i)), std::nullopt, answer_with("a", today()));
            purge(*cache, {"nobody", std::nullopt, std::nullopt});
        }
        EXPECT_EQ(cache->counts().lost, 0U);
        OtherHands others(root);
        others.run("BEGIN IMMEDIATE");
        for (int i = 0; i < 80; ++i) {
            cache->forget(sha256(std::to_string(i)));
        }
        others.run("ROLLBACK");
        purge(*cache, {"nobody", std::nullopt, std::nullopt});
        EXPECT_EQ(cache->counts().entries, 20U);
    }
    EXPECT_EQ(open()->counts().entries, 0U) << "the rest would have been remembered one by one";
}

TEST_F(KeptOnDisk, NobodyElseMayReadIt) {
    const auto rights_of = [&](const std::string& name) {
        return std::filesystem::status(options.directory + "/" + name).permissions();
    };
    using std::filesystem::perms;
    std::filesystem::permissions(root, perms::all);
    std::ofstream(options.directory + "/cache.db").flush();
    std::filesystem::permissions(options.directory + "/cache.db", static_cast<perms>(0644));
    const auto cache = open();
    cache->keep(sha256("a"), std::nullopt, answer_with("a", today()));
    purge(*cache, {"nobody", std::nullopt, std::nullopt});
    for (const std::string name : {"cache.db", "cache.db-wal", "cache.db-shm"}) {
        EXPECT_EQ(rights_of(name), perms::owner_read | perms::owner_write) << name;
    }
}

TEST_F(KeptOnDisk, ASmallerBoundHoldsForTheFileToo) {
    options.max_bytes = 128 << 20;
    const auto cache = open();
    for (int i = 0; i < 40; ++i) {
        cache->keep(sha256(std::to_string(i)), std::nullopt, answer_with(std::string(900'000, 'x'), today()));
        if (i % 10 == 9) {
            purge(*cache, {"nobody", std::nullopt, std::nullopt});
        }
    }
    const auto size = [&] { return std::filesystem::file_size(options.directory + "/cache.db"); };
    // What is written stands in the log first.
    OtherHands(root).run("PRAGMA wal_checkpoint(TRUNCATE)");
    ASSERT_GT(size(), 30'000'000U);
    cache->bound(8 << 20, today());
    purge(*cache, {"nobody", std::nullopt, std::nullopt});
    EXPECT_LE(size(), 16U << 20);
    EXPECT_GT(cache->counts().entries, 0U);
    EXPECT_TRUE(cache->counts().usable);
}

TEST_F(KeptOnDisk, ADamagedFileIsBegunAnew) {
    std::ofstream(options.directory + "/cache.db") << std::string(10'000, 'z');
    {
        const auto cache = open();
        EXPECT_EQ(cache->counts().entries, 0U);
        EXPECT_TRUE(cache->counts().persists);
        cache->keep(sha256("a"), std::nullopt, answer_with("a", today()));
    }
    EXPECT_NE(open()->find(sha256("a"), today()), nullptr);
}

TEST_F(KeptOnDisk, ADirectoryThatCannotBeUsedLeavesAnswersInMemory) {
    options.directory += "/file/below";
    std::ofstream(std::filesystem::path(options.directory).parent_path()) << "no directory";
    const auto cache = open();
    EXPECT_TRUE(cache->keep(sha256("a"), std::nullopt, answer_with("a", today())));
    EXPECT_NE(cache->find(sha256("a"), today()), nullptr);
    EXPECT_FALSE(cache->counts().persists);
}

}  // namespace
}  // namespace gatehouse::store

#include "core/free_lists.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace gatehouse {
namespace {

void* fresh(std::size_t size) {
    return std::malloc(FreeLists::block_size(size));
}

struct FreeListsTest : testing::Test {
    ~FreeListsTest() override { lists.close(); }
    FreeLists lists;
};

TEST_F(FreeListsTest, GiveTheBlockThatWasKeptLast) {
    void* const first = fresh(100);
    void* const second = fresh(100);
    ASSERT_TRUE(lists.keep(first, 100));
    ASSERT_TRUE(lists.keep(second, 100));
    EXPECT_EQ(lists.take(100), second);
    EXPECT_EQ(lists.take(100), first);
    EXPECT_EQ(lists.take(100), nullptr);
    EXPECT_EQ(lists.kept(), 0U);
    std::free(first);
    std::free(second);
}

TEST_F(FreeListsTest, GiveABlockOnlyToASizeThatItHolds) {
    for (std::size_t kept = 0; kept <= FreeLists::largest; kept += 7) {
        void* const block = fresh(kept);
        std::memset(block, 1, FreeLists::block_size(kept));  // AddressSanitizer knows how much was asked for
        ASSERT_TRUE(lists.keep(block, kept));
        EXPECT_EQ(lists.take(FreeLists::block_size(kept) + 1), nullptr) << kept;
        ASSERT_EQ(lists.take(FreeLists::block_size(kept)), block) << kept;
        std::free(block);
    }
}

TEST_F(FreeListsTest, AskForBlocksThatHoldTheirSizeAndAreLittleBigger) {
    for (std::size_t size = 0; size <= FreeLists::largest + 100; ++size) {
        EXPECT_GE(FreeLists::block_size(size), size);
        EXPECT_LT(FreeLists::block_size(size), std::max(size, FreeLists::smallest) + FreeLists::step);
    }
}

TEST_F(FreeListsTest, TakeABlockOfUnknownUseForNoMoreThanItHolds) {
    for (std::size_t usable = FreeLists::smallest; usable <= FreeLists::largest; ++usable) {
        void* const block = std::malloc(usable);
        ASSERT_TRUE(lists.keep_unsized(block, usable));
        EXPECT_EQ(lists.take(usable + 1), nullptr) << usable;
        ASSERT_EQ(lists.take(usable - FreeLists::step + 1), block) << usable;
        std::free(block);
    }
    const std::unique_ptr<void, void (*)(void*)> tiny(std::malloc(8), std::free);
    EXPECT_FALSE(lists.keep_unsized(tiny.get(), FreeLists::smallest - 1));
}

TEST_F(FreeListsTest, KeepNoMoreThanTheirBound) {
    std::size_t kept = 0;
    void* block = fresh(4'000);
    while (lists.keep(block, 4'000)) {
        kept += FreeLists::block_size(4'000);
        ASSERT_LE(kept, FreeLists::bound);
        block = fresh(4'000);
    }
    EXPECT_GT(kept + FreeLists::block_size(4'000), FreeLists::bound);
    EXPECT_EQ(lists.kept(), kept);
    std::free(block);
}

TEST_F(FreeListsTest, LeaveBigBlocksToMalloc) {
    const std::size_t size = FreeLists::largest + 1;
    EXPECT_EQ(FreeLists::block_size(size), size);
    void* const block = fresh(size);
    EXPECT_FALSE(lists.keep(block, size));
    EXPECT_FALSE(lists.keep_unsized(block, size));
    EXPECT_EQ(lists.take(size), nullptr);
    std::free(block);
}

TEST_F(FreeListsTest, KeepNothingOnceClosed) {
    ASSERT_TRUE(lists.keep(fresh(48), 48));  // LeakSanitizer sees whether closing gives it back
    lists.close();
    EXPECT_EQ(lists.take(48), nullptr);
    void* const block = fresh(48);
    EXPECT_FALSE(lists.keep(block, 48));
    std::free(block);
}

}  // namespace
}  // namespace gatehouse

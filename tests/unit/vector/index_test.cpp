#include "gatehouse/vector/index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <set>

namespace gatehouse::vector {
namespace {

constexpr std::uint32_t dimensions = 96;
const ModelIdentity model{"made", "1", dimensions};
using Vector = std::vector<float>;

Partition partition_of(std::string_view name) {
    return sha256(name);
}

Vector unit(Vector vector) {
    const float length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0F));
    for (float& value : vector) {
        value /= length;
    }
    return vector;
}

/// Texts of a kind: all share a direction, as sentence vectors do, and come in groups.
struct IndexTest : testing::Test {
    Vector noise() {
        Vector vector(dimensions);
        for (float& value : vector) {
            value = std::normal_distribution<float>()(random);
        }
        return vector;
    }
    Vector near(const Vector& center, float spread) {
        Vector vector = noise();
        for (std::size_t i = 0; i < vector.size(); ++i) {
            vector[i] = center[i] + spread * vector[i];
        }
        return unit(std::move(vector));
    }
    Vector drawn() {
        if (random() % 8 == 0 || group.empty()) {
            group = near(common, 0.8F);
        }
        return near(group, 0.05F);
    }
    std::mt19937 random{11};
    Vector common = noise();
    Vector group;
    const Partition here = partition_of("here");
    const Partition elsewhere = partition_of("elsewhere");
};

float cosine(const Vector& a, const Vector& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0F);
}

TEST_F(IndexTest, FindsWhatAnExactScanFinds) {
    constexpr std::size_t count = 2500;  // well above the size from which sketches are used
    IndexOptions options;
    options.rerank = 128;
    Index index(model, options);
    std::vector<Vector> all;
    for (std::size_t i = 0; i < count; ++i) {
        all.push_back(drawn());
        ASSERT_EQ(index.insert(here, i, all.back()), Insertion::added);
    }
    int found = 0;
    constexpr int questions = 50;
    for (int i = 0; i < questions; ++i) {
        const Vector wanted = near(all[random() % count], 0.02F);
        std::size_t best = 0;
        for (std::size_t j = 1; j < count; ++j) {
            best = cosine(wanted, all[j]) > cosine(wanted, all[best]) ? j : best;
        }
        const auto matches = index.nearest(here, wanted, 1, 0);
        ASSERT_EQ(matches.size(), 1U);
        // Two that differ by less than eight bits can tell are as good as each other.
        found += cosine(wanted, all[matches[0].id]) > cosine(wanted, all[best]) - 0.003F ? 1 : 0;
        EXPECT_NEAR(matches[0].similarity, cosine(wanted, all[matches[0].id]), 0.003F);
    }
    EXPECT_GE(found, 49);
}

TEST_F(IndexTest, GivesTheBestFirstAndNoneBelowTheLeast) {
    Index index(model);
    const Vector wanted = drawn();
    for (EntryId id = 0; id < 20; ++id) {
        index.insert(here, id, near(wanted, 0.01F * static_cast<float>(id + 1)));
    }
    const auto matches = index.nearest(here, wanted, 5, 0.5F);
    ASSERT_EQ(matches.size(), 5U);
    EXPECT_TRUE(std::is_sorted(matches.begin(), matches.end(),
                               [](const Match& a, const Match& b) { return a.similarity > b.similarity; }));
    EXPECT_EQ(matches[0].id, 0U);
    for (const Match& match : index.nearest(here, wanted, 20, 0.9F)) {
        EXPECT_GE(match.similarity, 0.9F);
    }
    EXPECT_TRUE(index.nearest(here, wanted, 20, 1.1F).empty());
    EXPECT_TRUE(index.nearest(here, wanted, 0, 0).empty());
}

TEST_F(IndexTest, NeverLooksIntoAnotherPartition) {
    Index index(model);
    const Vector wanted = drawn();
    index.insert(elsewhere, 1, wanted);
    EXPECT_TRUE(index.nearest(here, wanted, 5, -1).empty());
    index.insert(here, 2, near(wanted, 0.1F));
    const auto matches = index.nearest(here, wanted, 5, -1);
    ASSERT_EQ(matches.size(), 1U);
    EXPECT_EQ(matches[0].id, 2U);
}

TEST_F(IndexTest, ForgetsWhatIsErased) {
    Index index(model);
    std::vector<Vector> all;
    for (EntryId id = 0; id < 2000; ++id) {
        all.push_back(drawn());
        index.insert(id % 2 == 0 ? here : elsewhere, id, all.back());
    }
    for (EntryId id = 0; id < 2000; ++id) {
        if (id % 5 != 0) {
            EXPECT_TRUE(index.erase(id));
        }
    }
    EXPECT_FALSE(index.erase(1));
    EXPECT_EQ(index.size(), 400U);
    for (EntryId id = 0; id < 2000; id += 10) {
        const auto matches = index.nearest(here, all[id], 3, -1);
        ASSERT_FALSE(matches.empty());
        EXPECT_EQ(matches[0].id, id);
        EXPECT_TRUE(
            std::all_of(matches.begin(), matches.end(), [](const Match& m) { return m.id % 10 == 0; }));
    }
    const std::size_t before = index.bytes();
    for (EntryId id = 0; id < 1000; ++id) {
        index.insert(here, 10'000 + id, drawn());  // into the places that are free
    }
    EXPECT_LT(index.bytes(), before + before / 2);
    index.clear();
    EXPECT_EQ(index.size(), 0U);
    EXPECT_TRUE(index.nearest(here, all[0], 3, -1).empty());
}

TEST_F(IndexTest, ShrinksAndGrowsAcrossTheSizeOfSketches) {
    Index index(model);
    std::vector<Vector> all;
    for (int round = 0; round < 2; ++round) {
        for (EntryId id = index.size(); id < 1500; ++id) {
            all.resize(1500);
            all[id] = drawn();
            ASSERT_EQ(index.insert(here, id, all[id]), Insertion::added);
        }
        for (EntryId id = 0; id < 1500; id += 7) {
            EXPECT_EQ(index.nearest(here, all[id], 1, 0).at(0).id, id);
        }
        for (EntryId id = 300; id < 1500; ++id) {
            index.erase(id);
        }
        EXPECT_EQ(index.nearest(here, all[299], 1, 0).at(0).id, 299U);
    }
}

TEST_F(IndexTest, TakesOnlyVectorsThatItCanCompare) {
    IndexOptions options;
    options.max_entries = 1;
    Index index(model, options);
    EXPECT_EQ(index.insert(here, 1, Vector(dimensions - 1, 1)), Insertion::unusable);
    EXPECT_EQ(index.insert(here, 1, Vector(dimensions, 0)), Insertion::unusable);
    EXPECT_EQ(index.insert(here, 1, Vector(dimensions, NAN)), Insertion::unusable);
    EXPECT_EQ(index.insert(here, 1, Vector(dimensions, INFINITY)), Insertion::unusable);
    EXPECT_EQ(index.insert(here, 1, Vector(dimensions, 3)), Insertion::added);
    EXPECT_EQ(index.insert(here, 1, drawn()), Insertion::known_id);
    EXPECT_EQ(index.insert(here, 2, drawn()), Insertion::full);
    EXPECT_TRUE(index.erase(1));
    EXPECT_EQ(index.insert(here, 2, drawn()), Insertion::added);
    EXPECT_TRUE(index.nearest(here, Vector(3, 1), 1, -1).empty());
    EXPECT_EQ(index.ids(), std::vector<EntryId>{2});
}

TEST_F(IndexTest, NeedsLittleMemoryForAnEntryAlsoInPartitionsOfOne) {
    const ModelIdentity wide{"made", "1", 512};
    Index shared(wide);
    Index single(wide);
    for (EntryId id = 0; id < 3000; ++id) {
        Vector vector(512);
        for (float& value : vector) {
            value = std::normal_distribution<float>()(random);
        }
        shared.insert(here, id, vector);
        single.insert(partition_of(std::to_string(id)), id, vector);
    }
    EXPECT_LT(shared.bytes() / 3000, 900U);
    EXPECT_LT(single.bytes() / 3000, 900U);
    EXPECT_GT(shared.bytes() / 3000, 512U);
}

struct IndexFileTest : IndexTest {
    IndexFileTest() {
        for (EntryId id = 0; id < 1200; ++id) {
            all.push_back(drawn());
            index.insert(id % 3 == 0 ? elsewhere : here, 7 * id, all.back());
        }
    }
    static std::string refusal(std::string_view bytes, const ModelIdentity& of = model) {
        const auto read = read_index(bytes, of, {});
        return read ? "" : read.problem().message();
    }
    Index index{model};
    std::vector<Vector> all;
};

TEST_F(IndexFileTest, ComesBackAsItWas) {
    const auto path = std::filesystem::path(testing::TempDir()) / "index_test.index";
    ASSERT_TRUE(index.save(path));
    const auto back = load_index(path, model, {});
    ASSERT_TRUE(back) << back.problem().message();
    EXPECT_EQ(back->size(), index.size());
    EXPECT_EQ(back->model(), model);
    for (EntryId id = 0; id < 1200; id += 5) {
        const auto& partition = id % 3 == 0 ? elsewhere : here;
        const auto before = index.nearest(partition, all[id], 1, -1);
        const auto after = back->nearest(partition, all[id], 1, -1);
        ASSERT_EQ(after.size(), 1U);
        EXPECT_EQ(after[0].id, 7 * id);
        EXPECT_EQ(after[0].similarity, before[0].similarity);
    }
    std::filesystem::remove(path);
}

TEST_F(IndexFileTest, IsRefusedForAnotherModel) {
    const auto file = index.written();
    EXPECT_EQ(refusal(file), "");
    EXPECT_NE(refusal(file, {"other", "1", dimensions}), "");
    EXPECT_NE(refusal(file, {"made", "2", dimensions}), "");
    EXPECT_NE(refusal(file, {"made", "1", dimensions + 1}), "");
}

TEST_F(IndexFileTest, IsRefusedWhenDamaged) {
    const auto file = index.written();
    for (std::size_t at = 0; at < file.size(); at += 997) {
        std::string bad = file;
        bad[at] = static_cast<char>(bad[at] ^ 0x01);
        EXPECT_NE(refusal(bad), "") << at;
    }
    EXPECT_NE(refusal(file.substr(0, file.size() - 1)), "");
    EXPECT_NE(refusal(file + "x"), "");
    EXPECT_NE(refusal(""), "");
}

TEST_F(IndexFileTest, IsReadUpToTheBound) {
    IndexOptions options;
    options.max_entries = 100;
    const auto back = read_index(index.written(), model, options);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->size(), 100U);
}

TEST_F(IndexFileTest, SaysWhereItCannotBeWrittenOrRead) {
    const auto written = index.save("/nowhere/an.index");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.problem().kind(), ProblemKind::storage_unavailable);
    const auto read = load_index("/nowhere/an.index", model, {});
    ASSERT_FALSE(read);
    EXPECT_EQ(read.problem().message(), "/nowhere/an.index: cannot be read");
}

}  // namespace
}  // namespace gatehouse::vector

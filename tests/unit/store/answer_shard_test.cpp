#include "store/answer_shard.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <list>
#include <random>
#include <unordered_map>

namespace gatehouse::store {
namespace {

constexpr WallTime now{std::chrono::seconds(1'790'000'000)};

Digest digest_of(std::uint64_t number) {
    return sha256(std::to_string(number));
}

std::shared_ptr<const KeptAnswer> answer_of(std::size_t bytes,
                                            std::chrono::seconds lifetime = std::chrono::hours(1)) {
    KeptAnswer answer;
    answer.bytes.assign(bytes, 'x');
    answer.stored_at = now;
    answer.expires_at = now + lifetime;
    return std::make_shared<const KeptAnswer>(std::move(answer));
}

struct AnswerShardTest : testing::Test {
    bool keep(std::uint64_t number, std::shared_ptr<const KeptAnswer> answer,
              std::optional<Digest> alias = {}) {
        return shard.keep(digest_of(number), alias, std::move(answer), now, gone);
    }
    bool has(std::uint64_t number, WallTime at = now) {
        return shard.find(digest_of(number), at, gone) != nullptr;
    }
    /// In how many steps?
    int purge(const Purge& which) {
        AnswerShard::Sweep sweep;
        int steps = 1;
        while (shard.purge(which, sweep, gone)) {
            ++steps;
        }
        return steps;
    }

    AnswerShard shard{1'000'000};
    std::vector<AnswerShard::Gone> gone;
};

TEST_F(AnswerShardTest, FindsWhatItKeeps) {
    const auto answer = answer_of(10);
    EXPECT_TRUE(keep(1, answer));
    EXPECT_EQ(shard.find(digest_of(1), now, gone), answer);
    EXPECT_FALSE(has(2));
    EXPECT_TRUE(gone.empty());
}

TEST_F(AnswerShardTest, LetsAnAnswerGoWhenItsTimeIsOver) {
    keep(1, answer_of(10, std::chrono::seconds(5)), digest_of(100));
    EXPECT_TRUE(has(1, now + std::chrono::milliseconds(4999)));
    EXPECT_FALSE(has(1, now + std::chrono::seconds(5)));
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_EQ(gone[0].alias, digest_of(100));
    EXPECT_EQ(shard.counts().expired, 1U);
    EXPECT_EQ(shard.entries(), 0U);
    EXPECT_EQ(shard.bytes(), 0U);
}

TEST_F(AnswerShardTest, CountsWhatAnswersShareOnceUnlessItIsLarge) {
    const auto kept = [](std::size_t tag_bytes, bool owns) {
        AnswerOrigin origin;
        origin.tags = {{"tag", std::string(tag_bytes, 't')}};
        KeptAnswer answer;
        answer.origin = std::make_shared<const AnswerOrigin>(std::move(origin));
        answer.owns_origin = owns;
        return bytes_of(answer);
    };
    const auto shared = bytes_of(KeptAnswer());
    EXPECT_EQ(kept(20, false), shared);
    EXPECT_GT(kept(20, true), shared + sizeof(AnswerOrigin));
    EXPECT_GT(kept(10'000, false), shared + 10'000) << "who shares it may outlive the one that paid";
    EXPECT_EQ(kept(10'000, true), kept(10'000, false));
}

TEST_F(AnswerShardTest, ReplacesWhatHasTheSameDigest) {
    keep(1, answer_of(10));
    const auto newer = answer_of(20);
    keep(1, newer);
    EXPECT_EQ(shard.find(digest_of(1), now, gone), newer);
    EXPECT_EQ(shard.entries(), 1U);
    EXPECT_EQ(shard.bytes(), bytes_of(*newer));
}

TEST_F(AnswerShardTest, StaysWithinItsBoundWhateverComes) {
    std::mt19937 random(7);
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        const auto number = random() % 3'000;
        if (random() % 3 == 0) {
            keep(number, answer_of(random() % 60'000));
        } else if (random() % 50 == 0) {
            shard.forget(digest_of(number), gone);
        } else {
            has(number);
        }
        ASSERT_LE(shard.bytes(), 1'000'000U);
    }
    ASSERT_EQ(shard.models().size(), 1U);
    EXPECT_EQ(shard.models().begin()->second.bytes, shard.bytes());
    EXPECT_EQ(shard.models().begin()->second.entries, shard.entries());
}

TEST_F(AnswerShardTest, RefusesAnAnswerThatWouldDriveOutMostOthers) {
    EXPECT_TRUE(keep(1, answer_of(10)));
    EXPECT_FALSE(keep(2, answer_of(600'000)));
    EXPECT_TRUE(has(1));
    EXPECT_FALSE(keep(1, answer_of(600'000))) << "an older answer is none to the newer request";
    EXPECT_FALSE(has(1));
}

TEST_F(AnswerShardTest, MakesRoomWhenItsBoundShrinks) {
    for (std::uint64_t i = 0; i < 100; ++i) {
        keep(i, answer_of(5'000));
    }
    shard.bound(100'000, now, gone);
    EXPECT_LE(shard.bytes(), 100'000U);
    EXPECT_GT(shard.entries(), 10U);
    EXPECT_EQ(shard.entries() + gone.size(), 100U);
}

TEST_F(AnswerShardTest, PurgesByKeyModelAndTagTogether) {
    const auto filed = [](std::string key, std::string model, std::string team) {
        AnswerOrigin origin;
        origin.key = std::move(key);
        origin.model = std::move(model);
        origin.tags = {{"team", std::move(team)}};
        KeptAnswer answer;
        answer.origin = std::make_shared<const AnswerOrigin>(std::move(origin));
        answer.expires_at = now + std::chrono::hours(1);
        return std::make_shared<const KeptAnswer>(std::move(answer));
    };
    keep(1, filed("a", "m", "x"));
    keep(2, filed("a", "n", "x"));
    keep(3, filed("b", "m", "y"));
    purge({"a", "m", std::nullopt});
    EXPECT_FALSE(has(1));
    EXPECT_TRUE(has(2));
    EXPECT_TRUE(has(3));
    purge({std::nullopt, std::nullopt, std::pair("team", "y")});
    EXPECT_FALSE(has(3));
    EXPECT_TRUE(has(2));
    purge({});
    EXPECT_EQ(shard.entries(), 0U);
}

TEST_F(AnswerShardTest, PurgesAlsoByTheModelThatAnswered) {
    const auto routed = [](std::string asked, std::string model) {
        AnswerOrigin origin;
        origin.model = std::move(asked);
        origin.routed = std::move(model);
        KeptAnswer answer;
        answer.origin = std::make_shared<const AnswerOrigin>(std::move(origin));
        answer.expires_at = now + std::chrono::hours(1);
        return std::make_shared<const KeptAnswer>(std::move(answer));
    };
    keep(1, routed("any", "large"));
    keep(2, routed("any", "small"));
    keep(3, routed("large", "large"));
    EXPECT_EQ(shard.models().at("any").entries, 2U);
    EXPECT_EQ(shard.models().at("large").entries, 2U);
    EXPECT_EQ(shard.models().at("small").entries, 1U);
    purge({std::nullopt, "large", std::nullopt});
    EXPECT_FALSE(has(1));
    EXPECT_TRUE(has(2));
    EXPECT_FALSE(has(3));
    EXPECT_EQ(shard.models().at("any").entries, 1U);
    EXPECT_FALSE(shard.models().contains("large"));
}

TEST_F(AnswerShardTest, FreesNothingWhileOthersWait) {
    std::weak_ptr<const KeptAnswer> first;
    {
        const auto answer = answer_of(1'000);
        first = answer;
        keep(1, answer);
    }
    shard.forget(digest_of(1), gone);
    EXPECT_FALSE(has(1));
    EXPECT_FALSE(first.expired()) << "whoever holds the lock frees nothing under it";
    gone.clear();
    EXPECT_TRUE(first.expired());
}

TEST_F(AnswerShardTest, LongWorkIsDoneInSteps) {
    shard.bound(100'000'000, now, gone);
    constexpr std::uint64_t count = 20'000;
    for (std::uint64_t i = 0; i < count; ++i) {
        keep(i, answer_of(10));
    }
    int steps = 0;
    std::size_t before = shard.entries();
    bool more = true;
    while (more) {
        more = shard.bound(100'000, now, gone);
        EXPECT_LE(before - shard.entries(), AnswerShard::step);
        before = shard.entries();
        ++steps;
        ASSERT_LT(steps, 1'000);
    }
    EXPECT_GT(steps, 10);
    shard.bound(100'000'000, now, gone);
    for (std::uint64_t i = 0; i < count; ++i) {
        keep(i, answer_of(10));
    }
    EXPECT_GT(purge({}), 20);
    EXPECT_EQ(shard.entries(), 0U);
}

TEST_F(AnswerShardTest, APurgeMissesNothingThatWasThereWhenItBegan) {
    shard.bound(100'000'000, now, gone);
    for (std::uint64_t i = 0; i < 5'000; ++i) {
        keep(i, answer_of(10));
    }
    AnswerShard::Sweep sweep;
    std::uint64_t next = 100'000;
    while (shard.purge({}, sweep, gone)) {
        for (int i = 0; i < 400 && next < 120'000; ++i) {
            keep(next++, answer_of(10));
            has(next % 5'000);
            if (next % 7 == 0) {
                shard.forget(digest_of(next * 31 % 5'000), gone);
            }
        }
    }
    for (std::uint64_t i = 0; i < 5'000; ++i) {
        ASSERT_FALSE(has(i)) << i;
    }
}

TEST_F(AnswerShardTest, APurgeOfSomeTakesThemAllWhileOthersComeGoAndMove) {
    const auto filed = [](const std::string& model) {
        AnswerOrigin origin;
        origin.model = model;
        KeptAnswer answer;
        answer.bytes.assign(1'000, 'x');
        answer.origin = std::make_shared<const AnswerOrigin>(std::move(origin));
        answer.expires_at = now + std::chrono::hours(1);
        return std::make_shared<const KeptAnswer>(std::move(answer));
    };
    const auto size = bytes_of(*filed("stays"));
    shard.bound(4'000 * size, now, gone);
    for (std::uint64_t i = 0; i < 4'000; ++i) {
        keep(i, filed(i % 3 == 0 ? "goes" : "stays"));
        has(i / 2);
    }
    std::mt19937 random(11);
    AnswerShard::Sweep sweep;
    std::uint64_t next = 10'000;
    while (shard.purge({std::nullopt, "goes", std::nullopt}, sweep, gone)) {
        for (int i = 0; i < 300; ++i) {
            keep(random() % 2 == 0 ? next++ : random() % 4'000, filed("stays"));  // drives out, or replaces
            has(random() % 4'000);
        }
        gone.clear();
    }
    EXPECT_FALSE(shard.models().contains("goes"));
    EXPECT_EQ(shard.models().at("stays").entries, shard.entries());
    EXPECT_EQ(shard.models().at("stays").bytes, shard.bytes());
    purge({});
    EXPECT_EQ(shard.entries(), 0U);
    EXPECT_EQ(shard.bytes(), 0U);
    EXPECT_TRUE(shard.models().empty());
}

TEST_F(AnswerShardTest, WhoOnlyLooksAsksForNothing) {
    const auto size = bytes_of(*answer_of(5'000));
    shard.bound(20 * size, now, gone);
    keep(1, answer_of(5'000));
    EXPECT_NE(shard.peek(digest_of(1), now), nullptr);
    EXPECT_EQ(shard.peek(digest_of(1), now + std::chrono::hours(1)), nullptr) << "its time is over";
    EXPECT_EQ(shard.entries(), 1U);
    EXPECT_EQ(shard.counts().expired, 0U);
    for (std::uint64_t i = 2; i < 40; ++i) {
        keep(i, answer_of(5'000));
    }
    EXPECT_FALSE(has(1)) << "nobody has asked for it";
}

/// What most caches do: the answer that nobody has asked for the longest goes.
class PlainLru {
public:
    explicit PlainLru(std::size_t entries) : most_(entries) {}
    bool ask(std::uint64_t number) {
        const auto found = places_.find(number);
        if (found != places_.end()) {
            order_.splice(order_.begin(), order_, found->second);
            return true;
        }
        order_.push_front(number);
        places_[number] = order_.begin();
        if (order_.size() > most_) {
            places_.erase(order_.back());
            order_.pop_back();
        }
        return false;
    }

private:
    std::size_t most_;
    std::list<std::uint64_t> order_;
    std::unordered_map<std::uint64_t, std::list<std::uint64_t>::iterator> places_;
};

/// Numbers as often as Zipf has it, the first one most.
class Zipf {
public:
    Zipf(std::size_t count, double skew) {
        double sum = 0;
        for (std::size_t i = 0; i < count; ++i) {
            sum += 1 / std::pow(static_cast<double>(i + 1), skew);
            sums_.push_back(sum);
        }
    }
    std::uint64_t draw(std::mt19937_64& random) const {
        const double at = std::uniform_real_distribution<double>(0, sums_.back())(random);
        return static_cast<std::uint64_t>(std::lower_bound(sums_.begin(), sums_.end(), at) - sums_.begin());
    }

private:
    std::vector<double> sums_;
};

struct HitRates {
    double ours{0};
    double lru{0};
};

/// Both have room for `room` answers of one size. Numbers above `counted` are asked for, and not counted.
HitRates replay(const std::vector<std::uint64_t>& trace, std::size_t room, std::uint64_t counted) {
    const auto answer = answer_of(1'000);
    AnswerShard shard(room * bytes_of(*answer));
    PlainLru lru(room);
    std::vector<AnswerShard::Gone> gone;
    std::size_t asked = 0;
    std::size_t ours = 0;
    std::size_t plain = 0;
    for (const auto number : trace) {
        const auto digest = digest_of(number);
        const bool hit = shard.find(digest, now, gone) != nullptr;
        if (!hit) {
            shard.keep(digest, std::nullopt, answer, now, gone);
        }
        const bool lru_hit = lru.ask(number);
        if (number < counted) {
            ++asked;
            ours += hit ? 1 : 0;
            plain += lru_hit ? 1 : 0;
        }
        gone.clear();
    }
    const auto share = [&](std::size_t hits) {
        return static_cast<double>(hits) / static_cast<double>(asked);
    };
    return {share(ours), share(plain)};
}

void report(const char* what, const HitRates& rates) {
    std::printf("%s: hit rate %.3f, plain LRU %.3f\n", what, rates.ours, rates.lru);
    testing::Test::RecordProperty(std::string(what) + " hits", std::to_string(rates.ours));
}

constexpr std::size_t questions = 20'000;
constexpr std::size_t room = 1'000;

TEST(AnswerShardTraces, KeepsMoreOfAZipfTraceThanPlainLru) {
    const Zipf zipf(questions, 0.9);
    std::mt19937_64 random(1);
    std::vector<std::uint64_t> trace;
    for (int i = 0; i < 200'000; ++i) {
        trace.push_back(zipf.draw(random));
    }
    const auto rates = replay(trace, room, questions);
    report("zipf", rates);
    EXPECT_GT(rates.ours, rates.lru);
}

TEST(AnswerShardTraces, IsNotFlushedByAFloodOfRequestsThatAreMadeOnce) {
    const Zipf zipf(questions, 0.9);
    std::mt19937_64 random(2);
    std::vector<std::uint64_t> trace;
    std::uint64_t once = questions;
    for (int i = 0; i < 200'000; ++i) {
        trace.push_back(zipf.draw(random));
        // A batch runs through every 20,000 requests: five times the room, each asked for once.
        if (i % 20'000 == 19'999) {
            for (std::size_t j = 0; j < 5 * room; ++j) {
                trace.push_back(once++);
            }
        }
        // And a third of all traffic is never repeated.
        if (i % 2 == 0) {
            trace.push_back(once++);
        }
    }
    const auto rates = replay(trace, room, questions);
    report("zipf with scans", rates);
    EXPECT_GT(rates.ours, rates.lru * 1.1);
}

}  // namespace
}  // namespace gatehouse::store

#include "pipeline/recording_sink.hpp"

#include "support/event_loop.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::pipeline {
namespace {

class CountingSink : public chat::ReplySink {
public:
    void head(chat::ReplyHead) override {}
    Task<Status> push(std::span<const chat::Delta> run) override {
        for (const auto& delta : run) {
            bytes += delta.bytes.size();
        }
        co_return done();
    }
    Task<Status> finish() override { co_return done(); }
    Task<Status> fail(const Problem&) override { co_return done(); }
    bool content_sent() const noexcept override { return bytes != 0; }

    std::size_t bytes{0};
};

/// Looks at the room while it gets the reply.
class KeeperOfTexts : public ReplyKeeper {
public:
    explicit KeeperOfTexts(const RecordingRoom& room) : room_(room) {}
    void complete(std::string bytes) override {
        taken = room_.taken();
        texts.push_back(std::move(bytes));
    }

    std::vector<std::string> texts;
    std::size_t taken{0};

private:
    const RecordingRoom& room_;
};

struct RecordingSinkTest : testing::Test {
    std::unique_ptr<RecordingSink> sink() {
        return std::make_unique<RecordingSink>(client, keeper, 1'000, room);
    }
    static void push(RecordingSink& sink, std::string_view bytes,
                     chat::DeltaKind kind = chat::DeltaKind::content) {
        const chat::Delta delta{kind, bytes};
        EXPECT_TRUE(test::run(sink.push(std::span(&delta, 1))));
    }

    RecordingRoom room{2'000};
    CountingSink client;
    KeeperOfTexts keeper{room};
};

TEST_F(RecordingSinkTest, WritesDownAReplyUntilItIsComplete) {
    const auto one = sink();
    push(*one, "Hel");
    push(*one, "lo");
    EXPECT_TRUE(keeper.texts.empty());
    push(*one, ".", chat::DeltaKind::end);
    push(*one, "behind", chat::DeltaKind::usage);
    EXPECT_EQ(keeper.texts, std::vector<std::string>{"Hello."});
    EXPECT_GE(keeper.taken, 6U) << "it takes room until somebody has it";
    EXPECT_EQ(room.taken(), 0U);
}

TEST_F(RecordingSinkTest, TakesNoMoreRoomThanThereIsForAll) {
    const std::string half(500, 'x');
    std::vector<std::unique_ptr<RecordingSink>> all;
    for (int i = 0; i < 10; ++i) {
        all.push_back(sink());
        push(*all.back(), half);
        EXPECT_LE(room.taken(), 2'000U);
    }
    EXPECT_EQ(room.refused(), 6U);
    for (const auto& each : all) {
        push(*each, ".", chat::DeltaKind::end);
    }
    EXPECT_LT(keeper.texts.size(), 4U) << "they grow past their room too";
    EXPECT_GT(keeper.texts.size(), 0U);
    EXPECT_EQ(client.bytes, 10U * 501U) << "clients get their replies all the same";
    EXPECT_EQ(room.taken(), 0U);
}

TEST_F(RecordingSinkTest, GivesItsRoomBackOnEveryWayOut) {
    {
        const auto left = sink();
        push(*left, "its client leaves");
        EXPECT_GT(room.taken(), 0U);
    }
    EXPECT_EQ(room.taken(), 0U);
    const auto too_long = sink();
    push(*too_long, std::string(600, 'x'));
    push(*too_long, std::string(600, 'x'));
    EXPECT_EQ(room.taken(), 0U);
    const auto other = sink();
    push(*other, "a");
    chat::ReplyHead head;
    head.content_type = "audio/mpeg";
    other->head(head);
    EXPECT_EQ(room.taken(), 0U);
    const auto opaque = sink();
    push(*opaque, "a");
    push(*opaque, "b", chat::DeltaKind::opaque);
    EXPECT_EQ(room.taken(), 0U);
    const auto endless = sink();
    push(*endless, "a");
    endless->ended();
    EXPECT_EQ(keeper.texts, std::vector<std::string>{"a"});
    EXPECT_EQ(room.taken(), 0U);
}

TEST_F(RecordingSinkTest, ASmallerBoundHoldsAtOnce) {
    const auto before = sink();
    push(*before, std::string(500, 'x'));
    room.bound(100);
    const auto behind = sink();
    push(*behind, "a");
    EXPECT_EQ(room.refused(), 1U);
    push(*before, "", chat::DeltaKind::end);
    EXPECT_EQ(keeper.texts.size(), 1U) << "what is taken stays so";
}

}  // namespace
}  // namespace gatehouse::pipeline

// One call for requests of two lanes, each with its own thread, and clients that leave at any moment: whoever
// stays gets all of it, and somebody's row has the call. Worth most under ThreadSanitizer.
#include "small_model.hpp"
#include "support/eventually.hpp"

#include "gatehouse/net/lane.hpp"
#include "gatehouse/net/signal.hpp"
#include "gatehouse/net/unless.hpp"
#include "gatehouse/pipeline/stages.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace gatehouse::pipeline {
namespace {

using std::chrono::microseconds;

constexpr int word_count = 20;
constexpr int stays = -1;
constexpr PicoUsd price{7};

std::string all_words() {
    std::string all;
    for (int i = 0; i < word_count; ++i) {
        all += std::to_string(i) + ' ';
    }
    return all;
}

/// What the threads of a round have in common.
struct Round {
    std::atomic<bool> answers{false};  // until then the provider says nothing
    std::atomic<int> calls{0};
    std::atomic<int> closed{0};  // clients whose rows are written
};

/// Says its words with pauses, once it may.
class TalkingStage : public Stage {
public:
    TalkingStage(Clock& clock, Round*& round) : clock_(clock), round_(round) {}
    Task<Result<Outcome>> run(Exchange& x, Next) override {
        ++round_->calls;
        x.trail.attempts.push_back({"up", "real", "first", 200, {}});
        x.trail.attempts.back().cost = price;
        telemetry::add_up_cost(x.trail);
        while (!round_->answers) {
            co_await pause();
        }
        for (int i = 0; i < word_count; ++i) {
            const auto word = std::to_string(i) + ' ';
            const chat::Delta delta{chat::DeltaKind::content, word};
            auto pushed = co_await x.sink.push(std::span(&delta, 1));
            if (!pushed) {
                co_return std::move(pushed.problem());
            }
            if (i % 3 == 0) {
                co_await pause();
            }
        }
        co_return Outcome{};
    }

private:
    Task<void> pause() { return clock_.sleep_until(clock_.now() + microseconds(50)); }
    Clock& clock_;
    Round*& round_;
};

/// A client of one lane, which leaves after so many pushes.
struct Client : chat::ReplySink {
    explicit Client(int pushes) : leaves_after(pushes) {}

    void head(chat::ReplyHead) override {}
    Task<Status> push(std::span<const chat::Delta> run) override {
        for (const auto& delta : run) {
            text += delta.bytes;
        }
        if (++pushes == leaves_after) {
            gone.raise();
        }
        co_return done();
    }
    Task<Status> finish() override { co_return done(); }
    Task<Status> fail(const Problem&) override { co_return done(); }
    bool content_sent() const noexcept override { return !text.empty(); }

    const int leaves_after;
    int pushes{0};
    net::Signal gone;
    std::string text;
    std::optional<Result<Outcome>> outcome;  // absent: it has left
    telemetry::Trail row;
};

/// Writes a client's row, however its request ends: at once, or when the cost of its call is known.
class Row {
public:
    Row(Client& client, Round& round) : client_(client), round_(round) {}
    Row(const Row&) = delete;
    Row& operator=(const Row&) = delete;
    ~Row() {
        const auto close = [&client = client_, &round = round_](telemetry::Trail&& closed) {
            client.row = std::move(closed);
            ++round.closed;
        };
        if (const auto late = std::move(trail.late_costs)) {
            late->close_with(std::move(trail), close);
        } else {
            close(std::move(trail));
        }
    }
    telemetry::Trail trail;

private:
    Client& client_;
    Round& round_;
};

Task<void> send(std::shared_ptr<const Settings> settings, Next stages, Client& client, Round& round) {
    Row row(client, round);
    auto x = small_request(settings, "one", client, row.trail);
    x.request.stream = true;
    auto work = stages(x);
    auto leaves = client.gone.wait();
    auto outcome = co_await net::unless(std::move(work), std::move(leaves));
    if (outcome) {
        client.outcome.emplace(std::move(*outcome));
    }
}

struct WorkingLane {
    WorkingLane(CoalescingTable& table, CacheTally& tally, Round*& round) {
        stages.push_back(std::make_unique<CoalesceStage>(lane, table, tally));
        stages.push_back(std::make_unique<TalkingStage>(lane.clock(), round));
        thread = std::thread([this] { lane.run(); });
    }
    ~WorkingLane() {
        lane.stop();
        thread.join();
    }
    net::Lane lane;
    std::vector<std::unique_ptr<Stage>> stages;
    std::thread thread;
};

struct CoalesceLanesTest : testing::Test {
    CoalesceLanesTest() {
        for (auto& lane : lanes) {
            lane = std::make_unique<WorkingLane>(table, tally, round);
        }
    }

    /// Clients that leave after so many pushes: 0 is before there are any. The first one opens the call, and
    /// lane after lane has the next.
    void play(const std::vector<int>& leaving, std::size_t first_lane) {
        Round now;
        round = &now;
        std::list<Client> clients;
        std::size_t at = first_lane;
        for (const int pushes : leaving) {
            auto& client = clients.emplace_back(pushes);
            auto& working = *lanes[at++ % lanes.size()];
            working.lane.post([this, &working, &client, &now] {
                working.lane.spawn(send(settings, Next(working.stages), client, now));
            });
            ASSERT_TRUE(test::eventually([&] { return table.readers() == clients.size(); }));
        }
        ASSERT_TRUE(test::eventually([&] { return now.calls == 1; }));
        std::size_t staying = clients.size();
        at = first_lane;
        for (auto& client : clients) {
            auto& lane = lanes[at++ % lanes.size()]->lane;
            if (client.leaves_after == 0) {
                --staying;
                lane.post([&client] { client.gone.raise(); });
            }
        }
        ASSERT_TRUE(test::eventually([&] { return table.readers() == staying; }));
        now.answers = true;
        const int count = static_cast<int>(clients.size());
        ASSERT_TRUE(test::eventually([&] { return now.closed == count; })) << now.closed;
        ASSERT_TRUE(test::eventually([&] { return table.size() == 0 && table.readers() == 0; }));
        EXPECT_EQ(now.calls, 1);
        check(clients);
    }

    static void check(const std::list<Client>& clients) {
        const auto said = all_words();
        std::size_t payers = 0;
        for (const auto& client : clients) {
            if (client.leaves_after == stays) {
                EXPECT_TRUE(client.outcome && *client.outcome);
                EXPECT_EQ(client.text, said);
            } else {
                EXPECT_TRUE(said.starts_with(client.text)) << client.text;
            }
            payers += client.row.attempts.size();
        }
        EXPECT_EQ(payers, 1U);
        const auto& payer = clients.front().row;
        ASSERT_EQ(payer.attempts.size(), 1U) << "the first one's, though it leaves";
        EXPECT_EQ(payer.cost, price);
    }

    Round* round{nullptr};
    CoalescingTable table;
    CacheTally tally;
    std::shared_ptr<const Settings> settings{small_model(policy::CacheOptions{})};
    std::array<std::unique_ptr<WorkingLane>, 2> lanes;
};

TEST_F(CoalesceLanesTest, WhoeverStaysGetsAllOfIt) {
    const std::vector<std::vector<int>> patterns{
        {stays, stays, stays, stays, stays, stays},  // nobody leaves
        {0, stays, stays, stays, stays, stays},      // the first, before the answer
        {1, stays, stays, stays, stays, stays},      // or in its middle
        {stays, 0, 0, 0, 0, 0},                      // all but the first
        {stays, 1, 1, 2, 2, 1},
        {0, 0, 0, 0, 0, stays},  // all but the last, of the other lane
        {1, 2, 1, 2, 1, stays},
        {0, stays},
        {stays},
    };
    for (std::size_t first_lane = 0; first_lane < lanes.size(); ++first_lane) {
        for (const auto& pattern : patterns) {
            SCOPED_TRACE(testing::PrintToString(pattern));
            play(pattern, first_lane);
            ASSERT_FALSE(HasFatalFailure());
        }
    }
}

TEST_F(CoalesceLanesTest, TheCallGoesWithTheLastOfThem) {
    for (std::size_t first_lane = 0; first_lane < lanes.size(); ++first_lane) {
        for (const auto& pattern :
             std::vector<std::vector<int>>{{0}, {0, 0}, {0, 0, 0, 0, 0, 0}, {1, 1, 1, 1}, {1, 0, 1, 0}}) {
            SCOPED_TRACE(testing::PrintToString(pattern));
            play(pattern, first_lane);
            ASSERT_FALSE(HasFatalFailure());
        }
    }
}

TEST_F(CoalesceLanesTest, TheyMayLeaveInAnyPattern) {
    constexpr int rounds = 150;
    std::mt19937 random(1);
    for (int i = 0; i < rounds; ++i) {
        std::vector<int> pattern(1 + random() % 8);
        for (int& pushes : pattern) {
            const int drawn = static_cast<int>(random() % 6);
            pushes = drawn > 3 ? stays : drawn;
        }
        SCOPED_TRACE(testing::PrintToString(pattern));
        play(pattern, random() % lanes.size());
        ASSERT_FALSE(HasFatalFailure());
    }
}

}  // namespace
}  // namespace gatehouse::pipeline

#include "app/live_board.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace gatehouse::app {
namespace {

Snapshot with_lanes(std::size_t lanes) {
    server::ServerOptions options;
    options.lanes = lanes;
    Snapshot snapshot;
    snapshot.live.options = std::make_shared<const server::ServerOptions>(options);
    return snapshot;
}

TEST(LaneView, SeesWhatWasPostedBeforeAndAfterItWasMade) {
    LiveBoard board;
    board.post(with_lanes(1));
    LaneView view(board);
    EXPECT_EQ(view.current().live.options->lanes, 1U);
    board.post(with_lanes(2));
    EXPECT_EQ(view.current().live.options->lanes, 2U);
}

TEST(LaneView, ReadsTheBoardOnlyWhenThereIsNews) {
    LiveBoard board;
    board.post(with_lanes(1));
    LaneView view(board);
    const auto* const first = view.current().live.options.get();
    EXPECT_EQ(view.current().live.options.get(), first);
    EXPECT_EQ(view.current().live.options.use_count(), 2)
        << "the board's and the view's, none made on the way";
}

TEST(LaneView, LetsGoOfWhatIsInForceNoMore) {
    LiveBoard board;
    board.post(with_lanes(1));
    LaneView view(board);
    const std::weak_ptr<const server::ServerOptions> old = view.current().live.options;
    board.post(with_lanes(2));
    view.current();
    EXPECT_TRUE(old.expired());
}

TEST(LaneView, NeverGoesBackWhileAnotherThreadPosts) {
    constexpr std::size_t posts = 2'000;
    LiveBoard board;
    board.post(with_lanes(0));
    std::thread poster([&board] {
        for (std::size_t i = 1; i <= posts; ++i) {
            board.post(with_lanes(i));
        }
    });
    LaneView view(board);
    std::size_t newest = 0;
    bool went_back = false;
    while (newest < posts && !went_back) {
        const std::size_t seen = view.current().live.options->lanes;
        went_back = seen < newest;
        newest = seen;
    }
    poster.join();
    EXPECT_FALSE(went_back);
}

}  // namespace
}  // namespace gatehouse::app

#include "net/tcp_stream.hpp"

#include "support/event_loop.hpp"

#include "gatehouse/net/lane.hpp"
#include "gatehouse/net/unless.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <vector>

namespace gatehouse::net {
namespace {

using namespace std::chrono_literals;
using test::run_on;

/// Both ends of a connection on one lane.
class TwoEnds : public testing::Test {
protected:
    TwoEnds() {
        boost::asio::ip::tcp::acceptor acceptor(lane.context(),
                                                Endpoint(boost::asio::ip::address_v4::loopback(), 0));
        Socket far(lane.context().get_executor());
        far.connect(acceptor.local_endpoint());
        Socket near(lane.context().get_executor());
        acceptor.accept(near);
        here = std::make_unique<TcpStream>(std::move(near), "127.0.0.1");
        there = std::make_unique<TcpStream>(std::move(far), "127.0.0.1");
    }

    Result<std::string> read(TcpStream& from) { return run_on(lane, text_from(from)); }
    Status write(TcpStream& to, std::span<const std::string_view> pieces) {
        return run_on(lane, to.write(pieces));
    }
    Status write(TcpStream& to, std::string_view text) {
        const std::array<std::string_view, 1> pieces = {text};
        return write(to, pieces);
    }
    Instant in(std::chrono::milliseconds delay) { return lane.clock().now() + delay; }

    static Task<Result<std::string>> text_from(TcpStream& from) {
        std::array<char, 4096> buffer;
        const Result<std::size_t> count = co_await from.read_some(buffer);
        if (!count) {
            co_return count.problem();
        }
        co_return std::string(buffer.data(), *count);
    }

    Lane lane;
    std::unique_ptr<TcpStream> here;
    std::unique_ptr<TcpStream> there;
};

TEST_F(TwoEnds, CarryManyPiecesInOrder) {
    std::vector<std::string> texts;
    std::string all;
    for (int i = 0; i < 300; ++i) {
        texts.push_back(i % 7 == 0 ? std::string() : std::to_string(i) + " ");
        all += texts.back();
    }
    const std::vector<std::string_view> pieces(texts.begin(), texts.end());
    ASSERT_TRUE(write(*here, pieces));
    std::string seen;
    while (seen.size() < all.size()) {
        const auto part = read(*there);
        ASSERT_TRUE(part);
        ASSERT_FALSE(part->empty());
        seen += *part;
    }
    EXPECT_EQ(seen, all);
}

Task<Result<std::string>> read_in_small_pieces(TcpStream& from, std::size_t size, int& reads) {
    std::string all;
    std::array<char, 7> piece;
    while (all.size() < size) {
        const Result<std::size_t> count = co_await from.read_some(piece);
        if (!count) {
            co_return count.problem();
        }
        ++reads;
        all.append(piece.data(), *count);
    }
    co_return all;
}

TEST_F(TwoEnds, LetTheLaneTurnThoughTheBytesOfAReaderAreAllThere) {
    const std::string text(7'000, 'x');
    ASSERT_TRUE(write(*there, text));
    int reads = 0;
    int turns = 0;
    std::function<void()> turn = [&] {
        ++turns;
        if (reads < 1'000) {
            lane.post(turn);
        }
    };
    lane.post(turn);
    const auto all = run_on(lane, read_in_small_pieces(*here, text.size(), reads));
    ASSERT_TRUE(all);
    EXPECT_EQ(*all, text);
    EXPECT_EQ(reads, 1'000);
    EXPECT_GT(turns, 30);
}

TEST_F(TwoEnds, FailAReadThatExpectsMoreAtItsDeadlineToo) {
    ASSERT_TRUE(write(*there, std::string(7, 'x')));
    int reads = 0;
    here->read_deadline(in(20ms));
    const auto text = run_on(lane, read_in_small_pieces(*here, 8, reads));
    ASSERT_FALSE(text);
    EXPECT_EQ(text.problem().kind(), ProblemKind::timed_out);
    EXPECT_EQ(reads, 1);
}

TEST_F(TwoEnds, SayTheEndBehindBytesThatFilledTheBuffer) {
    ASSERT_TRUE(write(*there, std::string(7, 'x')));
    run_on(lane, there->shutdown_send());
    std::array<char, 7> piece;
    const auto bytes = run_on(lane, here->read_some(piece));
    ASSERT_TRUE(bytes);
    EXPECT_EQ(*bytes, 7U);
    const auto end = run_on(lane, here->read_some(piece));
    ASSERT_TRUE(end);
    EXPECT_EQ(*end, 0U);
}

TEST_F(TwoEnds, SayTheEndWhenThePeerHasNoMoreToSayAndGoOnWriting) {
    run_on(lane, there->shutdown_send());
    const auto end = read(*here);
    ASSERT_TRUE(end);
    EXPECT_EQ(*end, "");
    ASSERT_TRUE(write(*here, "still"));
    EXPECT_EQ(*read(*there), "still");
}

TEST_F(TwoEnds, FailAReadWhoseDeadlinePasses) {
    here->read_deadline(in(20ms));
    const auto began = lane.clock().now();
    const auto text = read(*here);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.problem().kind(), ProblemKind::timed_out);
    EXPECT_GE(lane.clock().now() - began, 20ms);
}

TEST_F(TwoEnds, GoOnAfterATimeOutWhenTheDeadlineIsLifted) {
    here->read_deadline(in(5ms));
    ASSERT_FALSE(read(*here));
    here->read_deadline(never);
    ASSERT_TRUE(write(*there, "late"));
    EXPECT_EQ(*read(*here), "late");
}

TEST_F(TwoEnds, ObeyAnEarlierDeadlineSetWhileTheReadIsPending) {
    here->read_deadline(in(1h));
    lane.after(5ms, [this] { here->read_deadline(in(5ms)); });
    const auto text = read(*here);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.problem().kind(), ProblemKind::timed_out);
}

TEST_F(TwoEnds, ObeyALaterDeadlineSetWhileTheReadIsPending) {
    here->read_deadline(in(20ms));
    lane.after(5ms, [this] { here->read_deadline(in(1h)); });
    lane.after(60ms, [this] { there->close(); });
    const auto text = read(*here);
    ASSERT_TRUE(text) << text.problem().message();
    EXPECT_EQ(*text, "");
}

TEST_F(TwoEnds, FailAWriteToAPeerThatDoesNotRead) {
    const std::string much(64UL * 1024 * 1024, 'm');
    here->write_deadline(in(50ms));
    const Status sent = write(*here, much);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.problem().kind(), ProblemKind::timed_out);
}

TEST_F(TwoEnds, LeaveAPendingReadAloneWhenTheWriteTimesOut) {
    const std::string much(64UL * 1024 * 1024, 'm');
    here->write_deadline(in(20ms));
    Result<std::string> heard = Problem(ProblemKind::internal, "not read");
    const auto listen = [](TcpStream& from, Result<std::string>& into) -> Task<void> {
        Result<std::string> text = co_await text_from(from);
        into = std::move(text);
    };
    lane.spawn(listen(*here, heard));
    ASSERT_FALSE(write(*here, much));
    ASSERT_TRUE(write(*there, "heard"));
    run_on(lane, lane.clock().sleep_until(in(20ms)));
    ASSERT_TRUE(heard) << heard.problem().message();
    EXPECT_EQ(*heard, "heard");
}

TEST_F(TwoEnds, LoseNothingWhenAReadIsCancelled) {
    EXPECT_FALSE(run_on(lane, unless(text_from(*here), lane.clock().sleep_until(in(5ms)))));
    ASSERT_TRUE(write(*there, "kept"));
    EXPECT_EQ(*read(*here), "kept");
}

TEST_F(TwoEnds, FailAPendingReadWhenTheStreamIsClosed) {
    lane.after(5ms, [this] { here->close(); });
    const auto text = read(*here);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.problem().kind(), ProblemKind::closed);
    EXPECT_FALSE(write(*here, "x"));
}

TEST_F(TwoEnds, TellThatThePeerHasLeftThoughItsBytesAreUnread) {
    ASSERT_TRUE(write(*there, "x"));
    EXPECT_FALSE(here->peer_left());
    there->close();
    EXPECT_TRUE(here->peer_left());
    EXPECT_EQ(*read(*here), "x");
}

TEST_F(TwoEnds, AreQuietUntilAByteOrTheEndHasCome) {
    EXPECT_TRUE(here->is_quiet());
    ASSERT_TRUE(write(*there, "x"));
    EXPECT_FALSE(here->is_quiet());
    EXPECT_EQ(*read(*here), "x");
    EXPECT_TRUE(here->is_quiet());
    there->close();
    EXPECT_FALSE(here->is_quiet());
}

}  // namespace
}  // namespace gatehouse::net

#include "gatehouse/net/http_client.hpp"

#include "support/event_loop.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include "gatehouse/net/lane.hpp"
#include "gatehouse/net/resolver.hpp"
#include "gatehouse/net/unless.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace gatehouse::net {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::FakeFault;
using test::FakeFraming;
using test::FakePiece;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;
using test::run_on;

struct Whole {
    int status{0};
    std::string body;
};

Task<Result<std::string>> body_of(HttpReply& reply) {
    std::string body;
    while (true) {
        const Result<std::string_view> part = co_await reply.next();
        if (!part) {
            co_return part.problem();
        }
        if (part->empty()) {
            co_return std::move(body);
        }
        body.append(*part);
    }
}

/// The client under test on its lane, and a call that a test may change before it is made.
class Client : public testing::Test {
protected:
    Client() : client(lane, resolver, HttpClientOptions()) {
        call.target = "/v1/chat/completions";
        call.fields = "content-type: application/json\r\n";
        call.body = pieces;
    }

    static Origin origin_of(const FakeUpstream& upstream, std::string ca_file = std::string()) {
        const auto url = parse_base_url(upstream.base_url());
        EXPECT_TRUE(url);
        Origin origin = url->origin;
        origin.ca_file = std::move(ca_file);
        return origin;
    }

    static Task<Result<Whole>> whole(HttpClient& http, Origin origin, HttpCall& what) {
        auto reply = co_await http.send(origin, what);
        if (!reply) {
            co_return reply.problem();
        }
        HttpReply& arrived = **reply;
        Result<std::string> body = co_await body_of(arrived);
        if (!body) {
            co_return body.problem();
        }
        Whole answer;
        answer.status = arrived.head().status;
        answer.body = std::move(*body);
        co_return std::move(answer);
    }

    Result<Whole> ask(const Origin& origin) { return run_on(lane, whole(client, origin, call)); }
    Result<Whole> ask(const FakeUpstream& upstream) { return ask(origin_of(upstream)); }

    void expect_problem(const Result<Whole>& answer, ProblemKind kind) {
        ASSERT_FALSE(answer) << answer->body.substr(0, 200);
        EXPECT_EQ(answer.problem().kind(), kind) << answer.problem().message();
    }

    Lane lane;
    Resolver resolver;
    HttpClient client;
    std::array<std::string_view, 2> pieces = {"{\"model\":", "\"m\"}"};
    HttpCall call;
};

TEST_F(Client, SendsHeadAndPiecesOfTheBodyAsTheyAre) {
    FakeUpstream upstream;
    upstream.push(FakeResponse::json("{\"ok\":true}"));
    const auto answer = ask(upstream);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "{\"ok\":true}");
    const auto seen = upstream.requests();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].method, "POST");
    EXPECT_EQ(seen[0].target, "/v1/chat/completions");
    EXPECT_EQ(seen[0].body, "{\"model\":\"m\"}");
    EXPECT_EQ(seen[0].field("content-length"), "13");
    EXPECT_EQ(seen[0].field("host"), "127.0.0.1:" + std::to_string(upstream.port()));
    EXPECT_EQ(seen[0].field("content-type"), "application/json");
}

TEST_F(Client, SendsNoLengthWithAGetThatHasNoBody) {
    FakeUpstream upstream;
    upstream.push(FakeResponse::json("{}"));
    call.method = "GET";
    call.body = {};
    ASSERT_TRUE(ask(upstream));
    EXPECT_FALSE(upstream.requests().at(0).field("content-length"));
}

TEST_F(Client, UsesAKeptConnectionForTheNextCall) {
    FakeUpstream upstream([](const FakeRequest&) { return FakeResponse::json("{}"); });
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(ask(upstream));
    }
    EXPECT_EQ(upstream.accepted(), 1U);
    EXPECT_EQ(client.counts().dialled, 1U);
    EXPECT_EQ(client.counts().reused, 4U);
    EXPECT_EQ(client.counts().idle, 1U);
    EXPECT_EQ(client.counts().open, 1U);
    client.close_idle();
    EXPECT_EQ(client.counts().open, 0U);
    EXPECT_TRUE(eventually([&] { return upstream.open_connections() == 0; }));
}

TEST_F(Client, CountsEachOriginByItself) {
    FakeUpstream one([](const FakeRequest&) { return FakeResponse::json("{}"); });
    FakeUpstream other([](const FakeRequest&) { return FakeResponse::json("{}"); });
    ASSERT_TRUE(ask(one));
    ASSERT_TRUE(ask(one));
    ASSERT_TRUE(ask(other));
    const auto counts = client.counts_by_origin();
    ASSERT_EQ(counts.size(), 2U);
    EXPECT_EQ(counts[0].origin.port, one.port());
    EXPECT_EQ(counts[0].counts.dialled, 1U);
    EXPECT_EQ(counts[0].counts.reused, 1U);
    EXPECT_EQ(counts[0].counts.idle, 1U);
    EXPECT_EQ(counts[1].origin.port, other.port());
    EXPECT_EQ(counts[1].counts.dialled, 1U);
    EXPECT_EQ(counts[1].counts.reused, 0U);
    EXPECT_EQ(client.counts().open, 2U);
}

TEST_F(Client, ReadsChunkedAndUntilCloseBodies) {
    FakeUpstream upstream;
    FakeResponse chunked;
    chunked.framing = FakeFraming::chunked;
    chunked.body = {FakePiece("one "), FakePiece("two ", 5ms), FakePiece("three")};
    chunked.trailers = "x-late: 1\r\n";
    upstream.push(chunked);
    FakeResponse open_ended;
    open_ended.framing = FakeFraming::until_close;
    open_ended.body = {FakePiece("to the "), FakePiece("end", 5ms)};
    upstream.push(open_ended);
    const auto first = ask(upstream);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->body, "one two three");
    const auto second = ask(upstream);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->body, "to the end");
    EXPECT_EQ(client.counts().idle, 0U);
}

TEST_F(Client, ReadsABigBodyWhole) {
    const std::string big(5'000'000, 'b');
    FakeUpstream upstream([&big](const FakeRequest&) { return FakeResponse::json(big); });
    const auto answer = ask(upstream);
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->body == big);
    EXPECT_EQ(client.counts().idle, 1U);
}

TEST_F(Client, SendsABigBodyWhole) {
    FakeUpstream upstream([](const FakeRequest&) { return FakeResponse::json("{}"); });
    const std::string big(5'000'000, 'b');
    pieces = {big, "end"};
    ASSERT_TRUE(ask(upstream));
    EXPECT_TRUE(upstream.requests().at(0).body == big + "end");
    EXPECT_EQ(client.counts().idle, 1U);
}

TEST_F(Client, SkipsInterimResponses) {
    FakeUpstream upstream;
    FakeResponse response = FakeResponse::json("{}");
    response.interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
    upstream.push(response);
    const auto answer = ask(upstream);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
}

TEST_F(Client, GivesUpOnEndlessInterimResponses) {
    FakeUpstream upstream;
    FakeResponse response = FakeResponse::json("{}");
    for (int i = 0; i < 100; ++i) {
        response.interim += "HTTP/1.1 102 Processing\r\n\r\n";
    }
    upstream.push(response);
    expect_problem(ask(upstream), ProblemKind::upstream_protocol);
}

TEST_F(Client, DialsAgainOnceWhenTheKeptConnectionWasGone) {
    FakeUpstream upstream;
    upstream.push(FakeResponse::json("{\"n\":1}"));
    FakeResponse gone;
    gone.raw = " ";
    gone.fault = FakeFault::close;
    gone.at_byte = 0;
    upstream.push(gone);
    upstream.push(FakeResponse::json("{\"n\":2}"));
    ASSERT_TRUE(ask(upstream));
    const auto second = ask(upstream);
    ASSERT_TRUE(second) << second.problem().message();
    EXPECT_EQ(second->body, "{\"n\":2}");
    EXPECT_EQ(client.counts().redialled, 1U);
    EXPECT_EQ(upstream.requests().size(), 3U);
}

TEST_F(Client, DoesNotDialAgainWhenAFreshConnectionIsCut) {
    FakeUpstream upstream;
    FakeResponse gone;
    gone.raw = " ";
    gone.fault = FakeFault::close;
    gone.at_byte = 0;
    upstream.push(gone);
    expect_problem(ask(upstream), ProblemKind::upstream_lost);
    EXPECT_EQ(upstream.requests().size(), 1U);
}

TEST_F(Client, DoesNotDialAgainOnceAByteOfTheResponseHasCome) {
    FakeUpstream upstream;
    upstream.push(FakeResponse::json("{}"));
    FakeResponse torn = FakeResponse::json("{}");
    torn.fault = FakeFault::close;
    torn.at_byte = 5;
    upstream.push(torn);
    ASSERT_TRUE(ask(upstream));
    expect_problem(ask(upstream), ProblemKind::upstream_lost);
    EXPECT_EQ(client.counts().redialled, 0U);
}

TEST_F(Client, NoticesThatAnIdleConnectionWasClosedBeforeUsingIt) {
    FakeUpstream upstream([](const FakeRequest&) { return FakeResponse::json("{}"); });
    ASSERT_TRUE(ask(upstream));
    // The upstream may not have come round to waiting for the next request yet.
    const auto closed = [&] {
        upstream.close_idle();
        return upstream.open_connections() == 0;
    };
    ASSERT_TRUE(eventually(closed));
    ASSERT_TRUE(ask(upstream));
    EXPECT_EQ(client.counts().dialled, 2U);
    EXPECT_EQ(client.counts().reused, 0U);
}

TEST_F(Client, NeverReusesAConnectionOnWhichMoreCameThanTheResponse) {
    FakeUpstream upstream;
    FakeResponse doubled;
    doubled.raw =
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil";
    doubled.fault = FakeFault::stall;
    doubled.at_byte = doubled.raw.size();
    upstream.push(doubled);
    upstream.push(FakeResponse::json("{\"good\":1}"));
    const auto first = ask(upstream);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->body, "{}");
    const auto second = ask(upstream);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->body, "{\"good\":1}");
    EXPECT_EQ(client.counts().dialled, 2U);
}

TEST_F(Client, TakesARedirectForAProblem) {
    FakeUpstream upstream;
    FakeResponse redirect;
    redirect.status = 307;
    redirect.headers.emplace_back("location", "http://127.0.0.1:1/");
    upstream.push(redirect);
    const auto answer = ask(upstream);
    expect_problem(answer, ProblemKind::upstream_redirect);
    EXPECT_EQ(answer.problem().upstream_status(), 307);
}

TEST_F(Client, SaysThatTheConnectionWasRefused) {
    Origin nobody;
    {
        FakeUpstream upstream;
        nobody = origin_of(upstream);
    }
    const auto answer = ask(nobody);
    expect_problem(answer, ProblemKind::upstream_connect);
    EXPECT_EQ(answer.problem().message(), "connection refused");
}

TEST_F(Client, TriesEveryAddressOfAName) {
    FakeUpstream upstream([](const FakeRequest&) { return FakeResponse::json("{}"); });
    Resolver names(30s, [](const std::string&) {
        return Result<std::vector<std::string>>(std::vector<std::string>({"127.0.0.77", "127.0.0.1"}));
    });
    HttpClient by_name(lane, names, HttpClientOptions());
    Origin origin = origin_of(upstream);
    origin.host = "provider.example";
    ASSERT_TRUE(run_on(lane, whole(by_name, origin, call)));
}

TEST_F(Client, GivesUpConnectingWhenItsTimeIsOver) {
    // A queue of one that nobody empties: the kernel drops further attempts, like a host that is not there.
    boost::asio::io_context context;
    boost::asio::ip::tcp::acceptor full(context);
    const boost::asio::ip::tcp::endpoint any(boost::asio::ip::make_address("127.0.0.1"), 0);
    full.open(any.protocol());
    full.bind(any);
    full.listen(0);
    std::vector<boost::asio::ip::tcp::socket> waiting;
    for (int i = 0; i < 4; ++i) {
        waiting.emplace_back(context);
        waiting.back().open(any.protocol());
        waiting.back().native_non_blocking(true);
        const auto to = full.local_endpoint();
        // Asio's own connect() would wait for the answer.
        const int outcome =
            ::connect(waiting.back().native_handle(), to.data(), static_cast<socklen_t>(to.size()));
        EXPECT_TRUE(outcome == 0 || errno == EINPROGRESS);
    }
    Origin origin;
    origin.tls = false;
    origin.host = "127.0.0.1";
    origin.port = full.local_endpoint().port();
    call.timeouts.connect = 50ms;
    const auto answer = ask(origin);
    expect_problem(answer, ProblemKind::upstream_timeout);
    EXPECT_EQ(answer.problem().message(), "timed out after 50 ms connecting");
}

TEST_F(Client, GivesUpWhenTheHeadDoesNotComeInTime) {
    FakeUpstream upstream;
    FakeResponse late = FakeResponse::json("{}");
    late.head_delay = 30s;
    upstream.push(late);
    call.timeouts.first_byte = 50ms;
    const auto answer = ask(upstream);
    expect_problem(answer, ProblemKind::upstream_timeout);
    EXPECT_EQ(answer.problem().message(), "timed out after 50 ms waiting for the response head");
    EXPECT_TRUE(eventually([&] { return upstream.last_abandoned().has_value(); }));
}

TEST_F(Client, GivesUpWhenTheBodyFallsSilent) {
    FakeUpstream upstream;
    FakeResponse stalled = FakeResponse::events({"1", "2"}, 30s);
    upstream.push(stalled);
    call.timeouts.idle = 50ms;
    const auto answer = ask(upstream);
    expect_problem(answer, ProblemKind::upstream_timeout);
    EXPECT_EQ(answer.problem().message(), "timed out after 50 ms of silence in the response");
}

TEST_F(Client, GivesUpWhenTheTotalTimeIsOverAlthoughBytesKeepComing) {
    FakeUpstream upstream;
    upstream.push(FakeResponse::events(std::vector<std::string>(2000, "tick"), 5ms));
    call.timeouts.total = 100ms;
    const auto answer = ask(upstream);
    expect_problem(answer, ProblemKind::upstream_timeout);
    EXPECT_EQ(answer.problem().retry(), Retry::elsewhere);
}

TEST_F(Client, ObeysADeadlineThatIsTightenedWhileTheBodyComes) {
    FakeUpstream upstream;
    upstream.push(FakeResponse::events({"1", "2"}, 30s));
    const auto read_until_late = [](HttpClient& http, Origin origin, HttpCall& what,
                                    Clock& clock) -> Task<Result<std::string>> {
        auto reply = co_await http.send(origin, what);
        if (!reply) {
            co_return reply.problem();
        }
        HttpReply& arrived = **reply;
        arrived.read_by(clock.now() + 50ms);
        Result<std::string> body = co_await body_of(arrived);
        co_return body;
    };
    const auto body = run_on(lane, read_until_late(client, origin_of(upstream), call, lane.clock()));
    ASSERT_FALSE(body);
    EXPECT_EQ(body.problem().kind(), ProblemKind::upstream_timeout);
}

TEST_F(Client, ReportsABodyThatIsCut) {
    for (const FakeFault fault : {FakeFault::close, FakeFault::reset}) {
        FakeUpstream upstream;
        FakeResponse cut = FakeResponse::json(std::string(1000, 'x'));
        cut.fault = fault;
        cut.at_byte = 600;
        upstream.push(cut);
        expect_problem(ask(upstream), ProblemKind::upstream_lost);
    }
}

TEST_F(Client, ReportsAChunkedBodyThatEndsWithoutItsLastChunk) {
    FakeUpstream upstream;
    FakeResponse cut;
    cut.raw = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n";
    cut.fault = FakeFault::close;
    cut.at_byte = cut.raw.size();
    upstream.push(cut);
    expect_problem(ask(upstream), ProblemKind::upstream_lost);
}

TEST_F(Client, RefusesATrailerOf64KiBWithoutHarm) {
    FakeUpstream upstream;
    FakeResponse response;
    response.framing = FakeFraming::chunked;
    response.body = {FakePiece("{}")};
    response.trailers = "x-big: " + std::string(64 * 1024, 't') + "\r\n";
    upstream.push(response);
    upstream.push(FakeResponse::json("{}"));
    expect_problem(ask(upstream), ProblemKind::upstream_protocol);
    EXPECT_TRUE(ask(upstream));
}

TEST_F(Client, RefusesAHeadOverItsLimitAndBytesThatAreNoHttp) {
    FakeUpstream upstream;
    FakeResponse huge = FakeResponse::json("{}");
    huge.headers.emplace_back("x-big", std::string(128 * 1024, 'h'));
    upstream.push(huge);
    FakeResponse garbage;
    garbage.raw = "SSH-2.0-OpenSSH_9.2\r\n\r\n";
    upstream.push(garbage);
    expect_problem(ask(upstream), ProblemKind::upstream_protocol);
    expect_problem(ask(upstream), ProblemKind::upstream_protocol);
}

TEST_F(Client, ClosesTheConnectionAtOnceWhenTheReplyIsDropped) {
    FakeUpstream upstream;
    upstream.push(FakeResponse::events({"1", "2"}, 30s));
    const auto head_only = [](HttpClient& http, Origin origin, HttpCall& what) -> Task<int> {
        auto reply = co_await http.send(origin, what);
        co_return reply ? (*reply)->head().status : 0;
    };
    EXPECT_EQ(run_on(lane, head_only(client, origin_of(upstream), call)), 200);
    const auto dropped = std::chrono::steady_clock::now();
    ASSERT_TRUE(eventually([&] { return upstream.last_abandoned().has_value(); }));
    EXPECT_LT(*upstream.last_abandoned() - dropped, 100ms);
    EXPECT_EQ(client.counts().open, 0U);
}

TEST_F(Client, ClosesTheConnectionAtOnceWhenTheCallIsCancelledBeforeTheHead) {
    FakeUpstream upstream;
    FakeResponse late = FakeResponse::json("{}");
    late.head_delay = 30s;
    upstream.push(late);
    const auto soon = lane.clock().now() + 50ms;
    const auto answer =
        run_on(lane, unless(whole(client, origin_of(upstream), call), lane.clock().sleep_until(soon)));
    EXPECT_FALSE(answer);
    const auto cancelled = std::chrono::steady_clock::now();
    ASSERT_TRUE(eventually([&] { return upstream.last_abandoned().has_value(); }));
    EXPECT_LT(*upstream.last_abandoned() - cancelled, 100ms);
    EXPECT_EQ(client.counts().open, 0U);
}

TEST_F(Client, KeepsTheConnectionWhenTheReaderStopsJustBeforeTheLastChunk) {
    FakeUpstream upstream;
    FakeResponse response;
    response.raw = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\n[DONE]\r\n0\r\n\r\n";
    response.fault = FakeFault::stall;
    response.at_byte = response.raw.size();
    upstream.push(response);
    const auto first_part = [](HttpClient& http, Origin origin, HttpCall& what) -> Task<std::string> {
        auto reply = co_await http.send(origin, what);
        if (!reply) {
            co_return reply.problem().message();
        }
        HttpReply& arrived = **reply;
        const Result<std::string_view> part = co_await arrived.next();
        co_return part ? std::string(*part) : part.problem().message();
    };
    EXPECT_EQ(run_on(lane, first_part(client, origin_of(upstream), call)), "[DONE]");
    EXPECT_EQ(client.counts().idle, 1U);
}

TEST_F(Client, HandsOnChunksThatCameTogetherAsOnePart) {
    FakeUpstream upstream;
    FakeResponse response;
    response.raw =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n";
    upstream.push(response);
    const auto first_part = [](HttpClient& http, Origin origin, HttpCall& what) -> Task<std::string> {
        auto reply = co_await http.send(origin, what);
        if (!reply) {
            co_return reply.problem().message();
        }
        HttpReply& arrived = **reply;
        const Result<std::string_view> part = co_await arrived.next();
        co_return part ? std::string(*part) : part.problem().message();
    };
    EXPECT_EQ(run_on(lane, first_part(client, origin_of(upstream), call)), "abcdef");
}

/// A body given part by part.
class Parts final : public BodySource {
public:
    explicit Parts(std::vector<std::string> parts) : parts_(std::move(parts)) {}
    Task<Result<std::string_view>> next() override {
        co_return given < parts_.size() ? std::string_view(parts_[given++]) : std::string_view();
    }
    std::size_t given{0};

private:
    std::vector<std::string> parts_;
};

TEST_F(Client, StreamsABodyInChunksWhenItsSizeIsUnknown) {
    FakeUpstream upstream([](const FakeRequest&) { return FakeResponse::json("{}"); });
    Parts rest({"-one", "-two"});
    call.rest = &rest;
    const auto answer = ask(upstream);
    ASSERT_TRUE(answer) << answer.problem().message();
    const FakeRequest seen = upstream.requests().at(0);
    EXPECT_EQ(seen.body, "{\"model\":\"m\"}-one-two");
    EXPECT_EQ(seen.field("transfer-encoding"), "chunked");
    EXPECT_EQ(client.counts().idle, 1U);
}

TEST_F(Client, StreamsABodyOfKnownSizeUnderItsLength) {
    FakeUpstream upstream([](const FakeRequest&) { return FakeResponse::json("{}"); });
    Parts rest({"-one", "-two"});
    call.rest = &rest;
    call.size = 13 + 8;
    const auto answer = ask(upstream);
    ASSERT_TRUE(answer) << answer.problem().message();
    EXPECT_EQ(upstream.requests().at(0).body, "{\"model\":\"m\"}-one-two");
    EXPECT_EQ(upstream.requests().at(0).field("content-length"), "21");
}

TEST_F(Client, RefusesToSendABodyOfAnotherSizeThanAnnounced) {
    FakeUpstream upstream([](const FakeRequest&) { return FakeResponse::json("{}"); });
    Parts rest({"-one"});
    call.rest = &rest;
    call.size = 100;
    expect_problem(ask(upstream), ProblemKind::internal);
}

TEST_F(Client, DoesNotSendAStreamedBodyTwice) {
    FakeUpstream upstream;
    upstream.push(FakeResponse::json("{}"));
    FakeResponse gone;
    gone.raw = " ";
    gone.fault = FakeFault::close;
    gone.at_byte = 0;
    upstream.push(gone);
    ASSERT_TRUE(ask(upstream));
    Parts rest({"-one"});
    call.rest = &rest;
    expect_problem(ask(upstream), ProblemKind::upstream_lost);
    EXPECT_EQ(client.counts().redialled, 0U);
}

TEST_F(Client, TakesAnAnswerThatComesBeforeTheBodyIsSent) {
    FakeUpstream upstream;
    FakeResponse refusal = FakeResponse::json("{\"error\":\"too large\"}", 413);
    refusal.before_body = true;
    refusal.fault = FakeFault::stall;
    refusal.at_byte = 1'000'000;
    upstream.push(refusal);
    const std::string big(50'000'000, 'b');
    pieces = {big, ""};
    const auto answer = ask(upstream);
    ASSERT_TRUE(answer) << answer.problem().message();
    EXPECT_EQ(answer->status, 413);
    EXPECT_EQ(client.counts().idle, 0U);
}

class TlsClient : public Client {
protected:
    static FakeUpstream::Script ok() {
        return [](const FakeRequest&) { return FakeResponse::json("{}"); };
    }
    test::TestCa ca;
};

TEST_F(TlsClient, TrustsTheAuthorityOfTheCaFileAndSaysWhomItWants) {
    FakeUpstream upstream(ok(), ca.issue("DNS:localhost"));
    for (int i = 0; i < 3; ++i) {
        const auto answer = ask(origin_of(upstream, ca.ca_file()));
        ASSERT_TRUE(answer) << answer.problem().message();
    }
    EXPECT_EQ(upstream.requests().at(0).server_name, "localhost");
    EXPECT_EQ(client.counts().dialled, 1U);  // session tickets that came meanwhile do not count as data
}

TEST_F(TlsClient, VerifiesAnAddressAndSendsNoNameForIt) {
    FakeUpstream upstream(ok(), ca.issue("IP:127.0.0.1"));
    Origin origin = origin_of(upstream, ca.ca_file());
    origin.host = "127.0.0.1";
    const auto answer = ask(origin);
    ASSERT_TRUE(answer) << answer.problem().message();
    EXPECT_EQ(upstream.requests().at(0).server_name, "");
}

TEST_F(TlsClient, RefusesACertificateForAnotherName) {
    FakeUpstream upstream(ok(), ca.issue("DNS:other.example"));
    const auto answer = ask(origin_of(upstream, ca.ca_file()));
    expect_problem(answer, ProblemKind::upstream_tls);
    EXPECT_NE(answer.problem().message().find("certificate not accepted"), std::string::npos);
    EXPECT_TRUE(upstream.requests().empty());
}

TEST_F(TlsClient, RefusesAnAuthorityItDoesNotKnow) {
    FakeUpstream upstream(ok(), ca.issue("DNS:localhost"));
    expect_problem(ask(origin_of(upstream)), ProblemKind::upstream_tls);
    test::TestCa stranger;
    expect_problem(ask(origin_of(upstream, stranger.ca_file())), ProblemKind::upstream_tls);
    EXPECT_TRUE(upstream.requests().empty());
}

TEST_F(TlsClient, ReportsACaFileThatCannotBeRead) {
    FakeUpstream upstream(ok(), ca.issue("DNS:localhost"));
    expect_problem(ask(origin_of(upstream, "/nonexistent/ca.pem")), ProblemKind::upstream_tls);
}

TEST_F(TlsClient, ReportsAPeerThatSpeaksNoTls) {
    FakeUpstream plain(ok());
    Origin origin = origin_of(plain);
    origin.tls = true;
    expect_problem(ask(origin), ProblemKind::upstream_tls);
}

TEST_F(TlsClient, TakesACutWithoutCloseNotifyForALossNotForTheEnd) {
    FakeUpstream upstream(ok(), ca.issue("DNS:localhost"));
    FakeResponse cut;
    cut.raw = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"looks\":\"whole\"}";
    cut.fault = FakeFault::close;
    cut.at_byte = cut.raw.size();
    upstream.push(cut);
    expect_problem(ask(origin_of(upstream, ca.ca_file())), ProblemKind::upstream_lost);
}

TEST_F(TlsClient, CarriesBigBodiesBothWays) {
    const std::string big(3'000'000, 'b');
    FakeUpstream upstream([&big](const FakeRequest&) { return FakeResponse::json(big); },
                          ca.issue("DNS:localhost"));
    pieces = {big, "end"};
    const auto answer = ask(origin_of(upstream, ca.ca_file()));
    ASSERT_TRUE(answer) << answer.problem().message();
    EXPECT_TRUE(answer->body == big);
    EXPECT_TRUE(upstream.requests().at(0).body == big + "end");
}

}  // namespace
}  // namespace gatehouse::net

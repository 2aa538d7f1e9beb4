// Replies as they leave: the three sinks, and clients that leave or do not read.
#include "server_fixture.hpp"

namespace gatehouse::server {
namespace {

constexpr std::string_view event_a = "data: {\"a\":1}\n\n";
constexpr std::string_view event_b = "data: {\"b\":2}\n\n";
constexpr std::string_view done_event = "data: [DONE]\n\n";

/// Pushes runs one after another, each when its instant has come, then ends.
struct Play {
    struct Step {
        Milliseconds wait{0};
        std::vector<Delta> run;
    };
    std::vector<Step> steps;
    std::optional<Problem> problem;
    bool* unwound{nullptr};

    struct Unwound {
        bool* flag;
        ~Unwound() {
            if (flag != nullptr) {
                *flag = true;
            }
        }
    };

    static Task<Result<Outcome>> run(const Play& play, Exchange& x, Clock& clock) {
        const Unwound unwound{play.unwound};
        chat::ReplyHead head;
        head.processing_ms = "7";
        x.sink.head(std::move(head));
        for (const auto& step : play.steps) {
            if (step.wait.count() > 0) {
                co_await clock.sleep_until(clock.now() + step.wait);
            }
            auto pushed = co_await x.sink.push(step.run);
            if (!pushed) {
                co_return pushed.problem();
            }
        }
        if (play.problem) {
            co_return *play.problem;
        }
        co_return Outcome{};
    }
};

struct Streams : ServerTest {
    Streams() {
        script = [this](Exchange& x) { return Play::run(play, x, clock); };
    }
    std::shared_ptr<ClientEnd> start(std::string_view version = "1.1") {
        auto client = connect();
        auto request = post(chat_path, stream_body);
        request.replace(request.find("HTTP/1.1") + 5, 3, version);
        client->send(request);
        run();
        return client;
    }
    Play play;
};

TEST_F(Streams, LeaveAsOneChunkARunWithTheEndInTheLastWrite) {
    const std::string both = std::string(event_a) + std::string(event_b);
    const std::string_view first(both.data(), event_a.size());
    const std::string_view second(both.data() + event_a.size(), event_b.size());
    play.steps = {{Milliseconds(0), {{DeltaKind::content, first}, {DeltaKind::content, second}}},
                  {Milliseconds(5), {{DeltaKind::finish, event_a}, {DeltaKind::end, done_event}}}};
    const auto client = start();
    ASSERT_EQ(client->writes.size(), 1U);
    const auto& head = client->writes[0];
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(has(head, "content-type: text/event-stream; charset=utf-8\r\n"));
    EXPECT_TRUE(has(head, "cache-control: no-cache\r\n"));
    EXPECT_TRUE(has(head, "x-accel-buffering: no\r\n"));
    EXPECT_TRUE(has(head, "transfer-encoding: chunked\r\n"));
    EXPECT_TRUE(has(head, "openai-processing-ms: 7\r\n"));
    EXPECT_TRUE(head.ends_with("\r\n\r\n1e\r\n" + both + "\r\n"));
    advance(Milliseconds(5));
    ASSERT_EQ(client->writes.size(), 2U) << "the end needs no write of its own";
    EXPECT_EQ(client->writes[1], "1d\r\n" + std::string(event_a) + std::string(done_event) + "\r\n0\r\n\r\n");
    EXPECT_FALSE(client->closed);
    EXPECT_EQ(lines(), 1U);
    EXPECT_EQ(metrics.open_streams(), 0);
}

TEST_F(Streams, WithoutATerminatorEndByTheLastChunk) {
    play.steps = {{Milliseconds(0), {{DeltaKind::content, event_a}}}};
    const auto client = start();
    ASSERT_EQ(client->writes.size(), 2U);
    EXPECT_EQ(client->writes[1], "0\r\n\r\n");
}

TEST_F(Streams, ShowNothingOfDeltasWithoutBytes) {
    play.steps = {{Milliseconds(0), {{DeltaKind::content, event_a}}},
                  {Milliseconds(1), {{DeltaKind::usage, ""}}},
                  {Milliseconds(1), {{DeltaKind::end, done_event}}}};
    const auto client = start();
    advance(Milliseconds(1));
    EXPECT_EQ(client->writes.size(), 1U);
    advance(Milliseconds(1));
    EXPECT_TRUE(client->received().ends_with("0\r\n\r\n"));
}

TEST_F(Streams, ToHttp10EndWithTheConnection) {
    play.steps = {{Milliseconds(0), {{DeltaKind::content, event_a}, {DeltaKind::end, done_event}}}};
    const auto client = start("1.0");
    EXPECT_FALSE(has(client->received(), "chunked"));
    EXPECT_EQ(body_of(client->received()), std::string(event_a) + std::string(done_event));
    EXPECT_TRUE(client->shut);
    EXPECT_TRUE(client->closed);
}

TEST_F(Streams, ThatFailBeforeTheyBeginHaveARealStatus) {
    play.problem = Problem(ProblemKind::upstream_timeout, "sim: no answer in time");
    const auto client = start();
    EXPECT_EQ(status_of(client->received()), 504);
    EXPECT_TRUE(has(client->received(), R"("type":"upstream_error","param":null,"code":"upstream_timeout")"));
    EXPECT_FALSE(client->closed);
    EXPECT_TRUE(has(log_text(), "upstream_error"));
}

TEST_F(Streams, ThatFailAfterContentEndWithAnErrorEvent) {
    play.steps = {{Milliseconds(0), {{DeltaKind::content, event_a}}}};
    play.problem = Problem(ProblemKind::upstream_lost, "sim: cut");
    const auto client = start();
    ASSERT_EQ(client->writes.size(), 2U);
    EXPECT_EQ(status_of(client->received()), 200);
    EXPECT_TRUE(has(client->writes[1], R"("error":{"message":"sim: cut")"));
    EXPECT_TRUE(has(client->writes[1], done_event));
    EXPECT_TRUE(client->writes[1].ends_with("0\r\n\r\n"));
    EXPECT_TRUE(has(log_text(), "stream_error"));
    EXPECT_EQ(lines(), 1U);
}

TEST_F(Streams, SendTheHeadAfterLongSilenceAndThenComments) {
    options.commit_after = std::chrono::seconds(30);
    options.keepalive_comment = std::chrono::seconds(15);
    play.steps = {{std::chrono::seconds(50), {{DeltaKind::content, event_a}, {DeltaKind::end, done_event}}}};
    const auto client = start();
    advance(std::chrono::seconds(29));
    EXPECT_EQ(client->received(), "");
    advance(std::chrono::seconds(1));
    EXPECT_EQ(status_of(client->received()), 200);
    EXPECT_TRUE(client->received().ends_with("\r\n\r\ne\r\n: keep-alive\n\n\r\n"));
    advance(std::chrono::seconds(15));
    ASSERT_EQ(client->writes.size(), 2U);
    EXPECT_EQ(client->writes[1], "e\r\n: keep-alive\n\n\r\n");
    advance(std::chrono::seconds(5));
    ASSERT_EQ(client->writes.size(), 3U);
    EXPECT_TRUE(has(client->writes[2], event_a));
    EXPECT_EQ(clock.sleepers(), 1U) << "only the idle wait of the connection is left";
}

TEST_F(Streams, OnceStartedCommentAfterTheShorterSilence) {
    play.steps = {{Milliseconds(1), {{DeltaKind::content, event_a}}},
                  {std::chrono::seconds(20), {{DeltaKind::end, done_event}}}};
    const auto client = start();
    advance(Milliseconds(1));
    advance(std::chrono::seconds(14));
    EXPECT_EQ(client->writes.size(), 1U);
    advance(Milliseconds(1000));
    EXPECT_EQ(client->writes.size(), 2U);
    EXPECT_EQ(client->writes.back(), "e\r\n: keep-alive\n\n\r\n");
}

TEST_F(Streams, ThatFailAfterACommittedHeadSayItInAnEvent) {
    play.steps = {{std::chrono::seconds(40), {}}};
    play.problem = Problem(ProblemKind::upstream_timeout, "late");
    const auto client = start();
    advance(std::chrono::seconds(30));
    advance(std::chrono::seconds(10));
    EXPECT_EQ(status_of(client->received()), 200);
    EXPECT_TRUE(has(client->received(), R"("code":"upstream_timeout")"));
}

TEST_F(Streams, OfResponsesThatFailEndAsTheirDialectSaysIt) {
    constexpr std::string_view created =
        "event: response.created\n"
        R"(data: {"type":"response.created","sequence_number":0,"response":{"id":"r","output":[]}})"
        "\n\n";
    play.problem = Problem(ProblemKind::upstream_timeout, "late");
    const auto last_words = [&](Milliseconds wait, std::string_view before) {
        play.steps = {{wait, {}}, {Milliseconds(0), {{DeltaKind::content, before}}}};
        const auto client = connect();
        client->send(post("/v1/responses", R"({"model":"m","input":"Hi","stream":true})"));
        run();
        advance(std::chrono::seconds(30));
        advance(std::chrono::seconds(10));
        EXPECT_EQ(status_of(client->received()), 200);
        return body_of(client->received());
    };
    EXPECT_TRUE(has(last_words(Milliseconds(0), created),
                    "event: response.failed\n"
                    R"(data: {"type":"response.failed","sequence_number":1,"response":{"id":"r",)"
                    R"("status":"failed","error":{"code":"server_error","message":"late"},"output":[]}})"));
    EXPECT_TRUE(has(last_words(std::chrono::seconds(40), ""),
                    R"(data: {"type":"error","sequence_number":0,"error":{"message":"late")"));
}

TEST_F(Streams, NeverPutACommentIntoAnEventThatIsBeingWritten) {
    play.steps = {{Milliseconds(0), {{DeltaKind::content, event_a}}},
                  {Milliseconds(1), {{DeltaKind::content, event_b}}},
                  {Milliseconds(1), {{DeltaKind::end, done_event}}}};
    options.limits.write_timeout = std::chrono::minutes(5);
    const auto client = start();
    client->stuck = true;
    advance(Milliseconds(1));
    advance(std::chrono::seconds(60));
    EXPECT_EQ(client->writes.size(), 1U);
    client->read_again();
    run();
    advance(Milliseconds(1));
    EXPECT_FALSE(has(client->received(), "keep-alive\n"));
    EXPECT_TRUE(client->received().ends_with("0\r\n\r\n"));
}

TEST_F(Streams, WaitWithEventsWhileACommentIsBeingWritten) {
    play.steps = {{Milliseconds(0), {{DeltaKind::content, event_a}}},
                  {std::chrono::seconds(20), {{DeltaKind::content, event_b}}},
                  {Milliseconds(1), {{DeltaKind::end, done_event}}}};
    const auto client = start();
    client->stuck = true;
    advance(std::chrono::seconds(15));  // the comment waits for the client
    advance(std::chrono::seconds(5));   // the event waits for the comment
    EXPECT_EQ(client->writes.size(), 1U);
    client->read_again();
    run();
    ASSERT_EQ(client->writes.size(), 3U);
    EXPECT_EQ(client->writes[1], "e\r\n: keep-alive\n\n\r\n");
    EXPECT_TRUE(has(client->writes[2], event_b));
}

TEST_F(Streams, ToAClientThatDoesNotReadAreCutAfterTheWriteTimeout) {
    bool unwound = false;
    play.unwound = &unwound;
    play.steps = {{Milliseconds(0), {{DeltaKind::content, event_a}}},
                  {Milliseconds(1), {{DeltaKind::content, event_b}}},
                  {Milliseconds(1), {{DeltaKind::end, done_event}}}};
    const auto client = start();
    client->stuck = true;
    advance(Milliseconds(1));
    EXPECT_FALSE(client->closed);
    advance(options.limits.write_timeout);
    EXPECT_TRUE(unwound);
    EXPECT_TRUE(client->closed);
    EXPECT_TRUE(has(log_text(), "client_closed"));
    EXPECT_EQ(lines(), 1U);
}

TEST_F(Streams, ToAClientThatReadsOnGoOnHoweverLongOneWriteTakes) {
    const auto text = std::string(300'000, 'x');
    const auto long_event = "data: " + text + "\n\n";
    play.steps = {{Milliseconds(0), {{DeltaKind::content, event_a}}},
                  {Milliseconds(1), {{DeltaKind::content, long_event}}},
                  {Milliseconds(1), {{DeltaKind::end, done_event}}}};
    const auto client = start();
    client->stuck = true;
    client->one_by_one = true;
    advance(Milliseconds(1));
    for (int i = 0; i < 5; ++i) {
        advance(options.limits.write_timeout - Milliseconds(10));
        EXPECT_FALSE(client->closed) << i;
        client->read_again();
        run();
    }
    client->one_by_one = false;
    client->read_again();
    run();
    advance(Milliseconds(1));
    EXPECT_TRUE(has(client->received(), text));
    EXPECT_TRUE(client->received().ends_with("0\r\n\r\n"));
}

TEST_F(Streams, AreCancelledWhenTheClientLeaves) {
    bool unwound = false;
    play.unwound = &unwound;
    play.steps = {{Milliseconds(0), {{DeltaKind::content, event_a}}},
                  {std::chrono::hours(1), {{DeltaKind::end, done_event}}}};
    const auto client = start();
    EXPECT_EQ(metrics.open_streams(), 1);
    client->leave();
    run();
    EXPECT_TRUE(unwound);
    EXPECT_TRUE(client->destroyed);
    EXPECT_EQ(server().connections(), 0U);
    EXPECT_EQ(metrics.open_streams(), 0);
    EXPECT_EQ(metrics.requests_in_flight(), 0);
    EXPECT_EQ(clock.sleepers(), 0U);
    EXPECT_TRUE(has(log_text(), "client_closed"));
    EXPECT_EQ(lines(), 1U);
}

TEST_F(Streams, KeepARequestThatComesMeanwhileForLater) {
    play.steps = {{std::chrono::seconds(1), {{DeltaKind::content, event_a}, {DeltaKind::end, done_event}}}};
    const auto client = start();
    client->send(get("/v1/models"));
    run();
    EXPECT_EQ(client->received(), "");
    advance(std::chrono::seconds(1));
    EXPECT_TRUE(has(client->received(), "0\r\n\r\nHTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(has(client->received(), R"("object":"list")"));
}

TEST_F(Streams, AreFinishedAtADrainAndTheConnectionCloses) {
    play.steps = {{std::chrono::seconds(1), {{DeltaKind::content, event_a}, {DeltaKind::end, done_event}}}};
    const auto client = start();
    life.drain();
    server().close_idle();
    run();
    EXPECT_FALSE(client->closed);
    advance(std::chrono::seconds(1));
    EXPECT_TRUE(has(client->received(), "connection: close\r\n"));
    EXPECT_TRUE(client->received().ends_with("0\r\n\r\n"));
    EXPECT_TRUE(client->closed);
}

TEST_F(Streams, AreLoggedOnceWhenEverythingIsTakenDown) {
    play.steps = {{std::chrono::hours(1), {{DeltaKind::content, event_a}}}};
    {
        net::Lane other;
        ServerContext context{other, [this] { return live; }, stages, metrics, life, admin, nullptr, nullptr,
                              &clock};
        server();
        auto end = std::make_shared<ClientEnd>();
        {
            Server short_lived(context);
            other.spawn(short_lived.serve(std::make_unique<ScriptedStream>(end, clock), Door::client));
            end->send(post(chat_path, stream_body));
            other.context().poll();
            EXPECT_EQ(metrics.requests_in_flight(), 1);
        }
    }
    EXPECT_EQ(metrics.requests_in_flight(), 0);
    EXPECT_EQ(lines(), 1U);
}

struct WholeReplies : Streams {
    std::shared_ptr<ClientEnd> ask_whole(std::string_view path, std::string_view body) {
        auto client = connect();
        client->send(post(path, body));
        run();
        return client;
    }
};

TEST_F(WholeReplies, AreCancelledWhenTheClientLeaves) {
    bool unwound = false;
    play.unwound = &unwound;
    play.steps = {{std::chrono::hours(1), {{DeltaKind::whole, "{}"}}}};
    const auto client = ask_whole(chat_path, chat_body);
    EXPECT_FALSE(unwound);
    client->leave();
    run();
    EXPECT_TRUE(unwound);
    EXPECT_TRUE(client->closed);
    EXPECT_EQ(client->received(), "");
    EXPECT_TRUE(has(log_text(), "client_closed"));
    EXPECT_EQ(lines(), 1U);
}

TEST_F(WholeReplies, AreCancelledWhenAClientLeavesThatSentMoreThanIsRead) {
    bool unwound = false;
    play.unwound = &unwound;
    play.steps = {{std::chrono::hours(1), {{DeltaKind::whole, "{}"}}}};
    const auto client = ask_whole(chat_path, chat_body);
    client->send(std::string(100'000, 'x'));
    run();
    client->leave();
    run();
    EXPECT_FALSE(client->unread.empty()) << "bytes lie in front of the end";
    advance(Milliseconds(50));
    EXPECT_TRUE(unwound);
    EXPECT_TRUE(client->closed);
}

TEST_F(WholeReplies, ThatNobodyMadeAreAnError) {
    const auto client = ask_whole(chat_path, chat_body);
    EXPECT_EQ(status_of(client->received()), 500);
}

TEST_F(WholeReplies, OfAudioThatFailHalfWayAreCutWithoutAnEnd) {
    play.steps = {{Milliseconds(0), {{DeltaKind::opaque, "RIFF"}}}};
    play.problem = Problem(ProblemKind::upstream_lost, "cut");
    const auto client = ask_whole("/v1/audio/speech", R"({"model":"small","input":"hi","voice":"alloy"})");
    EXPECT_TRUE(has(client->received(), "4\r\nRIFF\r\n"));
    EXPECT_FALSE(client->received().ends_with("0\r\n\r\n"));
    EXPECT_TRUE(client->closed);
    EXPECT_FALSE(client->shut);
}

}  // namespace
}  // namespace gatehouse::server

// The edge, request by request: order of refusals, connections, doors.
#include "server_fixture.hpp"
#include "support/gzip.hpp"

namespace gatehouse::server {
namespace {

using test::gzip;
using Requests = ServerTest;

TEST_F(Requests, AnsweredWithHeadAndBodyInOneWrite) {
    const auto client = connect();
    client->send(post(chat_path, chat_body, "x-request-id: mine-1\r\n"));
    run();
    ASSERT_EQ(client->writes.size(), 1U);
    const auto reply = client->received();
    EXPECT_EQ(status_of(reply), 200);
    EXPECT_TRUE(has(reply, "x-request-id: mine-1\r\n"));
    EXPECT_TRUE(has(reply, "content-length: 11\r\n"));
    EXPECT_TRUE(has(reply, "x-gatehouse-attempts: 0\r\n"));
    EXPECT_TRUE(has(reply, "x-gatehouse-overhead-ms: 0.000\r\n"));
    EXPECT_EQ(body_of(reply), R"({"ok":true})");
    EXPECT_FALSE(client->closed);
    EXPECT_EQ(lines(), 1U);
}

TEST_F(Requests, AnswerTheSameHoweverTheirBytesAreSplit) {
    const auto request = post(chat_path, chat_body, "x-request-id: a\r\n");
    const auto whole = ask(request);
    for (std::size_t at = 1; at < request.size(); ++at) {
        const auto client = connect();
        client->send(request.substr(0, at));
        run();
        client->send(request.substr(at));
        run();
        ASSERT_EQ(body_of(client->received()), body_of(whole)) << "split at " << at;
        client->leave();
        run();
    }
}

TEST_F(Requests, FollowEachOtherOnOneConnectionAlsoPipelined) {
    const auto client = connect();
    std::string both = post(chat_path, chat_body, "x-request-id: first\r\n");
    both += post(chat_path, chat_body, "x-request-id: second\r\n");
    both += get("/v1/models");
    client->send(both);
    run();
    const auto reply = client->received();
    EXPECT_LT(reply.find("first"), reply.find("second"));
    EXPECT_TRUE(has(reply, R"("object":"list")"));
    client->send(post(chat_path, chat_body, "Connection: close\r\nx-request-id: last\r\n"));
    run();
    EXPECT_TRUE(has(client->received(), "last"));
    EXPECT_TRUE(has(client->received(), "connection: close\r\n"));
    EXPECT_TRUE(client->closed);
    EXPECT_EQ(server().connections(), 0U);
    EXPECT_EQ(lines(), 4U);
}

TEST_F(Requests, OfHttp10CloseUnlessAskedToKeep) {
    const auto once = connect();
    once->send("GET /health/live HTTP/1.0\r\n\r\n");
    run();
    EXPECT_TRUE(has(once->received(), "connection: close\r\n"));
    EXPECT_TRUE(once->closed);
    const auto kept = connect();
    kept->send("GET /health/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    run();
    EXPECT_TRUE(has(kept->received(), "connection: keep-alive\r\n"));
    EXPECT_FALSE(kept->closed);
}

TEST_F(Requests, AreRefusedInTheDocumentedOrder) {
    const auto status = [&](const std::string& request) { return status_of(ask(request)); };
    // Each request has the fault named and all later ones.
    EXPECT_EQ(status("POST /nowhere HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400);
    EXPECT_EQ(status(post("/nowhere", "{", "Content-Type: text/plain\r\n", "bad")), 404);
    EXPECT_EQ(status("DELETE /v1/chat/completions HTTP/1.1\r\nHost: gw\r\n\r\n"), 405);
    EXPECT_EQ(status(post(chat_path, "{", "Content-Type: text/plain\r\n", "bad")), 401);
    EXPECT_EQ(status(post(chat_path, "{", "Content-Type: text/plain\r\n")), 415);
    EXPECT_EQ(status(post(chat_path, "{", "x-gatehouse-typo: 1\r\n")), 400);
    EXPECT_EQ(status(post(chat_path, "{")), 400);
    EXPECT_EQ(status(post(chat_path, "{}")), 400);
    script = refusing(Problem(ProblemKind::model_not_found, "no"));
    EXPECT_EQ(status(post(chat_path, chat_body)), 404);
}

TEST_F(Requests, OfUnknownPathsAndMethodsGetErrorObjects) {
    const auto lost = ask(get("/v2/chat"));
    EXPECT_EQ(status_of(lost), 404);
    EXPECT_EQ(body_of(lost), R"({"error":{"message":"There is no such path.","type":"invalid_request_error",)"
                             R"("param":null,"code":"not_found"}})");
    const auto wrong = ask(get(chat_path));
    EXPECT_EQ(status_of(wrong), 405);
    EXPECT_TRUE(has(wrong, "allow: POST, OPTIONS\r\n"));
    EXPECT_TRUE(has(wrong, R"("code":"method_not_allowed")"));
}

TEST_F(Requests, MalformedAreAnsweredAndCutInTwoSteps) {
    const auto client = connect();
    client->send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\nrest");
    run();
    EXPECT_EQ(status_of(client->received()), 400);
    EXPECT_TRUE(has(client->received(), R"("code":"bad_request")"));
    EXPECT_TRUE(has(client->received(), "connection: close\r\n"));
    EXPECT_TRUE(client->shut);
    EXPECT_FALSE(client->closed) << "first half-closed, so that the answer is not lost";
    advance(std::chrono::seconds(2));
    EXPECT_TRUE(client->closed);
    EXPECT_TRUE(has(metrics.render(), R"(gatehouse_framing_errors_total{kind="bad_framing"} 1)"));
    EXPECT_EQ(lines(), 1U);
}

TEST_F(Requests, TooLongOrTooNewAreToldSo) {
    EXPECT_EQ(status_of(ask("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: gw\r\n\r\n")), 414);
    EXPECT_EQ(status_of(ask("GET / HTTP/1.1\r\nHost: gw\r\nA: " + std::string(20000, 'a') + "\r\n\r\n")),
              431);
    EXPECT_EQ(status_of(ask("GET / HTTP/2.0\r\nHost: gw\r\n\r\n")), 505);
    EXPECT_EQ(status_of(ask("GET / HTTP/1.1\r\nHost: gw\r\nExpect: tea\r\n\r\n")), 417);
}

TEST_F(Requests, WithoutAGoodKeyAre401WithOneBody) {
    const auto none = ask(post(chat_path, chat_body, "", ""));
    const auto bad = ask(post(chat_path, chat_body, "", "gh-mallory"));
    const auto basic = ask(post(chat_path, chat_body, "Authorization: Basic Z2g=\r\n", ""));
    EXPECT_EQ(status_of(none), 401);
    EXPECT_TRUE(has(none, "www-authenticate: Bearer"));
    EXPECT_TRUE(has(none, "x-should-retry: false\r\n"));
    EXPECT_TRUE(has(none, R"("type":"authentication_error","param":null,"code":"invalid_api_key")"));
    EXPECT_EQ(body_of(none), body_of(bad));
    EXPECT_EQ(body_of(none), body_of(basic));
    EXPECT_EQ(lines(), 3U);
}

TEST_F(Requests, BringTheirKeyThroughAnyHeader) {
    EXPECT_EQ(status_of(ask(post(chat_path, chat_body, "x-api-key: gh-alice\r\n", ""))), 200);
    EXPECT_EQ(status_of(ask(post(chat_path, chat_body, "x-goog-api-key: gh-alice\r\n", ""))), 200);
    EXPECT_EQ(status_of(ask(post(chat_path, chat_body, "x-api-key: gh-alice\r\n"))), 200);
    EXPECT_EQ(status_of(ask(post(chat_path, chat_body, "x-api-key: gh-other\r\n"))), 400);
}

TEST_F(Requests, NeedNoKeyWhereNoneIsRequired) {
    parts.auth_required = false;
    EXPECT_EQ(status_of(ask(post(chat_path, chat_body, "", ""))), 200);
    EXPECT_TRUE(has(log_text(), "anonymous"));
}

TEST_F(Requests, DeclaredTooLargeAreRefusedUnread) {
    options.limits.body = 100;
    const auto client = connect();
    client->send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer gh-alice\r\n"
        "Content-Type: application/json\r\nContent-Length: 101\r\n\r\n");
    run();
    EXPECT_EQ(status_of(client->received()), 413);
    EXPECT_TRUE(has(client->received(), R"("code":"request_too_large")"));
    EXPECT_TRUE(client->shut);
    client->leave();
    run();
    EXPECT_TRUE(client->closed);
}

TEST_F(Requests, InChunksAreBoundToo) {
    options.limits.body = 100;
    const auto client = connect();
    client->send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer gh-alice\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    client->send("40\r\n" + std::string(64, ' ') + "\r\n40\r\n" + std::string(64, ' ') + "\r\n");
    run();
    EXPECT_EQ(status_of(client->received()), 413);
    EXPECT_TRUE(has(client->received(), "connection: close\r\n"));
}

TEST_F(Requests, InChunksAreRead) {
    std::string request =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer gh-alice\r\n"
        "Content-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const char c : chat_body) {
        request += std::string("1\r\n") + c + "\r\n";
    }
    EXPECT_EQ(status_of(ask(request + "0\r\n\r\n")), 200);
    EXPECT_EQ(status_of(ask(request + "0x\r\n\r\n")), 400);
}

TEST_F(Requests, MayBeGzippedWithinTheBodyLimit) {
    options.limits.body = 4096;
    EXPECT_EQ(status_of(ask(post(chat_path, gzip(chat_body), "Content-Encoding: gzip\r\n"))), 200);
    const auto bomb = gzip(std::string(1'000'000, ' '));
    ASSERT_LT(bomb.size(), 4096U);
    EXPECT_EQ(status_of(ask(post(chat_path, bomb, "Content-Encoding: gzip\r\n"))), 413);
    EXPECT_EQ(status_of(ask(post(chat_path, chat_body, "Content-Encoding: gzip\r\n"))), 400);
    EXPECT_EQ(status_of(ask(post(chat_path, chat_body, "Content-Encoding: br\r\n"))), 415);
    EXPECT_EQ(status_of(ask(post(chat_path, chat_body, "Content-Encoding: identity\r\n"))), 200);
}

TEST_F(Requests, OfAnotherCharacterSetAre415) {
    EXPECT_EQ(
        status_of(ask(post(chat_path, chat_body, "Content-Type: application/json; charset=latin1\r\n"))),
        415);
}

TEST_F(Requests, WaitForContinueOnlyAfterTheKeyWasChecked) {
    const std::string head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: gw\r\nExpect: 100-continue\r\n"
        "Content-Type: application/json\r\nContent-Length: " +
        std::to_string(chat_body.size()) + "\r\n";
    const auto good = connect();
    good->send(head + "Authorization: Bearer gh-alice\r\n\r\n");
    run();
    EXPECT_EQ(good->received(), "HTTP/1.1 100 Continue\r\n\r\n");
    good->send(chat_body);
    run();
    ASSERT_EQ(good->writes.size(), 2U);
    EXPECT_EQ(status_of(good->writes[1]), 200);
    const auto bad = connect();
    bad->send(head + "\r\n");
    run();
    EXPECT_EQ(status_of(bad->received()), 401);
    EXPECT_TRUE(has(bad->received(), "connection: close\r\n"));
}

TEST_F(Requests, ThatComeTooSlowlyAre408) {
    const auto head = connect();
    head->send("GET /v1/mod");
    run();
    advance(options.limits.header_timeout);
    EXPECT_EQ(status_of(head->received()), 408);
    const auto body = connect();
    body->send(post(chat_path, chat_body).substr(0, 160));
    run();
    advance(std::chrono::seconds(30));
    EXPECT_EQ(status_of(body->received()), 408);
    EXPECT_TRUE(has(body->received(), R"("code":"request_timeout")"));
}

TEST_F(Requests, WhoseBodyTricklesForEverAre408) {
    options.limits.body_timeout = std::chrono::seconds(60);
    const auto client = connect();
    const auto request = post(chat_path, chat_body);
    client->send(request.substr(0, request.size() - 10));
    run();
    for (int i = 0; i < 3; ++i) {
        advance(std::chrono::seconds(20));
        client->send("x");
        run();
    }
    EXPECT_EQ(status_of(client->received()), 408);
}

TEST_F(Requests, ThatNeverComeEndTheConnectionQuietly) {
    const auto client = connect();
    advance(options.limits.header_timeout);
    EXPECT_TRUE(client->closed);
    EXPECT_EQ(client->received(), "");
    EXPECT_EQ(lines(), 0U);
}

TEST_F(Requests, MayComeBackLaterOnAConnectionThatServedOne) {
    const auto client = connect();
    client->send(get("/v1/models"));
    run();
    advance(options.limits.idle_timeout - std::chrono::milliseconds(1));
    EXPECT_FALSE(client->closed);
    advance(std::chrono::milliseconds(1));
    EXPECT_TRUE(client->closed);
    EXPECT_EQ(client->writes.size(), 1U);
}

TEST_F(Requests, OfHeadAreAnsweredLikeGetWithoutABody) {
    const auto full = ask(get("/v1/models"));
    const auto head = ask(get("/v1/models", "Authorization: Bearer gh-alice\r\n", "gw", "HEAD"));
    EXPECT_EQ(body_of(head), "");
    EXPECT_TRUE(has(head, "content-length: " + std::to_string(body_of(full).size()) + "\r\n"));
}

TEST_F(Requests, OfOptionsNeedNoKeyAndShowNoCorsUnlessConfigured) {
    const auto plain = ask(get(chat_path, "Origin: https://a.example\r\n", "gw", "OPTIONS"));
    EXPECT_EQ(status_of(plain), 204);
    EXPECT_TRUE(has(plain, "allow: POST, OPTIONS\r\n"));
    EXPECT_FALSE(has(plain, "access-control"));
    EXPECT_FALSE(has(plain, "content-length"));
    EXPECT_EQ(status_of(ask(get("*", "", "gw", "OPTIONS"))), 204);
}

TEST_F(Requests, OfAllowedOriginsGetCors) {
    options.cors.origins = {"https://a.example"};
    const std::string preflight =
        "Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n"
        "Access-Control-Request-Headers: authorization\r\n";
    const auto allowed = ask(get(chat_path, preflight, "gw", "OPTIONS"));
    EXPECT_TRUE(has(allowed, "access-control-allow-origin: https://a.example\r\n"));
    EXPECT_TRUE(has(allowed, "access-control-allow-headers: authorization\r\n"));
    const auto other =
        ask(get("/v1/models", "Authorization: Bearer gh-alice\r\nOrigin: https://b.example\r\n"));
    EXPECT_FALSE(has(other, "access-control-allow-origin"));
    EXPECT_TRUE(has(other, "vary: origin\r\n"));
    const auto reply = ask(post(chat_path, chat_body, "Origin: https://a.example\r\n"));
    EXPECT_TRUE(has(reply, "access-control-allow-origin: https://a.example\r\n"));
}

TEST_F(Requests, AtTheAdminDoorGetNoCors) {
    options.cors.origins = {"*"};
    for (const std::string_view path : {"/metrics", "/health/ready", "/none"}) {
        const auto reply = ask(get(path, "Origin: https://a.example\r\n", "localhost"), Door::admin);
        EXPECT_FALSE(has(reply, "access-control")) << reply;
    }
}

TEST_F(Requests, WithUnknownOrMisspeltGatewayHeadersAre400) {
    const auto typo = ask(post(chat_path, chat_body, "X-Gatehouse-Cahce: off\r\n"));
    EXPECT_EQ(status_of(typo), 400);
    EXPECT_TRUE(has(typo, R"("param":"x-gatehouse-cahce","code":"invalid_value")"));
    for (const std::string good :
         {"timeout: 30s", "ttft-timeout: 500ms", "cache: off", "cache-threshold: 0.9", "cache-scope: a",
          "fallback: off", "params: strict", "tags: a=b", "debug: 0"}) {
        EXPECT_EQ(status_of(ask(post(chat_path, chat_body, "x-gatehouse-" + good + "\r\n"))), 200) << good;
    }
    for (const std::string bad :
         {"timeout: 30", "timeout: 0s", "cache: on", "cache-threshold: 1.5", "cache-threshold: nan",
          "cache-threshold: 0.9x", "cache-scope: ", "fallback: on", "params: x", "tags: a"}) {
        EXPECT_EQ(status_of(ask(post(chat_path, chat_body, "x-gatehouse-" + bad + "\r\n"))), 400) << bad;
    }
}

TEST_F(Requests, AreToldHowTheyWereAnsweredOnlyWhereTheKeyAllows) {
    const auto refused = ask(post(chat_path, chat_body, "x-gatehouse-debug: 1\r\n"));
    EXPECT_EQ(status_of(refused), 403);
    EXPECT_TRUE(has(refused, R"("param":"x-gatehouse-debug","code":"permission_denied")")) << refused;
}

TEST_F(Requests, NarrowTimeoutsByHeader) {
    std::optional<Milliseconds> total;
    std::optional<Milliseconds> first;
    script = [&](Exchange& x) {
        total = x.total_timeout;
        first = x.first_token_timeout;
        return answer_ok(x);
    };
    ask(post(chat_path, chat_body, "x-gatehouse-timeout: 2s\r\nx-gatehouse-ttft-timeout: 100ms\r\n"));
    EXPECT_EQ(total, Milliseconds(2000));
    EXPECT_EQ(first, Milliseconds(100));
}

TEST_F(Requests, SayWhatTheyWantOfAnswersThatAreKept) {
    policy::CacheWish wish;
    script = [&](Exchange& x) {
        wish = x.cache;
        return answer_ok(x);
    };
    ask(post(chat_path, chat_body,
             "x-gatehouse-cache: signature\r\nx-gatehouse-cache-threshold: 0.92\r\n"
             "x-gatehouse-cache-scope: tests\r\nCache-Control: max-age=5\r\ncache-control: no-store\r\n"));
    EXPECT_EQ(wish.most, policy::CacheTier::signature);
    EXPECT_EQ(wish.threshold, 0.92);
    EXPECT_EQ(wish.partition, "tests");
    EXPECT_EQ(wish.max_age, Milliseconds(5000));
    EXPECT_TRUE(wish.no_store);
    ask(post(chat_path, chat_body, "x-gatehouse-cache: off\r\n"));
    EXPECT_EQ(wish.most, policy::CacheTier::none);
}

TEST_F(Requests, BringTheirTags) {
    policy::Tags tags;
    script = [&](Exchange& x) {
        tags = x.labels.tags;
        return answer_ok(x);
    };
    ask(post(chat_path, chat_body, "x-gatehouse-tags: task=a\r\nX-Gatehouse-Tags: tier=b\r\n"));
    EXPECT_EQ(tags, (policy::Tags{{"task", "a"}, {"tier", "b"}}));
}

TEST_F(Requests, CarryTraceAndChosenFieldsOnward) {
    std::string trace;
    std::string passed;
    std::string of_the_vendor;
    script = [&](Exchange& x) {
        trace = x.trail.traceparent;
        passed = x.request.passed_fields;
        of_the_vendor = x.request.vendor_fields;
        return answer_ok(x);
    };
    const std::string more = "tracestate: a=b\r\nOpenAI-Beta: x=1\r\nOpenAI-Organization: o\r\nCookie: c\r\n";
    ask(post(chat_path, chat_body,
             "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n" + more));
    EXPECT_TRUE(trace.starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
    EXPECT_EQ(passed, "tracestate: a=b\r\n");
    EXPECT_EQ(of_the_vendor, "OpenAI-Beta: x=1\r\n");
    ask(post(chat_path, chat_body, "traceparent: 00-nonsense\r\n" + more));
    EXPECT_EQ(passed, "") << "the state belongs to another trace";
}

TEST_F(Requests, WithABadRequestIdGetAFreshOne) {
    const auto reply = ask(post(chat_path, chat_body, "x-request-id: two words\r\n"));
    EXPECT_FALSE(has(reply, "two words"));
    EXPECT_TRUE(has(reply, "x-request-id: req_"));
}

TEST_F(Requests, ForModelsListWhatTheKeyMayUse) {
    add_key("gh-bob", "bob", false, std::vector<std::string>{"big"});
    const auto all = ask(get("/v1/models"));
    EXPECT_TRUE(has(all, R"({"id":"small","object":"model","created":1767225600,"owned_by":"sim"})"));
    EXPECT_FALSE(has(all, "any/")) << "patterns are not listed";
    const auto some = ask(get("/v1/models", "Authorization: Bearer gh-bob\r\n"));
    EXPECT_FALSE(has(some, R"("id":"small")"));
    EXPECT_TRUE(has(some, R"("id":"big")"));
    EXPECT_TRUE(has(ask(get("/v1/models/any/thing%20x")), R"("id":"any/thing x")"));
    EXPECT_EQ(status_of(ask(get("/v1/models/none"))), 404);
    EXPECT_EQ(status_of(ask(get("/v1/models/small", "Authorization: Bearer gh-bob\r\n"))), 403);
}

TEST_F(Requests, ForAModelWithoutAUsableProviderAre404) {
    parts.models.push_back({"idle", {}, {}, {}, {}, {}});
    const auto one = ask(get("/v1/models/idle"));
    EXPECT_EQ(status_of(one), 404);
    EXPECT_TRUE(has(one, R"("param":"model","code":"model_not_found")"));
    EXPECT_FALSE(has(ask(get("/v1/models")), R"("id":"idle")"));
}

TEST_F(Requests, AtADrainAreRefusedAndTheConnectionCloses) {
    const auto busy = connect();
    const auto idle = connect();
    life.drain();
    busy->send(post(chat_path, chat_body));
    run();
    EXPECT_EQ(status_of(busy->received()), 503);
    EXPECT_TRUE(has(busy->received(), R"("code":"shutting_down")"));
    EXPECT_TRUE(has(busy->received(), "retry-after: 1\r\n"));
    EXPECT_TRUE(has(busy->received(), "connection: close\r\n"));
    EXPECT_FALSE(idle->closed);
    server().close_idle();
    run();
    EXPECT_TRUE(idle->closed);
}

TEST_F(Requests, ForReadinessSayWhyNot) {
    EXPECT_EQ(status_of(ask(get("/health/ready", ""))), 200);
    EXPECT_EQ(status_of(ask(get("/health/live", ""))), 200);
    admin.not_ready = [] { return std::string("no provider is configured"); };
    server_.reset();
    const auto waiting = ask(get("/health/ready", ""));
    EXPECT_EQ(status_of(waiting), 503);
    EXPECT_TRUE(has(waiting, "no provider is configured"));
    life.drain();
    EXPECT_TRUE(has(ask(get("/health/ready", "", "127.0.0.1"), Door::admin), "shutting down"));
}

TEST_F(Requests, ThatMakeTheGatewayThrowAre500AndCounted) {
    script = [](Exchange&) -> Task<Result<Outcome>> { throw std::runtime_error("bug"); };
    const auto client = connect();
    client->send(post(chat_path, chat_body));
    run();
    EXPECT_EQ(status_of(client->received()), 500);
    EXPECT_TRUE(has(client->received(), R"("type":"server_error")"));
    EXPECT_FALSE(has(client->received(), "bug"));
    EXPECT_TRUE(client->closed);
    EXPECT_TRUE(has(metrics.render(), "gatehouse_escaped_exceptions_total 1"));
}

using AdminDoor = ServerTest;

TEST_F(AdminDoor, AnswersOnlyHostsThatNoStrangersPageCanUse) {
    const auto status = [&](std::string_view host) {
        return status_of(ask(get("/metrics", "", host), Door::admin));
    };
    options.admin_hosts = {"gate.internal"};
    EXPECT_EQ(status("127.0.0.1:9464"), 200);
    EXPECT_EQ(status("[::1]:9464"), 200);
    EXPECT_EQ(status("localhost"), 200);
    EXPECT_EQ(status("Gate.Internal:9464"), 200);
    EXPECT_EQ(status("evil.example"), 403);
    EXPECT_EQ(status("127.0.0.1.evil.example"), 403);
}

TEST_F(AdminDoor, HasNoMetricsWhenTheyAreTurnedOff) {
    options.metrics = false;
    EXPECT_EQ(status_of(ask(get("/metrics", "", "localhost"), Door::admin)), 404);
}

TEST_F(AdminDoor, KeepsItsPathsToItself) {
    EXPECT_EQ(status_of(ask(get("/metrics"))), 404);
    EXPECT_EQ(status_of(ask(get("/admin/config"))), 404);
    EXPECT_EQ(status_of(ask(get("/v1/models", "", "localhost"), Door::admin)), 404);
}

TEST_F(AdminDoor, WantsAKeyThatMayAdministrate) {
    add_key("gh-root", "root", true);
    admin.show_config = [] { return std::string(R"({"version":1})"); };
    const auto config = [&](std::string_view fields) {
        return ask(get("/admin/config", fields, "localhost"), Door::admin);
    };
    EXPECT_EQ(status_of(config("")), 401);
    EXPECT_EQ(status_of(config("x-api-key: gh-alice\r\n")), 403);
    EXPECT_EQ(body_of(config("x-api-key: gh-root\r\n")), R"({"version":1})");
}

TEST_F(AdminDoor, StaysShutWithoutAnAdminKeyUnlessAllIsLocalAndOpen) {
    admin.show_config = [] { return std::string("{}"); };
    EXPECT_EQ(status_of(ask(get("/admin/config", "x-api-key: gh-alice\r\n", "localhost"), Door::admin)), 403);
    parts.auth_required = false;
    server_.reset();
    EXPECT_EQ(status_of(ask(get("/admin/config", "", "localhost"), Door::admin)), 200);
    options.admin_listen = "0.0.0.0:9464";
    server_.reset();
    EXPECT_EQ(status_of(ask(get("/admin/config", "", "localhost"), Door::admin)), 403);
}

TEST_F(AdminDoor, StaysShutWhileTheKeyOfAnAdminMayBeUnreadable) {
    admin.show_config = [] { return std::string("{}"); };
    parts.auth_required = false;
    const auto with_ring = [&](auto change) {
        server();
        auto ring = std::make_shared<policy::KeyRing>();
        ring->add_all(live.settings->keys());
        change(*ring);
        live.keys = std::move(ring);
        return status_of(ask(get("/admin/config", "", "localhost"), Door::admin));
    };
    EXPECT_EQ(with_ring([](policy::KeyRing&) {}), 200);
    EXPECT_EQ(with_ring([](policy::KeyRing& ring) { ring.incomplete(); }), 503);
    EXPECT_EQ(with_ring([](policy::KeyRing& ring) { ring.add_unreadable(sha256("gh-lost")); }), 503);
}

Task<Status> reload_with(Status status) {
    co_return status;
}

TEST_F(AdminDoor, ReloadsOrSaysWhyNot) {
    parts.auth_required = false;
    Status outcome = done();
    admin.reload = [&] { return reload_with(outcome); };
    const auto reload = [&](std::string_view fields) {
        return ask(get("/admin/reload", fields, "localhost", "POST"), Door::admin);
    };
    EXPECT_EQ(status_of(reload("")), 200);
    EXPECT_EQ(status_of(reload("Origin: https://evil.example\r\n")), 403);
    outcome = Problem(ProblemKind::invalid_configuration, "gatehouse.yaml:3:1: unknown key");
    const auto refused = reload("");
    EXPECT_EQ(status_of(refused), 400);
    EXPECT_TRUE(has(refused, "gatehouse.yaml:3:1: unknown key"));
}

}  // namespace
}  // namespace gatehouse::server

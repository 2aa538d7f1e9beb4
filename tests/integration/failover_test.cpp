// Providers that fail, and what stands behind them: every fault at every step, in three dialects, alone and
// with another target to fall back to.
#include "house.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::eventually;
using test::FakeFault;
using test::FakeFraming;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;

constexpr std::string_view path = "/v1/chat/completions";
constexpr std::string_view streamed = R"(,"stream":true)";

/// What one vendor says when all is well, in pieces that a test may break off.
struct Vendor {
    std::string kind;
    std::string base;  // below the server's address
    std::string whole;
    std::vector<std::string> opening;  // events without content
    std::string content;
    std::vector<std::string> ending;
};

const std::string chunk =
    R"({"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)";

Vendor openai() {
    return {"openai",
            "/v1",
            R"({"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)"
            R"({"role":"assistant","content":"Hi"},"finish_reason":"stop"}],)"
            R"("usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}})",
            {chunk + R"({"role":"assistant","content":""},"finish_reason":null}]})"},
            chunk + R"({"content":"Hi"},"finish_reason":null}]})",
            {chunk + R"({},"finish_reason":"stop"}]})", "[DONE]"}};
}

Vendor anthropic() {
    return {
        "anthropic",
        "",
        R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi"}],)"
        R"("stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}})",
        {R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m",)"
         R"("content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}})",
         R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"},
        R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}})",
        {R"({"type":"content_block_stop","index":0})",
         R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":1}})",
         R"({"type":"message_stop"})"}};
}

Vendor gemini() {
    return {"gemini",
            "/v1beta",
            R"({"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]},"finishReason":"STOP",)"
            R"("index":0}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,)"
            R"("totalTokenCount":2},"modelVersion":"m","responseId":"r"})",
            {},
            R"({"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]},"index":0}],)"
            R"("modelVersion":"m","responseId":"r"})",
            {R"({"candidates":[{"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP",)"
             R"("index":0}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,)"
             R"("totalTokenCount":2},"modelVersion":"m","responseId":"r"})"}};
}

std::vector<std::string> all_events(const Vendor& vendor) {
    auto events = vendor.opening;
    events.push_back(vendor.content);
    events.insert(events.end(), vendor.ending.begin(), vendor.ending.end());
    return events;
}

/// These events and then the proper end of the body.
FakeResponse only(const std::vector<std::string>& events) {
    return FakeResponse::events(events);
}

FakeResponse error_of(const Vendor& vendor, int status) {
    if (vendor.kind == "anthropic") {
        return FakeResponse::json(R"({"type":"error","error":{"type":"api_error","message":"No."}})", status);
    }
    if (vendor.kind == "gemini") {
        return FakeResponse::json(
            fmt::format(R"({{"error":{{"code":{},"message":"No.","status":"INTERNAL"}}}})", status), status);
    }
    return FakeResponse::json(R"({"error":{"message":"No.","type":"server_error","code":null}})", status);
}

/// What a client gets.
struct Outcome {
    int status{0};
    std::string code;  // of the error; of an error chunk where the stream had begun
    std::string attempts;
    bool answered{false};  // the text came, and a proper end
    bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
    return out << outcome.status << ' ' << outcome.code << ", " << outcome.attempts << " attempts"
               << (outcome.answered ? ", answered" : "");
}

/// One fault of a provider and what a client is to see of it.
struct Fault {
    std::string name;
    FakeResponse response;
    bool stream{false};
    Outcome alone;   // with two attempts at most
    Outcome behind;  // with a good target behind it
};

Outcome served_by_the_other(int attempts = 2) {
    return {200, "", std::to_string(attempts), true};
}

/// Every fault after the connection stands.
std::vector<Fault> faults_of(const Vendor& vendor) {
    std::vector<Fault> faults;
    const auto whole = [&](std::string name, FakeResponse response, Outcome alone, Outcome behind) {
        faults.push_back({std::move(name), std::move(response), false, std::move(alone), std::move(behind)});
    };
    const auto stream = [&](std::string name, FakeResponse response, Outcome alone, Outcome behind) {
        faults.push_back({"stream: " + name, std::move(response), true, std::move(alone), std::move(behind)});
    };
    const Outcome error{502, "upstream_error", "2", false};
    const Outcome timeout{504, "upstream_timeout", "2", false};
    const auto both = [&](const std::string& name, const FakeResponse& response, const Outcome& alone,
                          const Outcome& behind) {
        whole(name, response, alone, behind);
        stream(name, response, alone, behind);
    };

    // Headers.
    FakeResponse reset;
    reset.fault = FakeFault::reset;
    both("reset before the head", reset, error, served_by_the_other());
    FakeResponse garbage;
    garbage.raw = "nonsense\r\n\r\n";
    both("a head that is none", garbage, error, served_by_the_other());
    FakeResponse silent = FakeResponse::json(vendor.whole);
    silent.head_delay = std::chrono::seconds(5);
    both("silence before the head", silent, timeout, served_by_the_other());
    FakeResponse redirect = FakeResponse::json("{}", 307);
    redirect.headers.emplace_back("location", "http://127.0.0.1:1/");
    both("a redirect", redirect, {502, "upstream_error", "1", false}, served_by_the_other());
    for (const int status : {500, 502, 503, 504, 529, 408, 409}) {
        both(fmt::format("status {}", status), error_of(vendor, status), error, served_by_the_other());
    }
    auto limited = error_of(vendor, 429);
    limited.headers.emplace_back("retry-after-ms", "20");
    both("status 429", limited, {429, "upstream_rate_limited", "2", false}, served_by_the_other());
    for (const int status : {401, 402, 403}) {
        both(fmt::format("status {}", status), error_of(vendor, status),
             {502, "upstream_credentials_rejected", "1", false}, served_by_the_other());
    }
    both("status 404", error_of(vendor, 404), {404, "model_not_found", "1", false}, served_by_the_other());
    for (const int status : {400, 413, 422}) {
        const Outcome refused{400, "null", "1", false};
        both(fmt::format("status {}", status), error_of(vendor, status), refused, refused);
    }

    // Body.
    const auto half = vendor.whole.substr(0, vendor.whole.size() / 2);
    auto cut = FakeResponse::json(half);
    cut.raw = fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                          vendor.whole.size(), half);
    cut.then_close = true;
    whole("a body that breaks off", cut, error, served_by_the_other());
    whole("half an answer", FakeResponse::json(half), error, served_by_the_other());
    whole("an empty body", FakeResponse::json(""), error, served_by_the_other());
    whole("a page", FakeResponse::json("<html>busy</html>"), error, served_by_the_other());
    whole("an error with status 200", error_of(vendor, 200), error, served_by_the_other());

    // First event.
    stream("no event", only({}), error, served_by_the_other());
    if (!vendor.opening.empty()) {
        stream("an end after the opening", only(vendor.opening), error, served_by_the_other());
    }
    stream("an event that is none", only({"nonsense"}), error, served_by_the_other());
    const std::string event_error = vendor.kind == "anthropic"
                                        ? R"({"type":"error","error":{"type":"api_error","message":"No."}})"
                                        : R"({"error":{"message":"No.","code":500}})";
    stream("an error for an event", only({event_error}), error, served_by_the_other());

    // After content: never another's words, always an error.
    auto begun = vendor.opening;
    begun.push_back(vendor.content);
    const Outcome broken{200, "upstream_error", "1", false};
    stream("an end after content", only(begun), broken, broken);
    begun.push_back(event_error);
    stream("an error after content", only(begun), broken, broken);

    // All is well.
    whole("none", FakeResponse::json(vendor.whole), {200, "", "1", true}, {200, "", "1", true});
    stream("none", only(all_events(vendor)), {200, "", "1", true}, {200, "", "1", true});
    return faults;
}

std::string error_code(const json& body) {
    if (!body.is_object() || !body.contains("error")) {
        return "";
    }
    const auto& code = body["error"]["code"];
    return code.is_string() ? code.get<std::string>() : "null";
}

Outcome outcome_of(const test::RawResponse& reply, bool stream) {
    Outcome outcome;
    outcome.status = reply.status;
    outcome.attempts = reply.header("x-gatehouse-attempts").value_or("-");
    if (!stream || reply.status != 200) {
        const auto body = json::parse(reply.body, nullptr, false);
        outcome.code = error_code(body);
        outcome.answered = reply.status == 200 && body.is_object() &&
                           body["choices"][0]["message"]["content"] == "Hi" &&
                           body["choices"][0]["finish_reason"] == "stop";
        return outcome;
    }
    std::string text;
    std::string finish;
    for (std::size_t at = 0; (at = reply.body.find("data: ", at)) != std::string::npos;) {
        const auto end = reply.body.find('\n', at);
        const auto event = json::parse(reply.body.substr(at + 6, end - at - 6), nullptr, false);
        at = end;
        if (!event.is_object()) {
            continue;
        }
        if (event.contains("error")) {
            outcome.code = error_code(event);
        }
        if (event.contains("choices") && !event["choices"].empty()) {
            const auto& choice = event["choices"][0];
            if (choice["delta"].contains("content") && choice["delta"]["content"].is_string()) {
                text += choice["delta"]["content"].get<std::string>();
            }
            if (choice["finish_reason"].is_string()) {
                finish = choice["finish_reason"];
            }
        }
    }
    outcome.answered =
        text == "Hi" && finish == "stop" && reply.body.ends_with("data: [DONE]\n\n") && outcome.code.empty();
    return outcome;
}

constexpr std::string_view quick_timeouts =
    "timeouts: {connect: 2s, first_byte: 300ms, first_token: 300ms, idle: 300ms, total: 3s}";

std::string provider(std::string_view name, const Vendor& vendor, std::string_view base_url,
                     std::string_view more = {}) {
    return fmt::format("  {}: {{kind: {}, base_url: \"{}{}\", api_keys: [{}], {}{}}}\n", name, vendor.kind,
                       base_url, vendor.base, provider_key, quick_timeouts, more);
}

class FailoverTest : public testing::TestWithParam<std::string> {
protected:
    static Vendor vendor() {
        return GetParam() == "openai" ? openai() : GetParam() == "anthropic" ? anthropic() : gemini();
    }
};

// The table of outcomes: docs/operations.md, "When a provider fails", is its summary.
TEST_P(FailoverTest, EveryFaultHasItsOutcomeAloneAndWithAnotherTarget) {
    const auto primary = vendor();
    FakeResponse now = FakeResponse::json("{}");
    FakeUpstream bad([&](const FakeRequest&) { return now; });
    FakeUpstream good([](const FakeRequest& request) {
        return request.body.find("\"stream\":true") != std::string::npos
                   ? FakeResponse::events(all_events(openai()))
                   : FakeResponse::json(openai().whole);
    });
    Plan plan;
    // Two names for the one that fails: what parks a credential parks it for the whole provider.
    plan.more_providers = provider("bad", primary, bad.base_url()) +
                          provider("worse", primary, bad.base_url()) +
                          provider("good", openai(), good.base_url());
    plan.models =
        "  alone: {targets: [{provider: bad, model: m}]}\n"
        "  behind: {targets: [{provider: worse, model: m}, {provider: good, model: m}]}\n";
    // The breaker has a test of its own; here every request is to meet the fault.
    plan.rest =
        "retry: {attempts: 2, backoff: {base: 1ms, cap: 1ms}}\n"
        "circuit_breaker: {failures: 1M, min_calls: 1M}\n";
    for (const auto& fault : faults_of(primary)) {
        now = fault.response;
        House house(plan);  // nothing is parked
        const auto more = fault.stream ? streamed : std::string_view();
        EXPECT_EQ(outcome_of(house.ask(path, chat("alone", more)), fault.stream), fault.alone)
            << fault.name << ", alone";
        EXPECT_EQ(outcome_of(house.ask(path, chat("behind", more)), fault.stream), fault.behind)
            << fault.name << ", with another target behind it";
    }
}

TEST_P(FailoverTest, NoConnectionAndNoTlsFallOver) {
    FakeUpstream good([](const FakeRequest&) { return FakeResponse::json(openai().whole); });
    FakeUpstream no_tls([](const FakeRequest&) { return FakeResponse::json("{}"); });
    Plan plan;
    auto tls_address = no_tls.base_url();
    tls_address.replace(0, 4, "https");
    plan.more_providers = provider("refused", vendor(), "http://127.0.0.1:1") +
                          provider("no-tls", vendor(), tls_address) +
                          provider("good", openai(), good.base_url());
    plan.models =
        "  refused: {targets: [{provider: refused, model: m}]}\n"
        "  no-tls: {targets: [{provider: no-tls, model: m}]}\n"
        "  both: {targets: [{provider: refused, model: m2}, {provider: no-tls, model: m2}, {provider: good, "
        "model: m}]}\n";
    plan.rest = "retry: {attempts: 3, backoff: {base: 1ms, cap: 1ms}}\n";
    House house(plan);
    EXPECT_EQ(outcome_of(house.ask(path, chat("refused")), false),
              (Outcome{502, "upstream_error", "3", false}));
    EXPECT_EQ(outcome_of(house.ask(path, chat("no-tls")), false),
              (Outcome{502, "upstream_error", "1", false}));
    EXPECT_EQ(outcome_of(house.ask(path, chat("both")), false), served_by_the_other(3));
}

INSTANTIATE_TEST_SUITE_P(Vendors, FailoverTest, testing::Values("openai", "anthropic", "gemini"),
                         [](const auto& vendor) { return vendor.param; });

/// Two providers of which a test says how they do.
struct TwoProviders : testing::Test {
    using Answer = std::function<FakeResponse(const FakeRequest&)>;
    void start(std::string models, std::string rest, std::string first_more = {}) {
        first = std::make_unique<FakeUpstream>([this](const FakeRequest& request) {
            ++first_calls;
            return first_answer(request);
        });
        second = std::make_unique<FakeUpstream>([this](const FakeRequest& request) {
            ++second_calls;
            return second_answer(request);
        });
        plan.more_providers = provider("first", openai(), first->base_url(), first_more) +
                              provider("second", openai(), second->base_url());
        plan.models = std::move(models);
        plan.rest = std::move(rest);
        house = std::make_unique<House>(plan);
    }
    Outcome ask(std::string_view model, std::string_view fields = {}) {
        return outcome_of(house->ask(path, chat(model), fields), false);
    }
    static FakeResponse good(const FakeRequest&) { return FakeResponse::json(openai().whole); }
    static FakeResponse bad(const FakeRequest&) { return error_of(openai(), 500); }

    Plan plan;
    std::atomic<int> first_calls{0};
    std::atomic<int> second_calls{0};
    Answer first_answer{good};
    Answer second_answer{good};
    std::unique_ptr<FakeUpstream> first;
    std::unique_ptr<FakeUpstream> second;
    std::unique_ptr<House> house;
};

const std::string both = "  m: {targets: [{provider: first, model: a}, {provider: second, model: b}]}\n";
const std::string fast = "retry: {backoff: {base: 1ms, cap: 5ms}}\n";

TEST_F(TwoProviders, ADeadPrimaryIsLeftAloneOnceItsBreakerIsOpen) {
    first_answer = bad;
    start(both, fast);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(ask("m").status, 200) << i;
    }
    EXPECT_EQ(first_calls, 5);
    const auto targets = json::parse(house->admin("/admin/targets").body)["targets"];
    ASSERT_EQ(targets.size(), 2U);
    EXPECT_EQ(targets[0]["provider"], "first");
    EXPECT_EQ(targets[0]["breaker"]["state"], "open");
    EXPECT_EQ(targets[1]["breaker"]["state"], "closed");
    EXPECT_EQ(house->metric(R"(gatehouse_upstream_breaker_state{provider="first",model="a",state="open"})"),
              1);
}

TEST_F(TwoProviders, ExplainSaysHowTheTargetsStandAndWhoWouldBeCalled) {
    first_answer = bad;
    start(both, fast);
    const auto explained = [&] { return json::parse(house->admin_post("/admin/explain", chat("m")).body); };
    const auto before = explained();
    EXPECT_EQ(before["targets"][0]["state"]["breaker"], "closed");
    EXPECT_EQ(before["first_call"], (json{{"target", 0}, {"why", "first"}}));
    for (int i = 0; i < 5; ++i) {
        ask("m");
    }
    const auto after = explained();
    const auto& state = after["targets"][0]["state"];
    EXPECT_EQ(state["breaker"], "open");
    EXPECT_EQ(state["failures_in_a_row"], 5);
    EXPECT_GT(state["probe_in_ms"], 0);
    EXPECT_EQ(state["has_credential"], true);
    EXPECT_EQ(after["targets"][1]["state"]["breaker"], "closed");
    EXPECT_EQ(after["first_call"]["target"], 1);
    EXPECT_EQ(first_calls, 5) << "explaining calls nobody";
}

TEST_F(TwoProviders, AParkedCredentialIsExplained) {
    first_answer = [](const FakeRequest&) { return error_of(openai(), 401); };
    start(both, fast);
    ask("m");
    const auto after = json::parse(house->admin_post("/admin/explain", chat("m")).body);
    EXPECT_EQ(after["targets"][0]["state"]["has_credential"], false);
    EXPECT_EQ(after["targets"][0]["state"]["credentials_parked"]["for_every_model"], 1);
    EXPECT_EQ(after["first_call"]["target"], 1);
}

TEST_F(TwoProviders, TheBreakerSurvivesAReloadAndAProbeClosesIt) {
    first_answer = bad;
    start(both, fast + "circuit_breaker: {open_for: 300ms}\n");
    for (int i = 0; i < 6; ++i) {
        ask("m");
    }
    ASSERT_EQ(first_calls, 5);
    first_answer = good;
    plan.rest += "limits: {}\n";
    house->write(plan);
    ASSERT_TRUE(house->reload());
    EXPECT_TRUE(eventually([&] {
        ask("m");
        return first_calls > 5;
    }));
    EXPECT_TRUE(eventually([&] {
        ask("m");
        const auto targets = json::parse(house->admin("/admin/targets").body)["targets"];
        return targets[0]["breaker"]["state"] == "closed";
    }));
}

TEST_F(TwoProviders, AllDownSeeFewCalls) {
    first_answer = second_answer = bad;
    start(both, fast);
    constexpr int requests = 100;
    for (int i = 0; i < requests; ++i) {
        EXPECT_EQ(ask("m").status, 502) << i;
    }
    EXPECT_LE(first_calls + second_calls, 240);
}

TEST_F(TwoProviders, AllOpenFailsFastWhereTheOperatorWantsIt) {
    first_answer = second_answer = bad;
    start(both, fast + "circuit_breaker: {all_open: fail}\n");
    for (int i = 0; i < 10; ++i) {
        ask("m");
    }
    constexpr int requests = 100;
    for (int i = 10; i < requests; ++i) {
        ask("m");
    }
    EXPECT_LE(first_calls + second_calls, requests / 2);
    const int before = first_calls + second_calls;
    const auto reply = house->ask(path, chat("m"));
    EXPECT_EQ(outcome_of(reply, false), (Outcome{503, "overloaded", "0", false}));
    EXPECT_TRUE(reply.header("retry-after"));
    EXPECT_EQ(first_calls + second_calls, before);
}

TEST_F(TwoProviders, ThirtyPercentFaultsOnEachAreHardlySeen) {
    std::atomic<unsigned> number{0};
    const auto flaky = [&](const FakeRequest& request) {
        // A fixed sequence (Knuth's multiplicative hash), so that every run is the same.
        const auto draw = (number++ * 2654435761U) >> 16U;
        return draw % 10 < 3 ? bad(request) : good(request);
    };
    first_answer = second_answer = flaky;
    start(both, fast);
    constexpr int requests = 400;
    int served = 0;
    for (int i = 0; i < requests; ++i) {
        served += ask("m").answered ? 1 : 0;
    }
    EXPECT_GE(served, requests * 95 / 100);
    EXPECT_LE(first_calls + second_calls, requests * 145 / 100);
}

TEST_F(TwoProviders, ARefusedKeyGivesWayToTheNextAndStaysParked) {
    first_answer = [](const FakeRequest& request) {
        return request.field("authorization") == "Bearer second-key" ? FakeResponse::json(openai().whole)
                                                                     : error_of(openai(), 401);
    };
    first = std::make_unique<FakeUpstream>([this](const FakeRequest& request) {
        ++first_calls;
        return first_answer(request);
    });
    plan.more_providers =
        fmt::format("  first: {{kind: openai, base_url: \"{}/v1\", api_keys: [first-key, second-key]}}\n",
                    first->base_url());
    plan.models = "  m: {targets: [{provider: first, model: a}]}\n";
    house = std::make_unique<House>(plan);
    EXPECT_EQ(ask("m"), (Outcome{200, "", "2", true}));
    EXPECT_EQ(ask("m"), (Outcome{200, "", "1", true}));
    EXPECT_EQ(first_calls, 3);
    EXPECT_EQ(house->log_text().find("first-key"), std::string::npos);
}

TEST_F(TwoProviders, AnExhaustedLimitMovesOnBeforeItIsHit) {
    first_answer = [](const FakeRequest&) {
        auto last = FakeResponse::json(openai().whole);
        last.headers.emplace_back("x-ratelimit-remaining-requests", "0");
        last.headers.emplace_back("x-ratelimit-reset-requests", "1m0s");
        return last;
    };
    start(both, fast);
    EXPECT_EQ(ask("m").status, 200);
    EXPECT_EQ(ask("m").status, 200);
    EXPECT_EQ(first_calls, 1);
    EXPECT_EQ(second_calls, 1);
}

TEST_F(TwoProviders, FallbackModelsComeAfterTheTargetsAndCanBeSwitchedOff) {
    first_answer = bad;
    start(
        "  m: {targets: [{provider: first, model: a}], fallbacks: [other]}\n"
        "  other: {targets: [{provider: second, model: b}]}\n",
        fast);
    EXPECT_EQ(ask("m"), (Outcome{200, "", "2", true}));
    EXPECT_EQ(ask("m", "x-gatehouse-fallback: off\r\n").status, 502);
    EXPECT_EQ(second_calls, 1);
}

TEST_F(TwoProviders, AClientMayNameItsOwnFallbacks) {
    first_answer = bad;
    start(
        "  m: {targets: [{provider: first, model: a}]}\n"
        "  other: {targets: [{provider: second, model: b}]}\n",
        fast);
    const auto ask_with = [&](std::string_view more) {
        return outcome_of(house->ask(path, chat("m", more)), false);
    };
    EXPECT_EQ(ask_with(R"(,"fallbacks":["other"])"), (Outcome{200, "", "2", true}));
    for (const auto& seen : {first->requests(), second->requests()}) {
        EXPECT_EQ(seen.back().body.find("fallbacks"), std::string::npos);
    }
    const auto refused = house->ask(path, chat("m", R"(,"fallbacks":["other","none"])"));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(json::parse(refused.body)["error"]["param"], "fallbacks[1]");
    EXPECT_EQ(ask_with(R"(,"fallbacks":"other")").status, 400);
    EXPECT_EQ(ask_with(R"(,"fallbacks":[1])").status, 400);
}

TEST_F(TwoProviders, ATooLongRequestGoesToItsOwnFallbacks) {
    first_answer = [](const FakeRequest&) {
        return FakeResponse::json(
            R"({"error":{"message":"Too long.","type":"invalid_request_error","code":"context_length_exceeded"}})",
            400);
    };
    start(
        "  m: {targets: [{provider: first, model: a}], context_length_fallbacks: [long]}\n"
        "  long: {targets: [{provider: second, model: b}]}\n"
        "  bare: {targets: [{provider: first, model: a}], fallbacks: [long]}\n",
        fast);
    EXPECT_EQ(ask("m"), (Outcome{200, "", "2", true}));
    EXPECT_EQ(ask("bare"), (Outcome{400, "context_length_exceeded", "1", false}));
}

TEST_F(TwoProviders, ASlowFirstCallGetsACompanionAndTheQuickerOneWins) {
    first_answer = [](const FakeRequest&) {
        auto slow = FakeResponse::json(openai().whole);
        slow.head_delay = std::chrono::milliseconds(250);
        return slow;
    };
    second_answer = [](const FakeRequest& request) {
        return request.body.find("\"stream\":true") != std::string::npos
                   ? FakeResponse::events(all_events(openai()))
                   : FakeResponse::json(openai().whole);
    };
    start(both, fast + "hedge: {after: 20ms, max_share: 100%}\n");
    for (const bool stream : {false, true}) {
        const auto reply = house->ask(path, chat("m", stream ? streamed : std::string_view()));
        EXPECT_EQ(outcome_of(reply, stream), (Outcome{200, "", "2", true}));
        EXPECT_EQ(reply.header("x-gatehouse-provider"), "second");
    }
    EXPECT_EQ(first_calls, 2);
    EXPECT_EQ(second_calls, 2);
    std::string log;
    EXPECT_TRUE(eventually([&] {
        log = house->log_text();
        return log.find(R"("why":"hedge")") != std::string::npos;
    }));
    EXPECT_NE(log.find(R"("why":"hedge","status":200)"), std::string::npos) << log;
    EXPECT_NE(log.find(R"("problem":"cancelled")"), std::string::npos) << log;
    EXPECT_TRUE(eventually([&] {
        return house->metric(R"(gatehouse_upstream_calls_in_flight{provider="first",model="a"})") == 0;
    }));
}

TEST_F(TwoProviders, AHedgeThatFailsLeavesTheFirstCallAlone) {
    first_answer = [](const FakeRequest&) {
        auto slow = FakeResponse::json(openai().whole);
        slow.head_delay = std::chrono::milliseconds(150);
        return slow;
    };
    second_answer = bad;
    start(both, fast + "hedge: {after: 20ms, max_share: 100%}\n");
    const auto reply = house->ask(path, chat("m"));
    EXPECT_EQ(outcome_of(reply, false), (Outcome{200, "", "2", true}));
    EXPECT_EQ(reply.header("x-gatehouse-provider"), "first");
}

TEST_F(TwoProviders, AFirstCallThatFailsBesideItsCompanionLeavesTheAnswerToIt) {
    first_answer = [](const FakeRequest&) {
        auto slow = error_of(openai(), 500);
        slow.head_delay = std::chrono::milliseconds(60);
        return slow;
    };
    second_answer = [](const FakeRequest&) {
        auto slow = FakeResponse::json(openai().whole);
        slow.head_delay = std::chrono::milliseconds(150);
        return slow;
    };
    start(both, fast + "hedge: {after: 20ms, max_share: 100%}\n");
    EXPECT_EQ(ask("m"), (Outcome{200, "", "2", true}));
    second_answer = bad;
    EXPECT_EQ(ask("m").status, 502);
}

TEST_F(TwoProviders, HedgesAreAShareOfTheCalls) {
    first_answer = [](const FakeRequest&) {
        auto slow = FakeResponse::json(openai().whole);
        slow.head_delay = std::chrono::milliseconds(30);
        return slow;
    };
    start(both, fast + "hedge: {after: 5ms, max_share: 10%}\n");
    for (int i = 0; i < 40; ++i) {
        EXPECT_EQ(ask("m").status, 200);
    }
    EXPECT_EQ(first_calls, 40);
    EXPECT_LE(second_calls, 4);
    EXPECT_GE(second_calls, 1);
}

TEST_F(TwoProviders, AnOperatorOpensAndClosesATarget) {
    start(both, fast);
    test::RawClient client(house->admin_port());
    const auto order = [&](std::string_view body) {
        return client
            .exchange(
                fmt::format("POST /admin/targets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
                            "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                            operator_key, body.size(), body))
            .status;
    };
    EXPECT_EQ(order(R"({"provider":"first","model":"a","breaker":"open"})"), 200);
    ask("m");
    EXPECT_EQ(first_calls, 0);
    EXPECT_EQ(order(R"({"provider":"first","model":"a","breaker":"auto"})"), 200);
    ask("m");
    EXPECT_EQ(first_calls, 1);
    EXPECT_EQ(order(R"({"provider":"first","model":"z","breaker":"open"})"), 404);
    EXPECT_EQ(order(R"({"provider":"first","model":"a","breaker":"ajar"})"), 400);
    EXPECT_EQ(order(R"({"provider":"first","model":"a"})"), 400);
    EXPECT_EQ(order(R"([])"), 400);
}

TEST_F(TwoProviders, ADebugRequestIsToldHowItWasAnswered) {
    first_answer = bad;
    second_answer = [](const FakeRequest& request) {
        return request.body.find("\"stream\":true") != std::string::npos
                   ? FakeResponse::events(all_events(openai()))
                   : FakeResponse::json(openai().whole);
    };
    start(both, fast + "auth: {required: false}\n");
    const auto ask_as = [&](std::string_view key, std::string_view more) {
        const auto body = chat("m", more);
        test::RawClient client(house->port());
        return client.exchange(
            fmt::format("POST {} HTTP/1.1\r\nHost: gateway\r\n{}x-gatehouse-debug: 1\r\n"
                        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                        path, key, body.size(), body));
    };
    const auto whole = json::parse(ask_as("", "").body);
    EXPECT_EQ(whole["choices"][0]["message"]["content"], "Hi");
    EXPECT_EQ(whole["gatehouse"]["attempts"][0]["status"], 500);
    EXPECT_EQ(whole["gatehouse"]["attempts"][1]["why"], "next_target");
    const auto stream = ask_as("", streamed).body;
    EXPECT_NE(stream.find("\n\n: gatehouse {"), std::string::npos) << stream;
    EXPECT_TRUE(stream.ends_with("}\n\ndata: [DONE]\n\n")) << stream;
    EXPECT_EQ(ask_as(fmt::format("Authorization: Bearer {}\r\n", client_key), "").status, 403);
}

TEST_F(TwoProviders, ListsWhatFailedWithoutTheProvidersWords) {
    first_answer = bad;
    second_answer = [](const FakeRequest&) { return FakeResponse::json("{}", 503); };
    start(both, "retry: {attempts: 2}\n");
    const auto reply = house->ask(path, chat("m"));
    const auto message = json::parse(reply.body)["error"]["message"].get<std::string>();
    EXPECT_EQ(message, "Every target failed: `first` (a) answered 500; `second` (b) answered 503.");
}

}  // namespace
}  // namespace gatehouse::integration

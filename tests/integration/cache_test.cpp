// The cache through the real server: what is answered without a call, what is not, and what everybody is
// told.
#include "clients.hpp"
#include "house.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::eventually;
using test::FakeFault;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;
using test::RawClient;
using test::RawResponse;
using testing::HasSubstr;

constexpr std::string_view path = "/v1/chat/completions";
constexpr std::string_view other_key = "gh-canary-of-the-other-0123456789abcdef";
constexpr std::string_view colleague_key = "gh-canary-of-the-colleague-0123456789abcdef";

std::string chunk(std::string_view inside) {
    return R"({"id":"1","object":"chat.completion.chunk","created":1,"model":"m",)" + std::string(inside) +
           "}";
}

std::string whole(std::string_view text, std::string_view finish = "stop", std::string_view more = {}) {
    return fmt::format(
        R"({{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":)"
        R"({{"role":"assistant","content":"{}"{}}},"finish_reason":"{}"}}],)"
        R"("usage":{{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10}}}})",
        text, more, finish);
}

FakeResponse streamed(std::string_view text, std::string_view finish = "stop") {
    return FakeResponse::events(
        {chunk(fmt::format(R"("choices":[{{"index":0,"delta":{{"content":"{}"}},"finish_reason":null}}])",
                           text)),
         chunk(fmt::format(R"("choices":[{{"index":0,"delta":{{}},"finish_reason":"{}"}}])", finish)),
         chunk(R"("choices":[],"usage":{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10})"),
         "[DONE]"});
}

bool wants_stream(const FakeRequest& request) {
    return request.body.find(R"("stream":true)") != std::string::npos;
}

/// A question with a temperature of 0; `more` is further members with a leading comma.
std::string ask_for(std::string_view text, std::string_view more = {}, std::string_view model = "m") {
    return fmt::format(R"({{"model":"{}","temperature":0,"messages":[{{"role":"user","content":"{}"}}]{}}})",
                       model, text, more);
}

/// Questions with such words are near those without (0.9), and too far from each other to be compared.
std::string vector_of(std::string_view text) {
    constexpr auto apart =
        std::to_array<std::string_view>({"less", "no more", "When", "2 litres", "Warum", "Ford"});
    std::string rest;
    bool plain = true;
    for (const auto word : apart) {
        const bool own = text.find(word) != std::string_view::npos;
        plain = plain && !own;
        rest += own ? ",0.435890" : ",0";
    }
    return (plain ? "[1" : "[0.9") + rest + "]";
}

struct CacheTest : testing::Test {
    CacheTest() : upstream([this](const FakeRequest& request) { return answer(request); }) {
        std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-cache-XXXXXX").string();
        directory = ::mkdtemp(pattern.data());
        std::ofstream(directory + "/prices.yaml")
            << "models: {openai: {m: {price: {input: \"1\", output: \"10\"}, "
               "multipliers: {batch: 1, flex: 1, priority: 1, fast: 1}}}}\n";
        plan.base_url = upstream.base_url() + "/v1";
        plan.models =
            "  m: {targets: [{provider: up, model: m}]}\n"
            "  n: {targets: [{provider: up, model: n}]}\n";
    }
    ~CacheTest() override {
        house.reset();
        std::filesystem::remove_all(directory);
    }

    /// Every answer of the provider is another one, unless the test wants them to be the same.
    FakeResponse answer(const FakeRequest& request) {
        if (request.body.find(R"("model":"e")") != std::string::npos) {
            ++embedded;
            auto response =
                embedder_works
                    ? FakeResponse::json(fmt::format(
                          R"({{"object":"list","data":[{{"object":"embedding","index":0,"embedding":{}}}],)"
                          R"("model":"e","usage":{{"prompt_tokens":2}}}})",
                          vector_of(request.body)))
                    : FakeResponse::json(R"({"error":{"message":"down"}})", 503);
            response.fault = embedder_hangs ? FakeFault::stall : FakeFault::none;
            return response;
        }
        const auto text = "answer " + std::to_string(same_answer ? 1 : ++calls);
        const auto asks = [&](std::string_view what) { return request.body.find(what) != std::string::npos; };
        const bool streams = wants_stream(request);
        if (request.target.ends_with("/embeddings")) {
            return FakeResponse::json(
                R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,0.25]}],)"
                R"("model":"m","usage":{"prompt_tokens":2,"total_tokens":2}})");
        }
        if (asks("error?")) {
            return FakeResponse::json(R"({"error":{"message":"no","type":"server_error"}})", 500);
        }
        if (asks("cut?")) {
            auto response = streamed(text);
            response.fault = FakeFault::close;
            response.at_byte = 250;
            return response;
        }
        if (asks("long?")) {
            return streams ? streamed(text, "length") : FakeResponse::json(whole(text, "length"));
        }
        if (asks("filtered?")) {
            return streams ? streamed(text, "content_filter")
                           : FakeResponse::json(whole(text, "content_filter"));
        }
        if (asks("tool?")) {
            return FakeResponse::json(whole(
                "", "tool_calls",
                R"(,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}])"));
        }
        if (asks("empty?")) {
            return streams ? streamed("") : FakeResponse::json(whole(""));
        }
        return wants_stream(request) ? streamed(text) : FakeResponse::json(whole(text));
    }

    void open(std::string_view rest = {}) {
        house.reset();
        plan.rest = fmt::format(
            "  - {{name: other, value: {}, tags: {{task: index}}}}\n"
            "  - {{name: colleague, value: {}, team: a}}\n"
            "retry: {{attempts: 1}}\nprices: {}/prices.yaml\n{}",
            other_key, colleague_key, directory, rest);
        house = std::make_unique<House>(plan);
    }

    RawResponse ask(std::string_view body, std::string_view fields = {}) {
        return house->ask(path, body, fields);
    }
    RawResponse ask_as(std::string_view key, std::string_view body) {
        RawClient client(house->port());
        return client.exchange(
            fmt::format("POST {} HTTP/1.1\r\nHost: g\r\nAuthorization: Bearer {}\r\nContent-Type: "
                        "application/json\r\nContent-Length: {}\r\n\r\n{}",
                        path, key, body.size(), body));
    }
    std::string status_of(std::string_view body, std::string_view fields = {}) {
        return ask(body, fields).header("x-gatehouse-cache").value_or("-");
    }
    json page() { return json::parse(house->admin("/admin/cache").body); }
    RawResponse purge(std::string_view query) {
        RawClient client(house->admin_port());
        return client.exchange(fmt::format(
            "DELETE /admin/cache{} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n", query,
            operator_key));
    }

    std::string directory;
    std::atomic<int> calls{0};
    std::atomic<int> embedded{0};
    std::atomic<bool> embedder_works{true};
    std::atomic<bool> same_answer{false};
    std::atomic<bool> embedder_hangs{false};
    FakeUpstream upstream;
    Plan plan;
    std::unique_ptr<House> house;
};

TEST_F(CacheTest, AnswersTheSameQuestionOnce) {
    open();
    const auto first = ask(ask_for("Why?"), "x-request-id: first\r\n");
    EXPECT_EQ(first.header("x-gatehouse-cache"), "miss");
    EXPECT_EQ(first.header("x-gatehouse-attempts"), "1");
    EXPECT_EQ(first.header("x-gatehouse-cost-usd"), "0.000028");
    EXPECT_FALSE(first.header("age"));
    const auto second = ask(ask_for("Why?"), "x-request-id: second\r\n");
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(second.header("x-gatehouse-cache"), "hit");
    EXPECT_EQ(second.header("x-gatehouse-cache-type"), "exact");
    EXPECT_EQ(second.header("x-gatehouse-attempts"), "0");
    EXPECT_EQ(second.header("x-gatehouse-cost-usd"), "0");
    EXPECT_EQ(second.header("x-gatehouse-saved-usd"), "0.000028");
    EXPECT_EQ(second.header("x-gatehouse-provider"), "up");
    EXPECT_EQ(second.header("x-gatehouse-model"), "m");
    EXPECT_EQ(second.header("age"), "0");
    EXPECT_EQ(calls, 1);
}

TEST_F(CacheTest, KnowsAQuestionWhateverTheOrderOfItsMembers) {
    open();
    ask(R"({"model":"m","temperature":0,"messages":[{"role":"user","content":"Why?"}]})");
    EXPECT_EQ(status_of(R"({ "messages": [{"content": "Wh\u0079?", "role": "user"}], "temperature": 0.0,)"
                        R"( "user": "x", "model": "m" })"),
              "hit");
    EXPECT_EQ(calls, 1);
}

TEST_F(CacheTest, StreamsAnAnswerAgain) {
    open();
    const auto body = ask_for("Why?", R"(,"stream":true)");
    const auto first = ask(body);
    const auto second = ask(body);
    EXPECT_EQ(first.header("x-gatehouse-cache"), "miss");
    EXPECT_EQ(second.header("x-gatehouse-cache"), "hit");
    EXPECT_EQ(second.header("content-type"), "text/event-stream; charset=utf-8");
    EXPECT_EQ(second.header("x-gatehouse-cost-usd"), "0");
    EXPECT_THAT(second.body, HasSubstr("answer 1"));
    EXPECT_TRUE(second.body.ends_with("data: [DONE]\n\n")) << second.body;
    EXPECT_THAT(second.body, testing::Not(HasSubstr("prompt_tokens"))) << "nobody asked for usage";
    EXPECT_EQ(calls, 1);
}

TEST_F(CacheTest, GivesAWholeAnswerAsAStreamAndAStreamWhole) {
    open();
    ask(ask_for("whole?"));
    const auto as_stream =
        ask(ask_for("whole?", R"(,"stream":true,"stream_options":{"include_usage":true})"));
    EXPECT_EQ(as_stream.header("x-gatehouse-cache"), "hit");
    EXPECT_THAT(as_stream.body, HasSubstr("answer 1"));
    EXPECT_THAT(as_stream.body, HasSubstr(R"("prompt_tokens":8)"));
    EXPECT_TRUE(as_stream.body.ends_with("data: [DONE]\n\n")) << as_stream.body;
    ask(ask_for("stream?", R"(,"stream":true)"));
    const auto as_whole = ask(ask_for("stream?"));
    EXPECT_EQ(as_whole.header("x-gatehouse-cache"), "hit");
    auto message = json::parse(as_whole.body);
    EXPECT_EQ(message["object"], "chat.completion");
    EXPECT_EQ(message["choices"][0]["message"]["content"], "answer 2") << as_whole.body;
    EXPECT_EQ(message["choices"][0]["finish_reason"], "stop");
    EXPECT_EQ(message["usage"]["prompt_tokens"], 8);
    EXPECT_EQ(calls, 2);
}

TEST_F(CacheTest, ACostOfNothingStandsInTheUsageOfAStream) {
    open();
    const auto body = ask_for("Why?", R"(,"stream":true,"stream_options":{"include_usage":true})");
    EXPECT_THAT(ask(body).body, HasSubstr(R"("cost":0.000028)"));
    const auto again = ask(body).body;
    EXPECT_THAT(again, HasSubstr(R"("cost":0)"));
    EXPECT_THAT(again, testing::Not(HasSubstr("0.000028")));
}

TEST_F(CacheTest, MissesWhenAnythingThatMattersDiffers) {
    open();
    const std::string asked = R"(,"max_tokens":100,"tools":[{"type":"function","function":{"name":"f"}}])";
    ask(ask_for("Why?", asked));
    ASSERT_EQ(status_of(ask_for("Why?", asked)), "hit");
    const std::vector<std::string> others{
        ask_for("Why not?", asked),
        ask_for("why?", asked),
        ask_for("Why?", asked, "n"),
        ask_for("Why?"),
        ask_for("Why?", R"(,"max_tokens":101,"tools":[{"type":"function","function":{"name":"f"}}])"),
        ask_for("Why?", R"(,"max_tokens":100,"tools":[{"type":"function","function":{"name":"g"}}])"),
        ask_for("Why?", asked + R"(,"tool_choice":"none")"),
        ask_for("Why?", asked + R"(,"response_format":{"type":"json_object"})"),
        ask_for("Why?", asked + R"(,"seed":1)"),
        ask_for("Why?", asked + R"(,"n":2)"),
        ask_for("Why?", asked + R"(,"stop":["x"])"),
        ask_for("Why?", asked + R"(,"top_p":0.5)"),
        ask_for("Why?", asked + R"(,"logprobs":true)"),
        ask_for("Why?", asked + R"(,"reasoning_effort":"high")"),
        ask_for("Why?", asked + R"(,"frequency_penalty":0.5)"),
        ask_for("Why?", asked + R"(,"some_new_member":1)"),
        R"({"model":"m","temperature":0,"messages":[{"role":"system","content":"Be brief."},)"
        R"({"role":"user","content":"Why?"}])" +
            asked + "}",
        R"({"model":"m","temperature":0,"messages":[{"role":"user","content":"Hm."},)"
        R"({"role":"assistant","content":"What?"},{"role":"user","content":"Why?"}])" +
            asked + "}",
    };
    for (const auto& body : others) {
        EXPECT_EQ(status_of(body), "miss") << body;
        EXPECT_EQ(status_of(body), "hit") << body;
    }
    EXPECT_EQ(status_of(ask_for("Why?", asked), "x-gatehouse-cache-scope: mine\r\n"), "miss");
    EXPECT_EQ(status_of(ask_for("Why?", asked), "x-gatehouse-cache-scope: mine\r\n"), "hit");
}

TEST_F(CacheTest, KeepsTenantsApart) {
    plan.caller = "team: a";
    open();
    ask(ask_for("Why?"));
    EXPECT_EQ(ask_as(other_key, ask_for("Why?")).header("x-gatehouse-cache"), "miss");
    EXPECT_EQ(ask_as(colleague_key, ask_for("Why?")).header("x-gatehouse-cache"), "miss");
    open("cache: {scope: team}\n");
    ask(ask_for("Why?"));
    EXPECT_EQ(ask_as(other_key, ask_for("Why?")).header("x-gatehouse-cache"), "miss");
    EXPECT_EQ(ask_as(colleague_key, ask_for("Why?")).header("x-gatehouse-cache"), "hit");
    open("cache: {scope: gateway}\n");
    ask(ask_for("Why?"));
    EXPECT_EQ(ask_as(other_key, ask_for("Why?")).header("x-gatehouse-cache"), "hit");
}

TEST_F(CacheTest, DoesNotKeepWhatIsNoCompleteAnswer) {
    open();
    const std::string streams = R"(,"stream":true)";
    for (const auto& [what, more] : std::vector<std::pair<std::string, std::string>>{{"error?", ""},
                                                                                     {"cut?", streams},
                                                                                     {"long?", ""},
                                                                                     {"long?", streams},
                                                                                     {"filtered?", ""},
                                                                                     {"filtered?", streams},
                                                                                     {"tool?", ""},
                                                                                     {"empty?", ""},
                                                                                     {"empty?", streams}}) {
        const int before = calls;
        ask(ask_for(what, more));
        EXPECT_EQ(status_of(ask_for(what, more)), "miss") << what << more;
        EXPECT_EQ(calls, before + 2) << what << more;
    }
    EXPECT_EQ(house->metric("gatehouse_cache_entries"), 0);
}

TEST_F(CacheTest, FindsTheSameQuestionInOtherWordsWhereTheOperatorWantsIt) {
    open("cache: {semantic: {mode: signature}}\n");
    ask(ask_for("How do I sort a list in place?"));
    const auto reworded = ask(ask_for("how do you sort a list in place"));
    EXPECT_EQ(reworded.header("x-gatehouse-cache"), "hit");
    EXPECT_EQ(reworded.header("x-gatehouse-cache-type"), "signature");
    EXPECT_EQ(status_of(ask_for("How do I sort a list in reverse?")), "miss");
    EXPECT_EQ(status_of(ask_for("how do you sort a list in place", R"(,"seed":1)")), "miss");
    EXPECT_EQ(status_of(ask_for("how do you sort a list in  place"), "x-gatehouse-cache: exact\r\n"), "miss");
    open();
    ask(ask_for("How do I sort a list in place?"));
    EXPECT_EQ(status_of(ask_for("how do you sort a list in place")), "miss");
}

constexpr std::string_view by_meaning =
    "embedders: {all_alike: {kind: provider, provider: up, model: e, dimensions: 7}}\n"
    "cache: {semantic: {mode: semantic, embedder: all_alike}}\n";

TEST_F(CacheTest, FindsTheSameQuestionByItsMeaningWhereTheGuardAgrees) {
    open(by_meaning);
    ask(ask_for("Why does a big engine need more fuel?"));
    ASSERT_TRUE(eventually([&] { return house->metric("gatehouse_cache_questions") == 1; }));
    const auto reworded = ask(ask_for("Why does a large engine need more fuel?"));
    EXPECT_EQ(reworded.header("x-gatehouse-cache"), "hit");
    EXPECT_EQ(reworded.header("x-gatehouse-cache-type"), "semantic");
    EXPECT_EQ(reworded.header("x-gatehouse-cache-similarity"), "1.000");
    EXPECT_EQ(reworded.header("x-gatehouse-cost-usd"), "0");
    EXPECT_THAT(reworded.body, HasSubstr("answer 1"));
    const auto streamed_again = ask(ask_for("Why does a large engine need more fuel?", R"(,"stream":true)"));
    EXPECT_EQ(streamed_again.header("x-gatehouse-cache-type"), "semantic");
    EXPECT_TRUE(streamed_again.body.ends_with("data: [DONE]\n\n")) << streamed_again.body;
    for (const std::string_view other :
         {"Why does a big engine need less fuel?", "Why does a big engine need no more fuel?",
          "When does a big engine need more fuel?", "Why does a big engine need 2 litres more fuel?",
          "Warum braucht ein grosser Motor mehr Treibstoff?", "Why does a Ford engine need more fuel?"}) {
        EXPECT_EQ(status_of(ask_for(other)), "miss") << other;
    }
    for (const std::string_view more : {R"(,"seed":1)", R"(,"max_tokens":9)", R"(,"top_p":0.5)"}) {
        EXPECT_EQ(status_of(ask_for("Why does a large engine need more fuel?", more)), "miss") << more;
    }
    EXPECT_EQ(status_of(ask_for("Why does a large engine need more fuel?", "", "n")), "miss");
    EXPECT_EQ(
        ask_as(other_key, ask_for("Why does a large engine need more fuel?")).header("x-gatehouse-cache"),
        "miss");
    const auto shown = page();
    EXPECT_EQ(shown["tiers"]["semantic"]["hits"], 2);
    EXPECT_EQ(shown["refusals_by_reason"]["number"], 1) << shown.dump(2);
    EXPECT_GT(shown["questions"]["entries"], 1);
    EXPECT_EQ(house->metric(R"(gatehouse_cache_requests_total{model="m",outcome="hit",tier="semantic"})"), 2);
}

TEST_F(CacheTest, APurgeTakesTheQuestionsToo) {
    open(by_meaning);
    ask(ask_for("Why does a big engine need more fuel?"));
    ask(ask_for("Why does a big garden need more rain?", "", "n"));
    ASSERT_TRUE(eventually([&] { return house->metric("gatehouse_cache_questions") == 2; }));
    EXPECT_EQ(purge("?model=m").status, 200);
    EXPECT_TRUE(eventually([&] { return house->metric("gatehouse_cache_questions") == 1; }));
    EXPECT_EQ(status_of(ask_for("Why does a large engine need more fuel?")), "miss");
    EXPECT_EQ(status_of(ask_for("Why does a large garden need more rain?", "", "n")), "hit");
}

TEST_F(CacheTest, AnEmbedderThatIsDownMakesMissesAndNothingWorse) {
    embedder_works = false;
    open(by_meaning);
    EXPECT_EQ(status_of(ask_for("Why does a big engine need more fuel?")), "miss");
    EXPECT_EQ(status_of(ask_for("Why does a big engine need more fuel?")), "hit") << "by the same words";
    EXPECT_EQ(status_of(ask_for("Why does a large engine need more fuel?")), "miss");
    EXPECT_EQ(page()["refusals_by_reason"]["no_vector"], 2);
}

TEST_F(CacheTest, AnEmbedderThatHangsCostsAPartOfTheClientsTimeOnly) {
    embedder_hangs = true;
    open(by_meaning);
    const auto began = std::chrono::steady_clock::now();
    const auto reply =
        ask(ask_for("Why does a big engine need more fuel?"), "x-gatehouse-timeout: 1200ms\r\n");
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.header("x-gatehouse-cache"), "miss");
    EXPECT_GE(took, std::chrono::milliseconds(300)) << "a quarter of it";
    EXPECT_EQ(page()["refusals_by_reason"]["no_vector"], 1);
    EXPECT_EQ(calls, 1);
}

TEST_F(CacheTest, ExplainsWhatItWouldFindByItsMeaning) {
    open(by_meaning);
    const auto explain = [&](std::string_view text, std::string_view key = "caller") {
        const auto reply = house->admin_post(
            "/admin/explain", fmt::format(R"({{"key":"{}","request":{}}})", key, ask_for(text)));
        EXPECT_EQ(reply.status, 200) << reply.body;
        return json::parse(reply.body)["cache"];
    };
    ask(ask_for("Why does a big engine need more fuel?"));
    ASSERT_TRUE(eventually([&] { return house->metric("gatehouse_cache_questions") == 1; }));
    const auto before = page();

    const auto found = explain("Why does a large engine need more fuel?");
    EXPECT_EQ(found["hit"]["type"], "semantic") << found;
    EXPECT_EQ(found["hit"]["similarity"], 1.0);
    EXPECT_EQ(found["hit"]["saves_usd"], "0.000028");
    EXPECT_EQ(found["hit"]["kept_for"], explain("Why does a big engine need more fuel?")["key"]);
    EXPECT_EQ(found["refusal"], nullptr);
    EXPECT_EQ(found["meaning"], json({{"threshold", 0.85}, {"compared", 1}, {"nearest", 1.0}}));
    EXPECT_EQ(found.dump().find("big engine"), std::string::npos) << "nobody's words are told";

    const auto refused = explain("Why does a big engine need 2 litres more fuel?");
    EXPECT_EQ(refused["hit"], nullptr);
    EXPECT_EQ(refused["refusal"], "number");
    EXPECT_EQ(refused["meaning"]["compared"], 1);

    const auto of_another = explain("Why does a large engine need more fuel?", "other");
    EXPECT_EQ(of_another["hit"], nullptr);
    EXPECT_EQ(of_another["meaning"], json({{"threshold", 0.85}, {"compared", 0}, {"nearest", nullptr}}));

    EXPECT_EQ(explain("Why does a big engine need more fuel?")["meaning"], nullptr)
        << "its own words are enough";
    EXPECT_EQ(page(), before) << "nothing was counted";
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(status_of(ask_for("Why does a large engine need more fuel?")), "hit");
    EXPECT_EQ(status_of(ask_for("Why does a big engine need 2 litres more fuel?")), "miss");

    embedder_works = false;
    EXPECT_EQ(explain("Why does the large engine need much fuel?")["refusal"], "no_vector");
}

TEST_F(CacheTest, QuestionsAreFoundByTheirMeaningAfterARestart) {
    plan.data_dir = directory + "/data";
    constexpr std::string_view rest =
        "embedders: {all_alike: {kind: provider, provider: up, model: e, dimensions: 7}}\n"
        "cache: {exact: {persist: true}, semantic: {mode: semantic, embedder: all_alike}}\n";
    open(rest);
    ask(ask_for("Why does a big engine need more fuel?"));
    open(rest);
    ASSERT_TRUE(eventually([&] { return house->metric("gatehouse_cache_questions") == 1; }));
    EXPECT_EQ(status_of(ask_for("Why does a large engine need more fuel?")), "hit");
    EXPECT_EQ(calls, 1);
}

TEST_F(CacheTest, WhoGotAnAnswerByItsMeaningMaySayThatItIsWrong) {
    open(by_meaning);
    const auto judge = [&](std::string_view body) { return house->ask("/v1/cache/feedback", body); };
    ask(ask_for("Why does a big engine need more fuel?"), "x-request-id: original\r\n");
    ASSERT_TRUE(eventually([&] { return house->metric("gatehouse_cache_questions") == 1; }));
    const auto hit = ask(ask_for("Why does a large engine need more fuel?"));
    ASSERT_EQ(hit.header("x-gatehouse-cache-type"), "semantic");
    const auto id = hit.header("x-request-id").value_or("");
    const auto said = [&](std::string_view right) {
        return fmt::format(R"({{"request_id":"{}","right":{}}})", id, right);
    };

    EXPECT_EQ(judge(R"({"request_id":"original","right":false})").status, 404) << "it was no hit";
    RawClient other(house->port());
    const auto body = said("false");
    EXPECT_EQ(other
                  .exchange(fmt::format("POST /v1/cache/feedback HTTP/1.1\r\nHost: g\r\nAuthorization: "
                                        "Bearer {}\r\nContent-Type: application/json\r\nContent-Length: "
                                        "{}\r\n\r\n{}",
                                        other_key, body.size(), body))
                  .status,
              404);
    EXPECT_EQ(status_of(ask_for("Why does a large engine need more fuel?")), "hit") << "nothing was done";

    const auto judged = judge(body);
    ASSERT_EQ(judged.status, 200) << judged.body;
    EXPECT_EQ(json::parse(judged.body)["forgotten"], true);
    EXPECT_EQ(judge(said("true")).status, 409);
    EXPECT_EQ(status_of(ask_for("Why does a large engine need more fuel?")), "miss");
    EXPECT_EQ(status_of(ask_for("Why does a big engine need more fuel?")), "miss")
        << "nor is it found the other way round";
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(page()["feedback"], json({{"right", 0}, {"wrong", 1}}));
    EXPECT_EQ(house->metric(R"(gatehouse_cache_feedback_total{verdict="wrong"})"), 1);
    EXPECT_THAT(house->log_text(), HasSubstr(R"("event":"cache_feedback","caller":"caller")"));
}

TEST_F(CacheTest, InAdaptiveModeACallersWordIsEvidence) {
    open(
        "embedders: {all_alike: {kind: provider, provider: up, model: e, dimensions: 7}}\n"
        "cache: {semantic: {mode: semantic, embedder: all_alike, adaptive: {max_error: 45%, confidence: "
        "50%, check_share: 0%}}}\n");
    same_answer = true;
    ask(ask_for("Why does a big engine need more fuel?"));
    ASSERT_TRUE(eventually([&] { return house->metric("gatehouse_cache_questions") == 1; }));
    EXPECT_EQ(status_of(ask_for("Why does a large engine need more fuel?")), "miss") << "unproven";
    const auto hit = ask(ask_for("Why does a big engine require more fuel?"));
    ASSERT_EQ(hit.header("x-gatehouse-cache-type"), "semantic") << page().dump(2);
    EXPECT_EQ(page()["evidence"]["bands"][0]["right"], 1);
    const auto judged = house->ask(
        "/v1/cache/feedback",
        fmt::format(R"({{"request_id":"{}","right":true}})", hit.header("x-request-id").value_or("")));
    EXPECT_EQ(judged.status, 200) << judged.body;
    EXPECT_EQ(json::parse(judged.body)["recorded"], true);
    EXPECT_EQ(page()["evidence"]["bands"][0]["right"], 2);
}

TEST_F(CacheTest, AnswersNothingThatIsTooWarmOrNotWanted) {
    open();
    const std::string warm = R"({"model":"m","messages":[{"role":"user","content":"Why?"}]})";
    EXPECT_EQ(status_of(warm), "bypass") << "a request that names no temperature has one of 1";
    EXPECT_EQ(status_of(warm), "bypass");
    EXPECT_EQ(status_of(ask_for("Why?"), "x-gatehouse-cache: off\r\n"), "bypass");
    EXPECT_EQ(status_of(ask_for("Why?")), "miss");
    EXPECT_EQ(calls, 4);
    open("cache: {max_temperature: 1}\n");
    EXPECT_EQ(status_of(warm), "miss");
    EXPECT_EQ(status_of(warm), "hit");
    open("cache: {exact: {enabled: false}}\n");
    EXPECT_EQ(status_of(ask_for("Why?")), "-");
    open("cache: {exact: {ttl: 0s}}\n");
    EXPECT_EQ(status_of(ask_for("Why?")), "miss");
    EXPECT_EQ(status_of(ask_for("Why?")), "miss");
}

TEST_F(CacheTest, HonoursWhatCacheControlSays) {
    open();
    EXPECT_EQ(status_of(ask_for("a"), "Cache-Control: no-store\r\n"), "miss");
    EXPECT_EQ(status_of(ask_for("a")), "miss") << "nothing was stored";
    const auto fresh = ask(ask_for("a"), "Cache-Control: no-cache\r\n");
    EXPECT_EQ(fresh.header("x-gatehouse-cache"), "refresh");
    const auto newer = ask(ask_for("a"));
    EXPECT_EQ(newer.header("x-gatehouse-cache"), "hit");
    EXPECT_EQ(newer.body, fresh.body);
    EXPECT_EQ(status_of(ask_for("a"), "Cache-Control: max-age=0\r\n"), "refresh");
    EXPECT_EQ(status_of(ask_for("a"), "Cache-Control: max-age=60\r\n"), "hit");
    EXPECT_EQ(status_of(ask_for("a"), "Cache-Control: only-if-cached\r\n"), "hit");
    const int before = calls;
    const auto none = ask(ask_for("b"), "Cache-Control: only-if-cached\r\n");
    EXPECT_EQ(none.status, 504);
    EXPECT_EQ(json::parse(none.body)["error"]["code"], "not_cached");
    EXPECT_EQ(none.header("x-should-retry"), "false");
    EXPECT_EQ(none.header("x-gatehouse-attempts"), "0");
    const auto claude =
        house->ask("/v1/messages", message("m", R"(,"temperature":0)"), "Cache-Control: only-if-cached\r\n");
    EXPECT_EQ(claude.status, 504);
    EXPECT_EQ(json::parse(claude.body)["type"], "error");
    const auto gemini =
        house->ask("/v1beta/models/m:generateContent", contents, "Cache-Control: only-if-cached\r\n");
    EXPECT_EQ(gemini.status, 504);
    EXPECT_EQ(json::parse(gemini.body)["error"]["code"], 504);
    EXPECT_EQ(calls, before) << "nobody was called";
}

TEST_F(CacheTest, ServesWhoHasNoMoneyLeft) {
    plan.caller = "budget: {usd: \"0.0001\", period: day}";
    plan.models = "  m: {targets: [{provider: up, model: m}], max_output_tokens: 5}\n";
    open();
    ask(ask_for("Why?", R"(,"max_tokens":5)"));
    RawResponse refused;
    for (int i = 0; i < 5 && refused.status != 429; ++i) {
        refused = ask(ask_for("number " + std::to_string(i), R"(,"max_tokens":5)"));
    }
    ASSERT_EQ(refused.status, 429) << refused.body;
    const auto hit = ask(ask_for("Why?", R"(,"max_tokens":5)"));
    EXPECT_EQ(hit.status, 200) << hit.body;
    EXPECT_EQ(hit.header("x-gatehouse-cache"), "hit");
}

TEST_F(CacheTest, CountsAHitAgainstTheLimitOfRequests) {
    plan.caller = "requests_per_minute: 2";
    open();
    EXPECT_EQ(ask(ask_for("Why?")).status, 200);
    EXPECT_EQ(ask(ask_for("Why?")).header("x-ratelimit-remaining-requests"), "0");
    EXPECT_EQ(ask(ask_for("Why?")).status, 429);
    EXPECT_EQ(calls, 1);
}

TEST_F(CacheTest, ForgetsWhatIsPurged) {
    open();
    const auto fill = [&] {
        ask(ask_for("a"));
        ask(ask_for("a", {}, "n"));
        ask_as(other_key, ask_for("a"));
    };
    fill();
    EXPECT_EQ(purge("?key=caller&model=n").body, R"({"purged":1})");
    EXPECT_EQ(status_of(ask_for("a")), "hit");
    EXPECT_EQ(status_of(ask_for("a", {}, "n")), "miss");
    EXPECT_EQ(purge("?tag=task:index").body, R"({"purged":1})");
    EXPECT_EQ(ask_as(other_key, ask_for("a")).header("x-gatehouse-cache"), "miss");
    EXPECT_EQ(purge("?modle=n").status, 400);
    EXPECT_EQ(purge("").body, R"({"purged":3})");
    EXPECT_EQ(status_of(ask_for("a")), "miss");
    const auto audit = json::parse(house->admin("/admin/audit").body);
    EXPECT_THAT(audit.dump(), HasSubstr("/admin/cache"));
    EXPECT_EQ(house->admin("/admin/cache").status, 200);
    EXPECT_EQ(house->ask("/admin/cache", "{}").status, 404) << "not at the client's door";
}

TEST_F(CacheTest, SaysThatTheDiskRefusedAPurge) {
    plan.data_dir = directory + "/data";
    open("cache: {exact: {persist: true}}\n");
    ask(ask_for("a"));
    ASSERT_EQ(purge("?model=nobody").status, 200) << "and all that waited is on the disk";
    const auto run = [&](const char* text) {
        sqlite3* others = nullptr;
        ASSERT_EQ(sqlite3_open((plan.data_dir + "/cache.db").c_str(), &others), SQLITE_OK);
        sqlite3_busy_timeout(others, 10'000);
        EXPECT_EQ(sqlite3_exec(others, text, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(others);
        sqlite3_close(others);
    };
    run("CREATE TRIGGER refuse BEFORE DELETE ON answer BEGIN SELECT RAISE(ABORT, 'refused'); END");
    const auto refused = purge("?model=m");
    EXPECT_EQ(refused.status, 503) << refused.body;
    const auto error = json::parse(refused.body)["error"];
    EXPECT_EQ(error["code"], "storage_unavailable");
    EXPECT_THAT(error["message"].get<std::string>(), HasSubstr("forgot 1 answers"));
    EXPECT_EQ(ask(ask_for("a"), "Cache-Control: only-if-cached\r\n").status, 504) << "here it is gone";
    const auto audit = json::parse(house->admin("/admin/audit").body).dump();
    EXPECT_THAT(audit, HasSubstr("storage_unavailable"));
    EXPECT_THAT(audit, HasSubstr("from_disk"));
    run("DROP TRIGGER refuse");
    EXPECT_EQ(purge("?model=m").body, R"({"purged":0})") << "what lay there has gone now";
}

TEST_F(CacheTest, AnswersOfANameThatRulesServeAreThoseOfTheModelTheyChose) {
    plan.models += "  large: {targets: [{provider: up, model: m}]}\n";
    open("routes: [{name: all, when: {model: any}, use: large}]\n");
    EXPECT_EQ(status_of(ask_for("a", {}, "any")), "miss");
    EXPECT_EQ(status_of(ask_for("a", {}, "any")), "hit");
    EXPECT_EQ(status_of(ask_for("b")), "miss");
    EXPECT_EQ(house->metric(R"(gatehouse_cache_requests_total{model="large",outcome="miss",tier="none"})"),
              1);
    EXPECT_EQ(house->metric(R"(gatehouse_cache_requests_total{model="large",outcome="hit",tier="exact"})"),
              1);
    const auto models = page()["models"];
    const auto row = [&](std::string_view name) {
        for (const auto& model : models) {
            if (model["model"] == name) {
                return model;
            }
        }
        return json();
    };
    EXPECT_EQ(row("any")["hits"], 1) << models;
    EXPECT_EQ(row("any")["entries"], 1) << models;
    EXPECT_EQ(row("large")["entries"], 1) << models;
    EXPECT_EQ(purge("?model=large").body, R"({"purged":1})");
    EXPECT_EQ(status_of(ask_for("a", {}, "any")), "miss");
    EXPECT_EQ(purge("?model=any").body, R"({"purged":1})");
    EXPECT_EQ(status_of(ask_for("b")), "hit");
}

TEST_F(CacheTest, TellsItsOperatorWhatItDid) {
    open();
    ask(ask_for("a"));
    ask(ask_for("a"));
    ask(ask_for("a"));
    ask(ask_for("b"));
    ask(R"({"model":"m","messages":[{"role":"user","content":"warm"}]})");
    auto told = page();
    EXPECT_EQ(told["hits"], 2) << told;
    EXPECT_EQ(told["misses"], 2);
    EXPECT_EQ(told["bypasses"], 1);
    EXPECT_EQ(told["hit_rate"], 0.5);
    EXPECT_EQ(told["saved_usd"], "0.000056");
    EXPECT_EQ(told["saved_tokens"], 20);
    EXPECT_EQ(told["tiers"]["exact"]["hits"], 2);
    EXPECT_EQ(told["kept"]["entries"], 2);
    EXPECT_EQ(told["bypasses_by_reason"]["temperature"], 1);
    EXPECT_EQ(told["models"][0]["model"], "m");
    EXPECT_EQ(told["models"][0]["entries"], 2);
    EXPECT_EQ(house->metric(R"(gatehouse_cache_requests_total{model="m",outcome="hit",tier="exact"})"), 2);
    EXPECT_EQ(house->metric(R"(gatehouse_cache_requests_total{model="m",outcome="miss",tier="none"})"), 2);
    EXPECT_EQ(house->metric(R"(gatehouse_cache_saved_usd_total{model="m"})"), 0.000056);
    EXPECT_EQ(house->metric(R"(gatehouse_tokens_total{model="m",provider="up",kind="input"})"), 24)
        << "of three calls";
    EXPECT_EQ(house->metric(R"(gatehouse_cache_saved_tokens_total{model="m",kind="output"})"), 4);
    EXPECT_EQ(house->metric("gatehouse_cache_entries"), 2);
    EXPECT_EQ(house->metric(R"(gatehouse_cache_hit_duration_seconds_count{tier="exact"})"), 2);
    json usage;
    eventually([&] {
        usage = json::parse(house->admin("/admin/usage").body)["total"];
        return usage.value("requests", 0) == 5;
    });
    EXPECT_EQ(usage["cached_requests"], 2) << usage;
    EXPECT_EQ(usage["attempts"], 3);
    EXPECT_EQ(usage["saved_usd"], "0.000056");
    EXPECT_EQ(usage["cost_usd"], "0.000084");
    EXPECT_THAT(house->log_text(), HasSubstr(R"("cache":"hit","cache_type":"exact","cache_age_s":0)"));
}

TEST_F(CacheTest, EmbedsTheSameTextOnce) {
    open();
    const std::string_view body = R"({"model":"m","input":"Hello"})";
    const auto first = house->ask("/v1/embeddings", body);
    const auto second = house->ask("/v1/embeddings", body);
    EXPECT_EQ(second.header("x-gatehouse-cache"), "hit") << second.body;
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(house->ask("/v1/embeddings", R"({"model":"m","input":"Hello","dimensions":2})")
                  .header("x-gatehouse-cache"),
              "miss");
    EXPECT_EQ(calls, 2);
}

TEST_F(CacheTest, ExplainsWhatItWouldDo) {
    open();
    const auto explain = [&](std::string_view body, std::string_view headers = "{}") {
        const auto reply = house->admin_post(
            "/admin/explain", fmt::format(R"({{"key":"caller","headers":{},"request":{}}})", headers, body));
        return json::parse(reply.body)["cache"];
    };
    EXPECT_EQ(explain(ask_for("a"))["hit"], nullptr);
    ask(ask_for("a"));
    auto hit = explain(ask_for("a"));
    EXPECT_EQ(hit["hit"]["type"], "exact") << hit;
    EXPECT_EQ(hit["hit"]["saves_usd"], "0.000028");
    EXPECT_EQ(hit["bypass"], nullptr);
    EXPECT_EQ(explain(R"({"model":"m","messages":[{"role":"user","content":"a"}]})")["bypass"],
              "temperature");
    EXPECT_EQ(explain(ask_for("a"), R"({"x-gatehouse-cache":"off"})")["bypass"], "asked");
    EXPECT_EQ(explain(ask_for("a"), R"({"x-gatehouse-params":"strict"})")["hit"], nullptr)
        << "an answer that honours all of it may be another one";
    EXPECT_EQ(calls, 1);
    const auto claude = message("m", R"(,"temperature":0)");
    house->ask("/v1/messages", claude);
    const auto reply = house->admin_post(
        "/admin/explain",
        fmt::format(R"({{"key":"caller","endpoint":"/v1/messages","request":{}}})", claude));
    EXPECT_EQ(json::parse(reply.body)["cache"]["hit"]["type"], "exact")
        << "its head has a version all the same";
}

TEST_F(CacheTest, AnswersOutliveARestartWhereTheOperatorWantsIt) {
    plan.data_dir = directory + "/data";
    open("cache: {exact: {persist: true}}\n");
    const auto first = ask(ask_for("Why?"));
    const auto stream = ask(ask_for("stream?", R"(,"stream":true)"));
    ask(ask_for("gone?"));
    EXPECT_EQ(purge("?model=n").status, 200) << "and all that waited is on the disk";
    house.reset();
    open("cache: {exact: {persist: true}}\n");
    const auto second = ask(ask_for("Why?"));
    EXPECT_EQ(second.header("x-gatehouse-cache"), "hit");
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(second.header("x-gatehouse-saved-usd"), "0.000028");
    EXPECT_EQ(ask(ask_for("stream?", R"(,"stream":true)")).body, stream.body);
    house.reset();
    plan.models = "  m: {targets: [{provider: up, model: another}]}\n";
    open("cache: {exact: {persist: true}}\n");
    EXPECT_EQ(status_of(ask_for("Why?")), "miss") << "another model answers to the name now";
}

}  // namespace
}  // namespace gatehouse::integration

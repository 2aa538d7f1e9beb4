// Streams that begin too slowly are replaced before their clients see anything of them.
#include "house.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;

/// An answer of these words, each an event of its own.
std::vector<std::string> words(const std::vector<std::string>& said) {
    const std::string chunk =
        R"({"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)";
    std::vector<std::string> events{chunk + R"({"role":"assistant","content":""},"finish_reason":null}]})"};
    for (const auto& word : said) {
        events.push_back(chunk + R"({"content":")" + word + R"("},"finish_reason":null}]})");
    }
    events.push_back(chunk + R"({},"finish_reason":"stop"}]})");
    events.emplace_back("[DONE]");
    return events;
}

struct SlowStreams : testing::Test {
    static FakeResponse slow(const FakeRequest&) {
        return FakeResponse::events(words({"a", " slow", " one"}), milliseconds(120));
    }
    static FakeResponse quick(const FakeRequest&) {
        return FakeResponse::events(words({"a quick one that says much at once", " and goes on"}));
    }
    void start(FakeUpstream::Script first_answer, FakeUpstream::Script second_answer,
               const std::string& more = {},
               const std::string& pace = "tokens_per_second: 50, within: 100ms") {
        first = std::make_unique<FakeUpstream>([this, first_answer](const FakeRequest& request) {
            ++first_calls;
            return first_answer(request);
        });
        second = std::make_unique<FakeUpstream>(second_answer);
        Plan plan;
        const auto provider = [](std::string_view name, const FakeUpstream& server) {
            return fmt::format("  {}: {{kind: openai, base_url: \"{}/v1\"}}\n", name, server.base_url());
        };
        plan.more_providers = provider("first", *first) + provider("second", *second) +
                              "  claude: {kind: anthropic, base_url: \"" + second->base_url() + "\"}\n";
        const std::string guard = ", slow_stream: {" + pace + "}";
        plan.models = "  both: {targets: [{provider: first, model: m}, {provider: second, model: m}]" +
                      guard + "}\n" + "  alone: {targets: [{provider: first, model: m}]" + guard + "}\n" +
                      "  vendors: {targets: [{provider: first, model: m}, {provider: claude, model: m}]" +
                      guard + "}\n" +
                      "  open: {targets: [{provider: first, model: m}, {provider: second, model: m}]}\n";
        plan.rest = more;
        house = std::make_unique<House>(plan);
    }
    test::RawResponse ask(std::string_view model) {
        return house->ask("/v1/chat/completions", chat(model, R"(,"stream":true)"));
    }
    static std::string text_of(const std::string& stream) {
        std::string text;
        for (std::size_t at = 0; (at = stream.find("data: {", at)) != std::string::npos;) {
            const auto end = stream.find('\n', at);
            const auto event = json::parse(stream.substr(at + 6, end - at - 6));
            text += event["choices"][0]["delta"].value("content", "");
            at = end;
        }
        return text;
    }

    std::atomic<int> first_calls{0};
    std::unique_ptr<FakeUpstream> first;
    std::unique_ptr<FakeUpstream> second;
    std::unique_ptr<House> house;
};

TEST_F(SlowStreams, AreReplacedUnseen) {
    start(slow, quick);
    const auto reply = ask("both");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("x-gatehouse-provider"), "second");
    EXPECT_EQ(reply.header("x-gatehouse-attempts"), "2");
    EXPECT_EQ(text_of(reply.body), "a quick one that says much at once and goes on");
    EXPECT_TRUE(reply.body.ends_with("data: [DONE]\n\n"));
    EXPECT_NE(house->log_text().find(R"("problem":"upstream_timeout")"), std::string::npos);
}

TEST_F(SlowStreams, CountAgainstTheirTarget) {
    start(slow, quick, "circuit_breaker: {failures: 2}\n");
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(ask("both").header("x-gatehouse-provider"), "second");
    }
    EXPECT_EQ(first_calls, 2) << "its breaker is open";
}

TEST_F(SlowStreams, AreServedWhereNothingElseIsLeft) {
    start(slow, slow);
    const auto alone = ask("alone");
    EXPECT_EQ(alone.header("x-gatehouse-attempts"), "1");
    EXPECT_EQ(text_of(alone.body), "a slow one");
    const auto both = ask("both");
    EXPECT_EQ(both.header("x-gatehouse-attempts"), "2");
    EXPECT_EQ(both.header("x-gatehouse-provider"), "second");
    EXPECT_EQ(text_of(both.body), "a slow one");
}

TEST_F(SlowStreams, AreServedWhereTheOtherCannotBeAskedThis) {
    start(slow, quick);
    const auto reply = house->ask("/v1/chat/completions", chat("vendors", R"(,"stream":true,"n":2)"));
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.header("x-gatehouse-attempts"), "1");
    EXPECT_EQ(text_of(reply.body), "a slow one");
}

TEST_F(SlowStreams, GetNoCallBesideThemWhileTheyAreJudged) {
    const auto first_words = [](const FakeRequest&) {
        return FakeResponse::events(words({"a", " stream that is quick enough after all, as it turns out"}),
                                    milliseconds(400));
    };
    // Its first word comes after 400 ms, enough of it after 800.
    start(first_words, quick, "hedge: {after: 600ms, max_share: 100%}\n", "tokens_per_second: 5, within: 2s");
    const auto reply = ask("both");
    EXPECT_EQ(text_of(reply.body), "a stream that is quick enough after all, as it turns out");
    EXPECT_EQ(house->log_text().find(R"("why":"hedge")"), std::string::npos) << house->log_text();
}

TEST_F(SlowStreams, AreLeftInPeaceByDefaultAndQuickOnesAlways) {
    start(slow, quick);
    EXPECT_EQ(text_of(ask("open").body), "a slow one");
    start(quick, slow);
    const auto reply = ask("both");
    EXPECT_EQ(reply.header("x-gatehouse-attempts"), "1");
    EXPECT_EQ(text_of(reply.body), "a quick one that says much at once and goes on");
}

}  // namespace
}  // namespace gatehouse::integration

// Answers that are kept, and calls that are shared, for clients of Anthropic, Google and OpenAI's Responses:
// each form of an answer is one that their SDKs take, and all say the same.
#include "client_dialects.hpp"
#include "house.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace gatehouse::integration {
namespace {

using test::eventually;
using test::FakeRequest;
using test::FakeUpstream;
using test::RawClient;
using test::RawResponse;

/// Who asks, and whose words the provider speaks.
struct Pair {
    const ClientDialect& client;
    const ClientDialect& provider;
};

void PrintTo(const Pair& pair, std::ostream* out) {
    *out << pair.client.name() << " at " << pair.provider.name();
}

struct DialectStreams : testing::TestWithParam<Pair> {
    DialectStreams()
        : upstream([this](const FakeRequest& request) {
              auto answer = provider.answer(request);
              answer.body.back().gate = gate;
              return answer;
          }) {
        Plan plan;
        plan.lanes = 2;
        plan.models = fmt::format(
            "  m: {{targets: [{{provider: other, model: {}, price: {{input: \"1\", output: \"10\"}}}}]}}\n",
            provider.model());
        plan.more_providers =
            fmt::format("  other: {{kind: {}, base_url: \"{}{}\", api_keys: [{}]}}\n", provider.provider(),
                        upstream.base_url(), provider.base_path(), provider_key);
        plan.rest = "retry: {attempts: 1}\n";
        house = std::make_unique<House>(plan);
    }

    RawResponse ask(Form form) { return house->ask(client.path(form), client.body("Why?", form)); }
    /// Every form of the answer is there without a call, and says the same.
    void expect_kept(const Heard& first) {
        for (const auto form : {Form::stream, Form::whole, Form::array}) {
            if (form == Form::array && !client.has_array()) {
                continue;
            }
            const auto reply = ask(form);
            ASSERT_EQ(reply.status, 200) << reply.body;
            EXPECT_EQ(reply.header("x-gatehouse-cache"), "hit") << static_cast<int>(form);
            EXPECT_EQ(reply.header("x-gatehouse-attempts"), "0");
            EXPECT_EQ(client.heard(reply, form), first) << static_cast<int>(form) << reply.body;
        }
        EXPECT_EQ(upstream.requests().size(), 1U);
    }
    static void expect_answer(const Heard& heard) {
        EXPECT_FALSE(heard.id.empty());
        EXPECT_EQ(heard.model, "m");
        EXPECT_FALSE(heard.text.empty());
        EXPECT_FALSE(heard.finish.empty());
        EXPECT_GT(heard.input, 0);
        EXPECT_GT(heard.output, 0);
    }

    const ClientDialect& client{GetParam().client};
    const ClientDialect& provider{GetParam().provider};
    std::shared_future<void> gate;
    FakeUpstream upstream;
    std::unique_ptr<House> house;
};

TEST_P(DialectStreams, AStreamIsKeptAndGivenInEachForm) {
    const auto reply = ask(Form::stream);
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.header("x-gatehouse-cache"), "miss");
    const auto first = client.heard(reply, Form::stream);
    expect_answer(first);
    expect_kept(first);
}

TEST_P(DialectStreams, AWholeAnswerIsKeptAndGivenInEachForm) {
    const auto reply = ask(Form::whole);
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.header("x-gatehouse-cache"), "miss");
    const auto first = client.heard(reply, Form::whole);
    expect_answer(first);
    expect_kept(first);
}

TEST_P(DialectStreams, ASharedStreamReachesAllAndIsKept) {
    std::promise<void> opened;
    gate = opened.get_future().share();
    constexpr std::size_t count = 6;
    std::vector<std::unique_ptr<RawClient>> clients;
    for (std::size_t i = 0; i < count; ++i) {
        clients.push_back(std::make_unique<RawClient>(house->port()));
        clients.back()->send(House::post(client.path(Form::stream), client.body("Why?", Form::stream)));
    }
    EXPECT_TRUE(eventually([&] { return house->metric("gatehouse_shared_call_requests") == count; }));
    opened.set_value();
    Heard first;
    std::size_t coalesced = 0;
    for (const auto& one : clients) {
        const auto reply = one->read_response();
        ASSERT_EQ(reply.status, 200) << reply.body;
        const auto heard = client.heard(reply, Form::stream);
        coalesced += reply.header("x-gatehouse-cache") == "coalesced" ? 1 : 0;
        first = first.id.empty() ? heard : first;
        EXPECT_EQ(heard, first) << reply.body;
    }
    expect_answer(first);
    EXPECT_EQ(coalesced, count - 1);
    expect_kept(first);
}

INSTANTIATE_TEST_SUITE_P(Own, DialectStreams,
                         testing::Values(Pair{anthropic_dialect(), anthropic_dialect()},
                                         Pair{gemini_dialect(), gemini_dialect()},
                                         Pair{responses_dialect(), responses_dialect()}));
INSTANTIATE_TEST_SUITE_P(Translated, DialectStreams,
                         testing::Values(Pair{anthropic_dialect(), gemini_dialect()},
                                         Pair{gemini_dialect(), anthropic_dialect()},
                                         Pair{responses_dialect(), anthropic_dialect()}));

}  // namespace
}  // namespace gatehouse::integration

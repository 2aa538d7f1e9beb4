// Embedders, and the provider of kind `local`.
#include "scripted_caller.hpp"
#include "support/event_loop.hpp"
#include "support/hand_clock.hpp"
#include "unit/vector/made_model.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/upstream/attempt.hpp"
#include "gatehouse/upstream/local_model.hpp"
#include "gatehouse/upstream/provider_embedder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace gatehouse::upstream {
namespace {

using test::run;
using testing::HasSubstr;

struct EmbedderTest : testing::Test {
    static std::shared_ptr<const LocalModel> made() {
        return std::make_shared<const LocalModel>(vector::read_encoder(vector::test::MadeModel().bytes()));
    }
    static std::shared_ptr<const LocalModel> missing() {
        return std::make_shared<const LocalModel>(vector::load_encoder("/nowhere/a.model"));
    }
    Target target_of(ProviderOptions options, std::shared_ptr<const LocalModel> local = nullptr) {
        options.name = "acme";
        Target target;
        target.provider = *Provider::make(std::move(options), std::move(local));
        target.model = "up";
        target.health = board.of("acme", "up");
        return target;
    }

    test::HandClock clock;
    test::ScriptedCaller network;
    Callers callers{clock, network};
    HealthBoard board;
};

struct LocalModelTest : EmbedderTest {};

TEST_F(LocalModelTest, EmbedsOnAWorker) {
    const auto model = made();
    ASSERT_TRUE(model->ready());
    EXPECT_EQ(model->identity().dimensions, 16U);
    const auto vector = run(model->embed(callers, "abc bad"));
    ASSERT_TRUE(vector);
    EXPECT_EQ(vector->size(), 16U);
    EXPECT_NEAR(std::inner_product(vector->begin(), vector->end(), vector->begin(), 0.0), 1, 1e-5);
}

TEST_F(LocalModelTest, GivesEachOfManyTextsTheVectorItHasAlone) {
    const auto model = made();
    std::vector<std::string> texts;
    for (int i = 0; i < 40; ++i) {
        texts.push_back(std::string(static_cast<std::size_t>(i % 5 + 1), static_cast<char>('a' + i % 3)));
    }
    const auto all = run(model->embed_all(texts));
    ASSERT_TRUE(all);
    ASSERT_EQ(all->size(), texts.size());
    for (std::size_t i = 0; i < texts.size(); i += 7) {
        EXPECT_EQ((*all)[i].vector, *run(model->embed(callers, texts[i]))) << i;
    }
}

TEST_F(LocalModelTest, HasNoVectorForTheCacheOfATextInAnotherLanguage) {
    const auto model = made();
    EXPECT_EQ(run(model->embed(callers, "\u4E2D\u6587")).problem().kind(), ProblemKind::invalid_value);
    EXPECT_TRUE(run(model->embed_all({"\u4E2D\u6587"})));
    EXPECT_EQ(run(model->embed(callers, "")).problem().kind(), ProblemKind::invalid_value);
}

TEST_F(LocalModelTest, SaysThatItsWeightsAreNotThere) {
    const auto model = missing();
    EXPECT_FALSE(model->ready());
    const auto vector = run(model->embed(callers, "abc"));
    ASSERT_FALSE(vector);
    EXPECT_THAT(vector.problem().message(), HasSubstr("/nowhere/a.model"));
}

struct LocalProviderTest : EmbedderTest {
    Result<Answer> ask(const std::string& body, std::shared_ptr<const LocalModel> model,
                       chat::Endpoint endpoint = chat::Endpoint::embeddings) {
        ProviderOptions options;
        options.kind = ProviderKind::local;
        const Target target = target_of(options, std::move(model));
        auto request = dialect::openai().decode_request(endpoint, body, wire::JsonLimits{});
        EXPECT_TRUE(request);
        Attempt attempt(callers, target, trail);
        return run(attempt.run(*request, sink));
    }
    telemetry::Trail trail;
    test::RecordingSink sink;
};

TEST_F(LocalProviderTest, AnswersAsOpenAiDoesAndCountsPieces) {
    const auto answer = ask(R"({"model":"up","input":["abc","a b"]})", made());
    ASSERT_TRUE(answer) << answer.problem().message();
    EXPECT_THAT(sink.text, HasSubstr(R"("object":"list")"));
    EXPECT_THAT(sink.text, HasSubstr(R"("index":1)"));
    EXPECT_EQ(answer->usage.prompt().value(),
              5);  // the space in front of abc, abc; the one with a, a space, b
    EXPECT_TRUE(network.seen.empty());
}

TEST_F(LocalProviderTest, WritesBase64WhereThatIsWanted) {
    ASSERT_TRUE(ask(R"({"model":"up","input":"abc","encoding_format":"base64"})", made()));
    EXPECT_THAT(sink.text, HasSubstr(R"("embedding":")"));
}

TEST_F(LocalProviderTest, RefusesWhatItCannotDo) {
    for (const char* body : {R"({"model":"up","input":[1,2,3]})", R"({"model":"up","input":""})",
                             R"({"model":"up","input":"abc","dimensions":8})"}) {
        const auto answer = ask(body, made());
        ASSERT_FALSE(answer) << body;
        EXPECT_EQ(answer.problem().upstream_status(), 400) << body;
    }
    EXPECT_TRUE(ask(R"({"model":"up","input":"abc","dimensions":16})", made()));
    const auto chat = ask(R"({"model":"up","messages":[{"role":"user","content":"hi"}]})", made(),
                          chat::Endpoint::chat_completions);
    ASSERT_FALSE(chat);
    EXPECT_EQ(chat.problem().upstream_status(), 404);
}

TEST_F(LocalProviderTest, IsUnavailableWithoutWeights) {
    for (const auto& model : {missing(), std::shared_ptr<const LocalModel>()}) {
        const auto answer = ask(R"({"model":"up","input":"abc"})", model);
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.problem().upstream_status(), 503);
    }
}

struct ProviderEmbedderTest : EmbedderTest {
    ProviderEmbedderTest() {
        network.answer.pieces = {
            R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[3,4,12]}],"model":"up","usage":{"prompt_tokens":2,"total_tokens":2}})"};
    }
    ProviderEmbedder embedder(std::uint32_t dimensions) {
        ProviderOptions options;
        options.base_url = "http://127.0.0.1:1/v1";
        options.api_keys.emplace_back("sk-secret");
        return {target_of(std::move(options)), Resilience(), dimensions};
    }
};

TEST_F(ProviderEmbedderTest, AsksTheProviderAndCutsTheVector) {
    const auto asks = embedder(2);
    EXPECT_EQ(asks.identity().id, "acme/up");
    EXPECT_EQ(asks.identity().dimensions, 2U);
    const auto vector = run(asks.embed(callers, "hello"));
    ASSERT_TRUE(vector) << vector.problem().message();
    EXPECT_THAT(*vector,
                testing::ElementsAre(testing::FloatNear(0.6F, 1e-6F), testing::FloatNear(0.8F, 1e-6F)));
    ASSERT_EQ(network.seen.size(), 1U);
    EXPECT_EQ(network.seen[0].target, "/v1/embeddings");
    EXPECT_THAT(network.seen[0].body, HasSubstr("hello"));
    EXPECT_THAT(network.seen[0].fields, HasSubstr("sk-secret"));
}

TEST_F(ProviderEmbedderTest, RefusesVectorsThatAreTooShort) {
    const auto vector = run(embedder(4).embed(callers, "hello"));
    ASSERT_FALSE(vector);
    EXPECT_EQ(vector.problem().kind(), ProblemKind::upstream_protocol);
}

TEST_F(ProviderEmbedderTest, LeavesAFailingProviderAlone) {
    network.failure = Problem(ProblemKind::upstream_connect, "nobody there", Retry::same_place);
    const auto asks = embedder(2);
    ProblemKind last{};
    for (int i = 0; i < 20; ++i) {
        last = run(asks.embed(callers, "hello")).problem().kind();
    }
    EXPECT_EQ(last, ProblemKind::upstream_unavailable);
    EXPECT_LT(network.seen.size(), 10U);
    EXPECT_EQ(run(asks.embed(callers, "")).problem().kind(), ProblemKind::invalid_value);
}

}  // namespace
}  // namespace gatehouse::upstream

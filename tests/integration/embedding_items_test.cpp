// Embeddings through the real server: what is kept is not asked for again, input by input.
#include "house.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::eventually;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;
using test::RawResponse;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view path = "/v1/embeddings";

/// A provider whose vectors say which text they are of, and in which call they came.
struct EmbeddingCacheTest : testing::Test {
    EmbeddingCacheTest() : upstream([this](const FakeRequest& request) { return answer(request); }) {
        std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-items-XXXXXX").string();
        directory = ::mkdtemp(pattern.data());
        std::ofstream(directory + "/prices.yaml")
            << "models: {openai: {m: {price: {input: \"1\", output: \"0\"}, "
               "multipliers: {batch: 1, flex: 1, priority: 1, fast: 1}}}}\n";
        plan.base_url = upstream.base_url() + "/v1";
        plan.more_providers = fmt::format(
            "  google: {{kind: gemini, base_url: \"{0}/v1beta\", api_keys: [{1}]}}\n"
            "  spare: {{kind: openai, base_url: \"{0}/spare\", api_keys: [{1}]}}\n",
            upstream.base_url(), provider_key);
        plan.models =
            "  m: {targets: [{provider: up, model: m}]}\n"
            "  g: {targets: [{provider: google, model: embedder}]}\n"
            "  safe: {targets: [{provider: up, model: m}], fallbacks: [other]}\n"
            "  other: {targets: [{provider: spare, model: n}]}\n";
    }
    ~EmbeddingCacheTest() override {
        house.reset();
        std::filesystem::remove_all(directory);
    }

    /// Tokens: as many as the text has bytes.
    FakeResponse answer(const FakeRequest& request) {
        const auto body = json::parse(request.body);
        const bool gemini = request.target.ends_with(":batchEmbedContents");
        std::vector<std::string> texts;
        if (gemini) {
            for (const auto& each : body["requests"]) {
                texts.push_back(each["content"]["parts"][0]["text"]);
            }
        } else if (body["input"].is_string() || body["input"][0].is_number()) {
            texts.push_back(body["input"].is_string() ? body["input"].get<std::string>()
                                                      : body["input"].dump());
        } else {
            for (const auto& each : body["input"]) {
                texts.push_back(each.is_string() ? each.get<std::string>() : each.dump());
            }
        }
        const std::lock_guard hold(mutex);
        asked.push_back(texts);
        if (std::find(texts.begin(), texts.end(), "error?") != texts.end()) {
            return FakeResponse::json(
                R"({"error":{"message":"no such text","type":"invalid_request_error"}})", 400);
        }
        if (texts.back().starts_with("down?") && request.target.starts_with("/v1/")) {
            return FakeResponse::json(R"({"error":{"message":"down","type":"server_error"}})", 500);
        }
        std::string data;
        std::size_t tokens = 0;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            if (texts[i] == "lost?") {
                continue;
            }
            tokens += texts[i].size();
            data += data.empty() ? "" : ",";
            const auto numbers = fmt::format("[{}.00, -1E-5, {}]", texts[i].size(), asked.size());
            const auto vector = body.value("encoding_format", "") == "base64"
                                    ? fmt::format(R"("AA\/{}+=")", texts[i])
                                    : numbers;
            data += gemini ? fmt::format(R"({{"values":{}}})", vector)
                           : fmt::format(R"({{"object":"embedding","index":{},"embedding":{}}})", i, vector);
        }
        return FakeResponse::json(gemini
                                      ? fmt::format(R"({{"embeddings":[{}]}})", data)
                                      : fmt::format(R"({{"object":"list","data":[{}],"model":"m-2","usage":)"
                                                    R"({{"prompt_tokens":{},"total_tokens":{}}}}})",
                                                    data, tokens, tokens));
    }

    void open(std::string_view rest = {}, int attempts = 1) {
        house.reset();
        plan.rest = fmt::format("retry: {{attempts: {}, backoff: {{base: 1ms}}}}\nprices: {}/prices.yaml\n{}",
                                attempts, directory, rest);
        house = std::make_unique<House>(plan);
    }

    RawResponse ask(std::string_view input, std::string_view more = {}, std::string_view fields = {}) {
        return house->ask(path, fmt::format(R"({{"model":"m","input":{}{}}})", input, more), fields);
    }

    std::vector<std::vector<std::string>> calls() {
        const std::lock_guard hold(mutex);
        return asked;
    }

    std::string directory;
    std::mutex mutex;
    std::vector<std::vector<std::string>> asked;
    FakeUpstream upstream;
    Plan plan;
    std::unique_ptr<House> house;
};

TEST_F(EmbeddingCacheTest, AsksForThoseThatAreMissingAndKeepsTheOrder) {
    open();
    EXPECT_EQ(ask(R"("bb")").header("x-gatehouse-cache"), "miss");
    ask(R"(["dddd"])");
    const auto some = ask(R"(["a","bb","ccc","dddd"])");
    EXPECT_THAT(calls(), ElementsAre(ElementsAre("bb"), ElementsAre("dddd"), ElementsAre("a", "ccc")));
    EXPECT_EQ(some.body, R"({"object":"list","data":[)"
                         R"({"object":"embedding","index":0,"embedding":[1.00, -1E-5, 3]},)"
                         R"({"object":"embedding","index":1,"embedding":[2.00, -1E-5, 1]},)"
                         R"({"object":"embedding","index":2,"embedding":[3.00, -1E-5, 3]},)"
                         R"({"object":"embedding","index":3,"embedding":[4.00, -1E-5, 2]}],)"
                         R"("model":"m-2","usage":{"prompt_tokens":10,"total_tokens":10}})");
    EXPECT_EQ(some.header("x-gatehouse-cache"), "miss");
    EXPECT_EQ(some.header("x-gatehouse-attempts"), "1");
    EXPECT_EQ(some.header("x-gatehouse-cost-usd"), "0.000004") << "of what was asked for";
    EXPECT_EQ(some.header("x-gatehouse-saved-usd"), "0.000006");
    EXPECT_FALSE(some.header("age"));

    const auto all = ask(R"(["dddd","a","dddd"])");
    EXPECT_EQ(calls().size(), 3U);
    EXPECT_EQ(all.header("x-gatehouse-cache"), "hit");
    EXPECT_EQ(all.header("x-gatehouse-cache-type"), "exact");
    EXPECT_EQ(all.header("x-gatehouse-attempts"), "0");
    EXPECT_EQ(all.header("x-gatehouse-cost-usd"), "0");
    EXPECT_EQ(all.header("age"), "0");
    EXPECT_EQ(all.body, R"({"object":"list","data":[)"
                        R"({"object":"embedding","index":0,"embedding":[4.00, -1E-5, 2]},)"
                        R"({"object":"embedding","index":1,"embedding":[1.00, -1E-5, 3]},)"
                        R"({"object":"embedding","index":2,"embedding":[4.00, -1E-5, 2]}],)"
                        R"("model":"m-2","usage":{"prompt_tokens":)" +
                            std::to_string(json::parse(all.body)["usage"]["prompt_tokens"].get<int>()) +
                            R"(,"total_tokens":)" +
                            std::to_string(json::parse(all.body)["usage"]["prompt_tokens"].get<int>()) +
                            "}}");
    EXPECT_GE(json::parse(all.body)["usage"]["prompt_tokens"], 9) << "of a and ccc together there are 4";

    const auto page = json::parse(house->admin("/admin/cache").body);
    EXPECT_EQ(page["hits"], 1);
    EXPECT_EQ(page["misses"], 3);
    EXPECT_EQ(page["partial"], 1);
    EXPECT_EQ(page["kept"]["entries"], 4);
    EXPECT_EQ(house->metric(R"(gatehouse_tokens_total{model="m",provider="up",kind="input"})"), 10)
        << "of the calls, together";
    EXPECT_EQ(house->metric(R"(gatehouse_cache_saved_tokens_total{model="m",kind="input"})"),
              6 + json::parse(all.body)["usage"]["prompt_tokens"].get<int>());
    json usage;
    eventually([&] {
        usage = json::parse(house->admin("/admin/usage").body)["total"];
        return usage.value("requests", 0) == 4;
    });
    EXPECT_EQ(usage["cost_usd"], "0.00001") << usage;
}

TEST_F(EmbeddingCacheTest, KeepsBase64ByteByByte) {
    open();
    constexpr std::string_view base64 = R"(,"encoding_format":"base64")";
    ask(R"(["a","b"])", base64);
    EXPECT_EQ(ask(R"("b")", base64).body,
              R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":"AA\/b+="}],)"
              R"("model":"m-2","usage":{"prompt_tokens":1,"total_tokens":1}})");
    EXPECT_EQ(ask(R"("b")").header("x-gatehouse-cache"), "miss") << "in numbers it is another vector";
    const auto some = ask(R"(["c","a"])", base64);
    EXPECT_THAT(some.body, HasSubstr(R"("index":0,"embedding":"AA\/c+="},{"object":"embedding","index":1,)"
                                     R"("embedding":"AA\/a+=")"));
    EXPECT_THAT(calls(), ElementsAre(ElementsAre("a", "b"), ElementsAre("b"), ElementsAre("c")));
}

TEST_F(EmbeddingCacheTest, KnowsTokensOneListFromAnother) {
    open();
    ask("[1,2]");
    EXPECT_EQ(ask("[[1,2]]").header("x-gatehouse-cache"), "hit");
    ask("[[1],[1,2],[2]]");
    ASSERT_EQ(calls().size(), 2U);
    EXPECT_THAT(calls()[1], ElementsAre("[1]", "[2]"));
}

TEST_F(EmbeddingCacheTest, TellsTheProvidersErrorAndKeepsWhatIsThere) {
    open();
    ask(R"("a")");
    const auto failed = ask(R"(["a","error?"])");
    EXPECT_EQ(failed.status, 400);
    EXPECT_THAT(failed.body, HasSubstr("no such text"));
    EXPECT_EQ(ask(R"("a")").header("x-gatehouse-cache"), "hit");
}

TEST_F(EmbeddingCacheTest, AReplyThatLacksAVectorIsAFaultOfTheProvidersOnlyIfSomeAreKept) {
    open();
    const auto whole = ask(R"(["b","lost?"])");
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(json::parse(whole.body)["data"].size(), 1U);
    ask(R"("a")");
    const auto part = ask(R"(["a","b","lost?"])");
    EXPECT_EQ(part.status, 502);
    EXPECT_THAT(part.body, HasSubstr("other vectors"));
    EXPECT_EQ(json::parse(house->admin("/admin/cache").body)["kept"]["entries"], 1);
}

TEST_F(EmbeddingCacheTest, OnlyIfCachedWantsAllOfThem) {
    open();
    ask(R"("a")");
    EXPECT_EQ(ask(R"(["a","b"])", {}, "cache-control: only-if-cached\r\n").status, 504);
    EXPECT_EQ(ask(R"(["a","a"])", {}, "cache-control: only-if-cached\r\n").status, 200);
    EXPECT_EQ(ask(R"(["a","b"])", {}, "cache-control: no-cache\r\n").header("x-gatehouse-cache"), "refresh");
    EXPECT_THAT(calls(), ElementsAre(ElementsAre("a"), ElementsAre("a", "b")));
    EXPECT_EQ(ask(R"(["b","a"])").header("x-gatehouse-cache"), "hit");
}

TEST_F(EmbeddingCacheTest, OnlyTheCallCountsAgainstLimitsOfTokens) {
    plan.caller = "tokens_per_minute: 10k";
    open();
    const std::string large(3'000, 'x');
    ask(fmt::format(R"("{}")", large));
    ask(fmt::format(R"(["{}","b"])", large));
    const auto explained =
        json::parse(house
                        ->admin_post("/admin/explain", R"({"key":"caller","endpoint":"/v1/embeddings",)"
                                                       R"("request":{"model":"m","input":["b","c"]}})")
                        .body);
    EXPECT_GE(explained["limits"][0]["tokens_per_minute"]["remaining"], 6'990) << explained;
    EXPECT_EQ(explained["cache"]["inputs"]["count"], 2);
    EXPECT_EQ(explained["cache"]["inputs"]["kept"], 1);
    EXPECT_EQ(explained["cache"]["hit"], nullptr);
}

TEST_F(EmbeddingCacheTest, AFallbackAnswersForAllInputsOrForNone) {
    plan.caller = "tokens_per_minute: 20k";
    open("", 4);
    const auto safe = [&](std::string_view input) {
        return house->ask(path, fmt::format(R"({{"model":"safe","input":{}}})", input));
    };
    safe(R"("a")");
    const auto down = "down?" + std::string(4'000, 'x');
    const auto reply = safe(fmt::format(R"(["a","{}"])", down));
    ASSERT_EQ(reply.status, 200) << reply.body;
    std::vector<std::size_t> of_fallback;
    for (const auto& request : upstream.requests()) {
        if (request.target == "/spare/embeddings") {
            of_fallback.push_back(json::parse(request.body)["input"].size());
        }
    }
    EXPECT_THAT(of_fallback, ElementsAre(1, 2));
    const auto told = json::parse(reply.body);
    EXPECT_EQ(told["data"][0]["embedding"][2], calls().size()) << "both of the last call";
    EXPECT_EQ(told["data"][1]["embedding"][2], calls().size());
    EXPECT_EQ(told["usage"]["prompt_tokens"], 4'006);
    EXPECT_EQ(reply.header("x-gatehouse-cache"), "miss");
    EXPECT_FALSE(reply.header("x-gatehouse-saved-usd"));
    const auto explained =
        json::parse(house
                        ->admin_post("/admin/explain", R"({"key":"caller","endpoint":"/v1/embeddings",)"
                                                       R"("request":{"model":"safe","input":"a"}})")
                        .body);
    EXPECT_GE(explained["limits"][0]["tokens_per_minute"]["remaining"], 11'900)
        << "each call counts once: " << explained;
    EXPECT_EQ(explained["cache"]["hit"]["model"], "m") << "a fallback's are not kept";
}

TEST_F(EmbeddingCacheTest, KnowsGeminisBatches) {
    open();
    const auto batch = [&](std::vector<std::string> texts) {
        std::string requests;
        for (const auto& text : texts) {
            requests += requests.empty() ? "" : ",";
            requests +=
                fmt::format(R"({{"model":"models/g","content":{{"parts":[{{"text":"{}"}}]}}}})", text);
        }
        return house->ask("/v1beta/models/g:batchEmbedContents", R"({"requests":[)" + requests + "]}");
    };
    batch({"a", "bb"});
    const auto some = batch({"ccc", "bb", "a"});
    EXPECT_EQ(
        some.body,
        R"({"embeddings":[{"values":[3.00, -1E-5, 2]},{"values":[2.00, -1E-5, 1]},{"values":[1.00, -1E-5, 1]}]})");
    EXPECT_EQ(batch({"bb"}).body, R"({"embeddings":[{"values":[2.00, -1E-5, 1]}]})");
    EXPECT_THAT(calls(), ElementsAre(ElementsAre("a", "bb"), ElementsAre("ccc")));
}

TEST_F(EmbeddingCacheTest, KeepsWhatAnotherVendorGave) {
    open();
    const auto translated = [&](std::string_view input) {
        return house->ask(path, fmt::format(R"({{"model":"g","input":{}}})", input));
    };
    translated(R"(["a","bb"])");
    const auto some = json::parse(translated(R"(["bb","ccc"])").body);
    EXPECT_THAT(calls(), ElementsAre(ElementsAre("a", "bb"), ElementsAre("ccc")));
    EXPECT_EQ(some["data"][0]["embedding"], json::parse("[2,-1e-5,1]"));
    EXPECT_EQ(some["data"][0]["index"], 0);
    EXPECT_EQ(some["data"][1]["embedding"], json::parse("[3,-1e-5,2]"));
    EXPECT_EQ(some["model"], "g");
}

TEST_F(EmbeddingCacheTest, WhereRulesDecideARequestIsOneThing) {
    open("routes: [{name: all, when: {model: auto, prompt_tokens: \">= 0\"}, use: m}]\n");
    const auto routed = [&](std::string_view input) {
        return house->ask(path, fmt::format(R"({{"model":"auto","input":{}}})", input))
            .header("x-gatehouse-cache");
    };
    EXPECT_EQ(routed(R"(["a","b"])"), "miss");
    EXPECT_EQ(routed(R"(["a"])"), "miss");
    EXPECT_EQ(routed(R"(["a","b"])"), "hit");
    EXPECT_THAT(calls(), ElementsAre(ElementsAre("a", "b"), ElementsAre("a")));
}

}  // namespace
}  // namespace gatehouse::integration

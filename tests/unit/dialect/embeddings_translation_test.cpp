// Embeddings asked for in one vendor's words and given in another's.
#include "gatehouse/dialect/embeddings_translation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;
using testing::ElementsAre;

/// What goes to Gemini, or what is wrong.
std::vector<std::string> to_gemini(std::string_view body, const DecodeTokens& decode = {}) {
    const auto wish = read_openai_embeddings(body, decode);
    if (!wish) {
        return {std::string(name_of(wish.problem().kind())) + " " + wish.problem().param()};
    }
    return write_gemini_embeddings(*wish, "up");
}

std::string to_openai(Endpoint endpoint, std::string_view body) {
    const auto wish = read_gemini_embeddings(endpoint, body);
    if (!wish) {
        return std::string(name_of(wish.problem().kind())) + " " + wish.problem().param();
    }
    return write_openai_embeddings(*wish, "up");
}

TEST(EmbeddingsToGemini, are_one_batch_in_the_order_of_the_inputs) {
    EXPECT_THAT(to_gemini(R"({"model":"a","input":"hi"})"),
                ElementsAre(R"({"requests":[{"model":"models/up","content":{"parts":[{"text":"hi"}]}}]})"));
    EXPECT_THAT(
        to_gemini(
            R"({"model":"a","input":["x","y"],"dimensions":768,"task_type":"retrieval_query","user":"u"})"),
        ElementsAre(
            R"({"requests":[{"model":"models/up","content":{"parts":[{"text":"x"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":768},)"
            R"({"model":"models/up","content":{"parts":[{"text":"y"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":768}]})"));
}

TEST(EmbeddingsToGemini, are_batches_of_a_hundred) {
    std::string inputs;
    for (int i = 0; i < 201; ++i) {
        inputs += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\"";
    }
    const auto bodies = to_gemini(R"({"model":"a","input":[)" + inputs + "]}");
    ASSERT_EQ(bodies.size(), 3U);
    EXPECT_NE(bodies[0].find(R"("text":"99")"), std::string::npos);
    EXPECT_EQ(bodies[0].find(R"("text":"100")"), std::string::npos);
    EXPECT_EQ(bodies[2], R"({"requests":[{"model":"models/up","content":{"parts":[{"text":"200"}]}}]})");
}

TEST(EmbeddingsToGemini, are_refused_for_what_is_wrong_with_the_request) {
    EXPECT_THAT(to_gemini(R"({"model":"a"})"), ElementsAre("missing_parameter input"));
    EXPECT_THAT(to_gemini(R"({"input":""})"), ElementsAre("invalid_value input"));
    EXPECT_THAT(to_gemini(R"({"input":["a",""]})"), ElementsAre("invalid_value input[1]"));
    EXPECT_THAT(to_gemini(R"({"input":[]})"), ElementsAre("invalid_value input"));
    EXPECT_THAT(to_gemini(R"({"input":[[]]})"), ElementsAre("invalid_value input[0]"));
    EXPECT_THAT(to_gemini(R"({"input":[true]})"), ElementsAre("invalid_type input[0]"));
    EXPECT_THAT(to_gemini(R"({"input":"a","encoding_format":"hex"})"),
                ElementsAre("invalid_value encoding_format"));
    EXPECT_THAT(to_gemini(R"({"input":"a","dimensions":0})"), ElementsAre("invalid_value dimensions"));
    EXPECT_THAT(to_gemini(R"({"input":"a","input_type":"poetry"})"), ElementsAre("invalid_value input_type"));
}

TEST(EmbeddingsToGemini, take_tokens_that_somebody_can_decode) {
    EXPECT_THAT(to_gemini(R"({"input":[1,2]})"), ElementsAre("unsupported_parameter input"));
    EXPECT_THAT(to_gemini(R"({"input":["a",[1]]})"), ElementsAre("unsupported_parameter input[1]"));
    const DecodeTokens decode = [](std::span<const std::int64_t> tokens) -> std::optional<std::string> {
        std::string text;
        for (const auto token : tokens) {
            if (token > 9) {
                return std::nullopt;
            }
            text += std::to_string(token);
        }
        return text;
    };
    EXPECT_THAT(to_gemini(R"({"input":[1,2]})", decode),
                ElementsAre(R"({"requests":[{"model":"models/up","content":{"parts":[{"text":"12"}]}}]})"));
    EXPECT_THAT(to_gemini(R"({"input":[[1],[10]]})", decode), ElementsAre("unsupported_parameter input[1]"));
}

TEST(EmbeddingsToOpenai, are_one_request_of_all_texts) {
    EXPECT_EQ(to_openai(Endpoint::embed_content,
                        R"({"content":{"parts":[{"text":"a"},{"text":"b"}]},"output_dimensionality":3})"),
              R"({"model":"up","input":["a\nb"],"encoding_format":"float","dimensions":3})");
    EXPECT_EQ(to_openai(Endpoint::batch_embed_contents,
                        R"({"requests":[{"model":"models/x","content":{"parts":[{"text":"a"}]}},)"
                        R"({"content":{"parts":{"text":"b"}}}]})"),
              R"({"model":"up","input":["a","b"],"encoding_format":"float"})");
}

TEST(EmbeddingsToOpenai, lose_task_and_title_by_name) {
    const auto wish = read_gemini_embeddings(
        Endpoint::embed_content,
        R"({"content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_DOCUMENT","title":"T"})");
    ASSERT_TRUE(wish);
    EXPECT_THAT(lost_of_openai_embeddings(*wish), ElementsAre("taskType", "title"));
    EXPECT_THAT(lost_of_gemini_embeddings(*wish), ElementsAre());
    EXPECT_THAT(write_gemini_embeddings(*wish, "tunedModels/t"),
                ElementsAre(R"({"requests":[{"model":"tunedModels/t","content":{"parts":[{"text":"a"}]},)"
                            R"("taskType":"RETRIEVAL_DOCUMENT","title":"T"}]})"));
}

TEST(EmbeddingsToOpenai, NameWhatNobodyKnows) {
    const auto of_gemini = read_gemini_embeddings(
        Endpoint::embed_content,
        R"({"model":"models/x","content":{"parts":[{"text":"a"}]},"title":"T","autoTruncate":true,"x":null})");
    ASSERT_TRUE(of_gemini);
    EXPECT_THAT(lost_of_openai_embeddings(*of_gemini), ElementsAre("autoTruncate", "title"));
    const auto of_openai = read_openai_embeddings(
        R"({"model":"m","input":"a","user":"u","truncate":"END","encoding_format":"float"})", {});
    ASSERT_TRUE(of_openai);
    EXPECT_THAT(lost_of_gemini_embeddings(*of_openai), ElementsAre("truncate", "user"));
}

TEST(EmbeddingsToOpenai, are_refused_for_what_openai_cannot_say) {
    const auto batch = [](std::string_view requests) {
        return to_openai(Endpoint::batch_embed_contents, R"({"requests":[)" + std::string(requests) + "]}");
    };
    const std::string a = R"({"content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING"},)";
    EXPECT_EQ(batch(a + R"({"content":{"parts":[{"text":"b"}]}})"),
              "unsupported_parameter requests[1].taskType");
    EXPECT_EQ(batch(a + R"({"content":{"parts":[{"text":"b"}]},"outputDimensionality":3})"),
              "unsupported_parameter requests[1].outputDimensionality");
    EXPECT_EQ(batch(R"({"content":{"parts":[{"text":""}]}})"), "invalid_value requests[0].content");
    EXPECT_EQ(batch(R"({"title":"x"})"), "missing_parameter requests[0].content");
    EXPECT_EQ(batch(R"({"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}})"),
              "unsupported_parameter requests[0].content.parts[0]");
    EXPECT_EQ(batch(""), "missing_parameter requests");
    EXPECT_EQ(to_openai(Endpoint::embed_content, "{}"), "missing_parameter content");
}

TEST(EmbeddingsVectors, keep_their_numbers) {
    Embeddings embeddings;
    ASSERT_TRUE(read_gemini_vectors(R"({"embeddings":[{"values":[-0.008762145,1]},{"values":[2e-7,0]}]})", 2,
                                    embeddings));
    ASSERT_TRUE(read_gemini_vectors(
        R"({"embeddings":[{"values":[0.5,3]}],"usageMetadata":{"promptTokenCount":4}})", 1, embeddings));
    EXPECT_EQ(write_openai_vectors(embeddings, "asked", false),
              R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[-0.008762145,1]},)"
              R"({"object":"embedding","index":1,"embedding":[2e-07,0]},)"
              R"({"object":"embedding","index":2,"embedding":[0.5,3]}],"model":"asked",)"
              R"("usage":{"prompt_tokens":4,"total_tokens":4}})");
    EXPECT_EQ(
        write_gemini_vectors(embeddings, Endpoint::embed_content),
        R"({"embedding":{"values":[-0.008762145,1]},"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4}})");
}

TEST(EmbeddingsVectors, are_float32_in_base64) {
    Embeddings embeddings;
    embeddings.vectors = {{1.0, -2.0, 0.5}};
    const auto reply = write_openai_vectors(embeddings, "m", true);
    EXPECT_NE(reply.find(R"("embedding":"AACAPwAAAMAAAAA/")"), std::string::npos) << reply;
    Embeddings back;
    ASSERT_TRUE(read_openai_vectors(reply, 1, back));
    EXPECT_EQ(back.vectors, embeddings.vectors);
}

TEST(EmbeddingsVectors, are_put_in_order_by_their_index) {
    Embeddings embeddings;
    ASSERT_TRUE(read_openai_vectors(
        R"({"data":[{"index":1,"embedding":[2]},{"index":0,"embedding":[1]}],"usage":{"prompt_tokens":8,"total_tokens":8}})",
        2, embeddings));
    EXPECT_EQ(write_gemini_vectors(embeddings, Endpoint::batch_embed_contents),
              R"({"embeddings":[{"values":[1]},{"values":[2]}],)"
              R"("usageMetadata":{"promptTokenCount":8,"totalTokenCount":8}})");
}

TEST(EmbeddingsVectors, are_made_of_length_one) {
    Embeddings embeddings;
    embeddings.vectors = {{3, 4}, {0, 0}};
    normalise(embeddings);
    EXPECT_THAT(embeddings.vectors[0], ElementsAre(0.6, 0.8));
    EXPECT_THAT(embeddings.vectors[1], ElementsAre(0, 0));
}

TEST(EmbeddingsVectors, must_be_those_that_were_asked_for) {
    const auto gemini_problem = [](std::string_view body) {
        Embeddings embeddings;
        const auto status = read_gemini_vectors(body, 1, embeddings);
        return status ? std::string() : std::string(name_of(status.problem().kind()));
    };
    const auto openai_problem = [](std::string_view body) {
        Embeddings embeddings;
        const auto status = read_openai_vectors(body, 1, embeddings);
        return status ? std::string() : std::string(name_of(status.problem().kind()));
    };
    for (const auto* body :
         {"", "x", "{}", "[]", R"({"embeddings":[]})", R"({"embeddings":[{"values":[]}]})",
          R"({"embeddings":[{"values":[1]},{"values":[1]}]})", R"({"embeddings":[{"values":[1e999]}]})",
          R"({"data":[{"index":1,"embedding":[1]}]})", R"({"data":[{"embedding":"x"}]})"}) {
        EXPECT_EQ(gemini_problem(body),
                  body == std::string_view("[]") ? "upstream_failed" : "upstream_protocol")
            << body;
        EXPECT_EQ(openai_problem(body), "upstream_protocol") << body;
    }
    EXPECT_EQ(gemini_problem(R"([{"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED"}}])"),
              "upstream_rate_limited");
    EXPECT_EQ(openai_problem(R"({"error":{"message":"x","code":"insufficient_quota"}})"), "upstream_quota");
}

}  // namespace
}  // namespace gatehouse::dialect

// Requests for embeddings taken apart into their inputs.
#include "gatehouse/dialect/embedding_inputs.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;
using testing::ElementsAre;
using testing::IsEmpty;

chat::Request admitted_inputs(std::string body, Endpoint endpoint = Endpoint::embeddings) {
    auto request =
        dialect_of(chat::vendor_of(endpoint)).decode_request(endpoint, std::move(body), wire::JsonLimits{});
    EXPECT_TRUE(request) << request.problem().message();
    return request ? std::move(*request) : chat::Request();
}

std::vector<std::string> inputs_in(std::string body, Endpoint endpoint = Endpoint::embeddings) {
    const auto request = admitted_inputs(std::move(body), endpoint);
    const auto& bytes = request.original.bytes;
    const auto found = embedding_inputs(endpoint, bytes);
    std::vector<std::string> inputs;
    for (const auto input : found ? found->inputs : std::vector<wire::ByteRange>()) {
        inputs.push_back(bytes.substr(input.begin, input.size()));
    }
    return inputs;
}

TEST(EmbeddingInputs, are_texts_and_lists_of_tokens) {
    EXPECT_THAT(inputs_in(R"({"model":"m","input":"a"})"), ElementsAre(R"("a")"));
    EXPECT_THAT(inputs_in(R"({"input" : [ "a" , "b\n" ] , "model":"m"})"), ElementsAre(R"("a")", R"("b\n")"));
    EXPECT_THAT(inputs_in(R"({"model":"m","input":[1, 2]})"), ElementsAre("[1, 2]")) << "one text in tokens";
    EXPECT_THAT(inputs_in(R"({"model":"m","input":[[1,2],[3]]})"), ElementsAre("[1,2]", "[3]"));
    EXPECT_THAT(inputs_in(R"({"model":"m","input":["a",[3]]})"), ElementsAre(R"("a")", "[3]"));
}

TEST(EmbeddingInputs, are_requests_of_a_batch) {
    constexpr auto batch = Endpoint::batch_embed_contents;
    EXPECT_THAT(inputs_in(R"({"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{}}]})", batch),
                ElementsAre(R"({"content":{"parts":[{"text":"a"}]}})", R"({"content":{}})"));
    EXPECT_THAT(inputs_in(R"({"requests":{"content":{}}})", batch), ElementsAre(R"({"content":{}})"));
}

TEST(EmbeddingInputs, are_not_told_apart_where_nobody_knows_how) {
    EXPECT_THAT(inputs_in(R"({"model":"m","input":["a",1]})"), IsEmpty());
    EXPECT_THAT(inputs_in(R"({"content":{"parts":[{"text":"a"}]}})", Endpoint::embed_content), IsEmpty());
    EXPECT_THAT(inputs_in(R"({"model":"m","input":"a"})", Endpoint::moderations), IsEmpty());
    EXPECT_FALSE(embedding_inputs(Endpoint::embeddings, "[]"));
    EXPECT_FALSE(embedding_inputs(Endpoint::embeddings, R"({"input":["a")"));
    EXPECT_FALSE(embedding_inputs(Endpoint::embeddings, R"({"model":"m"})"));
    EXPECT_FALSE(embedding_inputs(Endpoint::embeddings, R"({"input":[]})"));
}

CanonicalEmbeddings canonical_of(std::string body, Endpoint endpoint = Endpoint::embeddings) {
    const auto found = canonical_embeddings(admitted_inputs(std::move(body), endpoint));
    EXPECT_TRUE(found);
    return found.value_or(CanonicalEmbeddings());
}

TEST(CanonicalEmbeddings, count_an_input_the_same_alone_and_among_others) {
    const auto alone = canonical_of(R"({"model":"m","input":"a"})");
    const auto listed = canonical_of(R"({"model":"m","input":["a"]})");
    const auto among = canonical_of(R"({ "input": [ "b", "\u0061", "a" ], "model": "m" })");
    EXPECT_EQ(alone.rest, listed.rest);
    EXPECT_EQ(alone.rest, among.rest);
    EXPECT_EQ(alone.inputs, listed.inputs);
    ASSERT_EQ(among.inputs.size(), 3U);
    EXPECT_EQ(among.inputs[1], alone.inputs[0]);
    EXPECT_EQ(among.inputs[2], alone.inputs[0]);
    EXPECT_NE(among.inputs[0], alone.inputs[0]);
}

TEST(CanonicalEmbeddings, tell_tokens_from_texts) {
    const auto ids = canonical_of(R"({"model":"m","input":[1,2]})");
    const auto lists = canonical_of(R"({"model":"m","input":[[1,2],[1],[2]]})");
    EXPECT_EQ(ids.inputs[0], lists.inputs[0]);
    EXPECT_NE(ids.inputs[0], lists.inputs[1]);
    EXPECT_NE(canonical_of(R"({"model":"m","input":"[1,2]"})").inputs, ids.inputs);
}

TEST(CanonicalEmbeddings, hold_everything_that_may_change_a_vector) {
    const auto plain = canonical_of(R"({"model":"m","input":"a"})");
    for (const auto* more : {R"("dimensions":2)", R"("encoding_format":"base64")", R"("task_type":"QUERY")",
                             R"("input_type":"query")", R"("unheard_of":[])"}) {
        EXPECT_NE(canonical_of(R"({"model":"m","input":"a",)" + std::string(more) + "}").rest, plain.rest)
            << more;
    }
    EXPECT_EQ(canonical_of(R"({"user":"u","model":"other","input":"a","dimensions":null})").rest, plain.rest);
    auto strict = admitted_inputs(R"({"model":"m","input":"a"})");
    strict.strict_params = true;
    EXPECT_NE(canonical_embeddings(strict)->rest, plain.rest);
}

TEST(CanonicalEmbeddings, know_a_request_of_a_batch_by_all_but_its_model) {
    constexpr auto batch = Endpoint::batch_embed_contents;
    const auto one = canonical_of(
        R"({"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING"}]})",
        batch);
    const auto two = canonical_of(R"({"requests":[{"content":{"parts":[{"text":"a"}]}},)"
                                  R"({"taskType":"CLUSTERING","content":{"parts":[{"text":"a"}]}}]})",
                                  batch);
    EXPECT_EQ(one.rest, two.rest);
    EXPECT_EQ(one.inputs[0], two.inputs[1]);
    EXPECT_NE(one.inputs[0], two.inputs[0]);
}

TEST(CanonicalEmbeddings, are_none_where_an_input_has_a_member_twice) {
    EXPECT_FALSE(canonical_embeddings(
        admitted_inputs(R"({"requests":[{"content":{"parts":[]},"title":"a","title":"b"}]})",
                        Endpoint::batch_embed_contents)));
}

std::string for_some(const std::string& body, std::vector<std::size_t> wanted,
                     Endpoint endpoint = Endpoint::embeddings) {
    const auto inputs = embedding_inputs(endpoint, body);
    EXPECT_TRUE(inputs);
    auto less = asking_for(endpoint, body, *inputs, wanted);
    EXPECT_TRUE(less) << less.problem().message();
    const auto& model = less->model;
    EXPECT_TRUE(endpoint != Endpoint::embeddings ||
                less->bytes.substr(model.begin, model.size()) == R"("some \u006dodel")");
    return less->bytes;
}

TEST(AskingFor, leaves_everything_but_the_inputs_as_it_was) {
    const std::string body =
        R"({ "input": ["a", "b\u0062", "c"] , "x": 1.0, "model": "some \u006dodel", "input2": ["a"] })";
    EXPECT_EQ(for_some(body, {1}),
              R"({ "input": ["b\u0062"] , "x": 1.0, "model": "some \u006dodel", "input2": ["a"] })");
    EXPECT_EQ(for_some(body, {0, 2}),
              R"({ "input": ["a","c"] , "x": 1.0, "model": "some \u006dodel", "input2": ["a"] })");
    EXPECT_EQ(for_some(R"({"model":"some \u006dodel","input":[[1, 2],[3]]})", {0}),
              R"({"model":"some \u006dodel","input":[[1, 2]]})");
    EXPECT_EQ(for_some(R"({"requests":[{"content":{"parts":[]}},{"content":{}}],"x":1})", {1},
                       Endpoint::batch_embed_contents),
              R"({"requests":[{"content":{}}],"x":1})");
}

TEST(AskingFor, knows_where_the_models_stand) {
    const std::string body = R"({"requests":[{"content":{}},{"model":"models/m","content":{}}]})";
    const auto inputs = embedding_inputs(Endpoint::batch_embed_contents, body);
    const std::vector<std::size_t> second{1};
    const auto less = asking_for(Endpoint::batch_embed_contents, body, *inputs, second);
    ASSERT_TRUE(less);
    ASSERT_EQ(less->models.size(), 1U);
    EXPECT_EQ(less->bytes.substr(less->models[0].begin, less->models[0].size()), R"("models/m")");
}

}  // namespace
}  // namespace gatehouse::dialect

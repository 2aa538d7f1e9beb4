// Replies with vectors taken apart and put together again.
#include "gatehouse/dialect/embedding_replies.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;
using testing::ElementsAre;
using testing::Optional;

constexpr auto batch = Endpoint::batch_embed_contents;

std::optional<std::vector<std::string>> split(std::string_view reply, std::vector<std::int64_t> weights,
                                              Endpoint endpoint = Endpoint::embeddings) {
    return split_vectors(endpoint, reply, weights);
}

std::optional<std::string> join(std::string_view frame, std::vector<std::string_view> replies,
                                Endpoint endpoint = Endpoint::embeddings) {
    return join_vectors(endpoint, frame, replies);
}

/// `data` is the inside of the list.
std::string list_of(std::string_view data, int tokens = 6) {
    return fmt::format(
        R"({{"object":"list","data":[{}],"model":"m","usage":{{"prompt_tokens":{},"total_tokens":{}}}}})",
        data, tokens, tokens);
}

std::string element(int index, std::string_view vector) {
    return fmt::format(R"({{"object":"embedding","index":{},"embedding":{}}})", index, vector);
}

TEST(SplitVectors, gives_each_input_the_reply_that_it_would_have_had_alone) {
    EXPECT_THAT(
        split(list_of(element(0, "[0.10, -1E-3]") + " , " + element(1, "[2,3e+5]")), {1, 2}),
        Optional(ElementsAre(list_of(element(0, "[0.10, -1E-3]"), 2), list_of(element(0, "[2,3e+5]"), 4))));
}

TEST(SplitVectors, leaves_base64_as_it_is) {
    EXPECT_THAT(split(list_of(element(0, R"("AAAAPw==")") + "," + element(1, R"("AA\/+Pw==")")), {1, 1}),
                Optional(ElementsAre(list_of(element(0, R"("AAAAPw==")"), 3),
                                     list_of(element(0, R"("AA\/+Pw==")"), 3))));
}

TEST(SplitVectors, goes_by_the_numbers_of_vectors) {
    EXPECT_THAT(split(list_of(element(1, "[1]") + "," + element(0, "[0]")), {1, 1}),
                Optional(ElementsAre(list_of(element(0, "[0]"), 3), list_of(element(0, "[1]"), 3))));
    EXPECT_THAT(split(list_of(R"({"embedding":[0]},{ "embedding":[1]})"), {1, 1}),
                Optional(ElementsAre(list_of(R"({"index":0,"embedding":[0]})", 3),
                                     list_of(R"({"index":0, "embedding":[1]})", 3))))
        << "without any, by their places";
}

TEST(SplitVectors, leaves_the_reply_to_one_input_as_it_is) {
    const auto reply = R"( {"data":[ {"embedding":[1 ,2],"index":0, "x":{}} ] ,"usage":{"a":{}},"more":[] })";
    EXPECT_THAT(split(reply, {5}), Optional(ElementsAre(reply)));
}

TEST(SplitVectors, keeps_what_it_does_not_know_but_for_the_details_of_the_call) {
    const auto parts =
        split(R"({"id":"x","usage":{"prompt_tokens":3,"n":true,"prompt_tokens_details":{"c":1},)"
              R"("total_tokens":3.5},"data":[{"embedding":[1],"y":1},{"embedding":[2]}],"z":{}})",
              {1, 2});
    EXPECT_THAT(parts,
                Optional(ElementsAre(R"({"id":"x","usage":{"prompt_tokens":1,"n":true,"total_tokens":3.5},)"
                                     R"("data":[{"index":0,"embedding":[1],"y":1}],"z":{}})",
                                     R"({"id":"x","usage":{"prompt_tokens":2,"n":true,"total_tokens":3.5},)"
                                     R"("data":[{"index":0,"embedding":[2]}],"z":{}})")));
}

TEST(SplitVectors, knows_geminis_batches) {
    EXPECT_THAT(
        split(R"({"embeddings":[{"values":[0.5]},{"values":[1], "shape":[1]}],)"
              R"("usageMetadata":{"promptTokenCount":5,"totalTokenCount":5,)"
              R"("promptTokensDetails":[{"modality":"TEXT","tokenCount":5}]}})",
              {4, 1}, batch),
        Optional(ElementsAre(
            R"({"embeddings":[{"values":[0.5]}],"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4}})",
            R"({"embeddings":[{"values":[1], "shape":[1]}],)"
            R"("usageMetadata":{"promptTokenCount":1,"totalTokenCount":1}})")));
    EXPECT_THAT(
        split(R"({"embeddings":[{"values":[0.5]},{"values":[1]}]})", {1, 1}, batch),
        Optional(ElementsAre(R"({"embeddings":[{"values":[0.5]}]})", R"({"embeddings":[{"values":[1]}]})")));
}

TEST(SplitVectors, takes_nothing_that_has_not_one_vector_for_each_input) {
    const std::vector<std::string> bad{
        list_of(element(0, "[1]")),  // one is missing
        list_of(element(0, "[1]") + "," + element(1, "[2]") + "," + element(2, "[3]")),
        list_of(element(0, "[1]") + "," + element(0, "[2]")),  // two of one input
        list_of(element(0, "[1]") + "," + element(2, "[2]")),  // of no input
        list_of(element(0, "[1]") + "," + element(-1, "[2]")),
        list_of(element(0, "[1]") + R"(,{"embedding":[2]})"),  // which one is not known
        list_of(element(0, "[1]") + "," + element(1, "[]")),
        list_of(element(0, "[1]") + "," + element(1, "[ ]")),
        list_of(element(0, "[1]") + "," + element(1, "[null]")),
        list_of(element(0, "[1]") + "," + element(1, R"(["2"])")),
        list_of(element(0, "[1]") + "," + element(1, "[[2]]")),
        list_of(element(0, "[1]") + "," + element(1, "[{}]")),
        list_of(element(0, "[1]") + "," + element(1, "[true]")),
        list_of(element(0, "[1]") + "," + element(1, R"("")")),
        list_of(element(0, "[1]") + "," + element(1, "null")),
        list_of(element(0, "[1]") + "," + element(1, "2")),
        list_of(element(0, "[1]") + R"(,{"index":1})"),
        list_of(element(0, "[1]") + R"(,{"index":1,"index":1,"embedding":[2]})"),
        list_of(element(0, "[1]") + R"(,{"index":1,"embedding":[1],"embedding":[2]})"),
        list_of(element(0, "[1]") + R"(,{"index":"1","embedding":[2]})"),
        list_of(element(0, "[1]") + R"(,{"index":1.0,"embedding":[2]})"),
        list_of(element(0, "[1]") + ",7"),
        R"({"data":[{"embedding":[1]},{"embedding":[2]}],"data":[{"embedding":[1]},{"embedding":[2]}]})",
        R"({"data":[{"embedding":[1]},{"embedding":[2]}],"usage":{},"usage":{}})",
        R"({"data":{"embedding":[1]}})",
        R"({"data":[{"embedding":[1]},{"embedding":[2]})",
        R"({"embeddings":[{"values":[1]},{"values":[2]}]})",
        "[]",
        "",
    };
    for (const auto& reply : bad) {
        EXPECT_FALSE(split(reply, {1, 1})) << reply;
    }
    EXPECT_FALSE(split(R"({"embeddings":[{"values":"AAAA"}]})", {1}, batch));
    EXPECT_FALSE(split(R"({"embedding":{"values":[1]}})", {1}, batch));
}

TEST(JoinVectors, puts_vectors_in_their_places) {
    const auto one = list_of(element(0, "[0.10]"), 2);
    const auto two =
        R"({"usage":{"total_tokens":7,"prompt_tokens":3},"data":[{"embedding":"AAAA","x":[0]}]})";
    EXPECT_THAT(join(one, {two, one, two}),
                Optional(std::string(R"({"object":"list","data":[{"index":0,"embedding":"AAAA","x":[0]},)"
                                     R"({"object":"embedding","index":1,"embedding":[0.10]},)"
                                     R"({"index":2,"embedding":"AAAA","x":[0]}],)"
                                     R"("model":"m","usage":{"prompt_tokens":8,"total_tokens":16}})")));
    EXPECT_THAT(join(two, {one}), Optional(R"({"usage":{"total_tokens":2,"prompt_tokens":2},"data":[)" +
                                           element(0, "[0.10]") + "]}"));
}

TEST(JoinVectors, tells_tokens_only_where_the_frame_does) {
    EXPECT_THAT(join(R"({"data":[]})", {list_of(element(0, "[1]"))}),
                Optional(R"({"data":[)" + element(0, "[1]") + "]}"));
    EXPECT_THAT(join(R"({"data":[],"usage":null})", {list_of(element(0, "[1]"))}),
                Optional(R"({"data":[)" + element(0, "[1]") + R"(],"usage":null})"));
}

TEST(JoinVectors, undoes_a_split) {
    for (const auto& reply :
         {list_of(element(0, "[1,-2.50]") + "," + element(1, R"("AA==")") + "," + element(2, "[3]")),
          std::string(R"({"usage":{"prompt_tokens":9},"data":[{"index":0,"embedding":[1]},)"
                      R"({"index":1,"embedding":[2]},{"embedding":[3],"index":2}]})")}) {
        const auto parts = split(reply, {2, 3, 1});
        ASSERT_TRUE(parts);
        EXPECT_THAT(join(reply, {parts->begin(), parts->end()}), Optional(reply));
        EXPECT_THAT(join(parts->back(), {parts->begin(), parts->end()}), Optional(reply));
    }
    const std::string gemini = R"({"embeddings":[{"values":[1]},{"values":[2.0]}],"usageMetadata":)"
                               R"({"promptTokenCount":5}})";
    const auto parts = split(gemini, {1, 1}, batch);
    ASSERT_TRUE(parts);
    EXPECT_THAT(join(gemini, {parts->begin(), parts->end()}, batch), Optional(gemini));
}

TEST(JoinVectors, takes_replies_to_one_input_only) {
    const auto one = list_of(element(0, "[1]"));
    EXPECT_FALSE(join(one, {one, list_of(element(0, "[1]") + "," + element(1, "[2]"))}));
    EXPECT_FALSE(join(one, {one, R"({"data":[]})"}));
    EXPECT_FALSE(join(one, {"{}"}));
    EXPECT_FALSE(join("{}", {one}));
}

}  // namespace
}  // namespace gatehouse::dialect

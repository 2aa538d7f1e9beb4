// Recorded embeddings of Gemini's API (tests/golden/gemini/embeddings): every request is read as its client
// meant it, every reply gives the vectors that were sent, and both are said again in OpenAI's words.
#include "gatehouse/dialect/embeddings_translation.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace gatehouse::dialect {
namespace {

using nlohmann::json;

class GoldenEmbeddings : public testing::TestWithParam<std::string> {
protected:
    static json recorded() {
        std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/gemini/embeddings/" +
                           GetParam() + ".json");
        return json::parse(file);
    }
};

TEST_P(GoldenEmbeddings, AreReadAndSaidAgain) {
    std::size_t vectors = 0;
    const auto recording = recorded();
    for (const auto& exchange : recording["exchanges"]) {
        const auto& asked = exchange["request"]["body"];
        const auto& answered = exchange["response"]["body"];
        const auto wish = read_gemini_embeddings(chat::Endpoint::batch_embed_contents, asked.dump());
        ASSERT_TRUE(wish) << wish.problem().message();
        ASSERT_EQ(wish->inputs.size(), asked["requests"].size());
        for (std::size_t i = 0; i < wish->inputs.size(); ++i) {
            EXPECT_EQ(json(wish->inputs[i].text), asked["requests"][i]["content"]["parts"][0]["text"]);
        }
        const auto again = json::parse(write_openai_embeddings(*wish, "up"));
        EXPECT_EQ(again["input"].size(), wish->inputs.size());
        EXPECT_EQ(again.value("dimensions", 0), asked["requests"][0].value("outputDimensionality", 0));

        Embeddings embeddings;
        const auto read = read_gemini_vectors(answered.dump(), wish->inputs.size(), embeddings);
        ASSERT_TRUE(read) << read.problem().message();
        const auto said = json::parse(write_openai_vectors(embeddings, "m", false));
        ASSERT_EQ(said["data"].size(), answered["embeddings"].size());
        for (std::size_t i = 0; i < said["data"].size(); ++i) {
            EXPECT_EQ(said["data"][i]["embedding"], answered["embeddings"][i]["values"]);
            ++vectors;
        }
    }
    EXPECT_GT(vectors, 0U);
}

INSTANTIATE_TEST_SUITE_P(Recorded, GoldenEmbeddings, testing::Values("embed-batch", "embed-documents"),
                         [](const auto& recording) {
                             std::string name = recording.param;
                             name[name.find('-')] = '_';
                             return name;
                         });

}  // namespace
}  // namespace gatehouse::dialect

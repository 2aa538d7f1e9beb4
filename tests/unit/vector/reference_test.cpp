// The pinned model against vectors that the package's own JavaScript made of sentences of ours
// (tests/golden/embedder/reference.txt: of each the text, how many pieces it has, and the vector).
#include "gatehouse/vector/encoder.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace gatehouse::vector {
namespace {

const std::filesystem::path top = GATEHOUSE_SOURCE_DIR;

double cosine(const std::vector<float>& a, const std::vector<double>& b) {
    double product = 0;
    double square = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
        product += double{a[i]} * b[i];
        square += b[i] * b[i];
    }
    return product / std::sqrt(square);
}

TEST(PinnedModel, GivesTheVectorsOfItsOrigin) {
    const auto file = top / "build/models/embedder.model";
    if (!std::filesystem::exists(file)) {
        GTEST_SKIP() << "docker/model.sh has made no model";
    }
    const auto encoder = load_encoder(file);
    ASSERT_TRUE(encoder) << encoder.problem().message();
    EXPECT_EQ((*encoder)->identity(), (ModelIdentity{"universal-sentence-encoder-lite", "0.2.0-int8", 512}));
    std::ifstream reference(top / "tests/golden/embedder/reference.txt");
    std::string text;
    std::string pieces;
    std::string line;
    int sentences = 0;
    while (std::getline(reference, text) && std::getline(reference, pieces) &&
           std::getline(reference, line)) {
        std::istringstream numbers(line);
        std::vector<double> expected;
        for (double number = 0; numbers >> number;) {
            expected.push_back(number);
        }
        ASSERT_EQ(expected.size(), 512U);
        const auto embedding = (*encoder)->embed(text);
        ASSERT_TRUE(embedding);
        EXPECT_EQ(std::to_string(embedding->pieces), pieces) << text;
        EXPECT_GT(cosine(embedding->vector, expected), 0.999) << text;
        ++sentences;
    }
    EXPECT_EQ(sentences, 7);
}

}  // namespace
}  // namespace gatehouse::vector

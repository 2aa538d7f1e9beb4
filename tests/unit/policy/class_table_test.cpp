#include "gatehouse/policy/class_table.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>

namespace gatehouse::policy {
namespace {

ClassTable::Parts empty_parts() {
    ClassTable::Parts parts;
    parts.weights.resize(prompt_places);
    return parts;
}

std::string head() {
    return "gatehouse-classifier 1\nclasses simple general complex code math creative\nfeatures " +
           std::to_string(prompt_buckets) + " " + std::to_string(prompt_shapes) +
           "\nscales 0.5 0.25\ntemperature 2\nbias 0 0 0 1 0 0\n";
}

TEST(PromptClass, IsNamedBothWays) {
    for (std::size_t i = 0; i < prompt_class_count; ++i) {
        const auto prompt_class = static_cast<PromptClass>(i);
        EXPECT_EQ(prompt_class_named(name_of(prompt_class)), prompt_class);
    }
    EXPECT_EQ(prompt_class_named("Code"), std::nullopt);
    EXPECT_EQ(prompt_class_named(""), std::nullopt);
}

TEST(ClassTable, AddsWhatEachFeatureWeighs) {
    auto parts = empty_parts();
    parts.bucket_scale = 0.5;
    parts.shape_scale = 0.25;
    parts.bias = {1, 0, 0, 0, 0, 0};
    parts.weights[7] = {2, -4, 0, 0, 0, 0};
    parts.weights[prompt_buckets + 1] = {0, 0, 8, 0, 0, 0};
    const ClassTable table(std::move(parts));
    const auto logits = table.logits({{7, 0.5F}, {static_cast<std::uint16_t>(prompt_buckets + 1), 1.0F}});
    EXPECT_DOUBLE_EQ(logits[0], 1 + 2 * 0.5 * 0.5);
    EXPECT_DOUBLE_EQ(logits[1], -4 * 0.5 * 0.5);
    EXPECT_DOUBLE_EQ(logits[2], 8 * 0.25);
    EXPECT_DOUBLE_EQ(logits[3], 0);
}

TEST(Verdict, IsASoftmaxAtTheTemperature) {
    const auto verdict = verdict_of({0, 0, 0, 2, 0, 0}, 2);
    EXPECT_EQ(verdict.best, PromptClass::code);
    EXPECT_NEAR(verdict.probability(), std::exp(1.0) / (std::exp(1.0) + 5), 1e-12);
    EXPECT_NEAR(std::accumulate(verdict.probabilities.begin(), verdict.probabilities.end(), 0.0), 1, 1e-12);
    const auto far = verdict_of({-4000, 4000, 0, 0, 0, 0}, 0.01);  // no overflow
    EXPECT_DOUBLE_EQ(far.probability(), 1);
}

TEST(ClassTable, IsReadAsItWasWritten) {
    auto parts = empty_parts();
    parts.bucket_scale = 0.1234567;
    parts.shape_scale = 3e-5;
    parts.temperature = 1.5;
    parts.bias = {0.1, -0.2, 0, 1e-9, 12, -7};
    parts.weights[0] = {127, -128, 1, 0, 0, -1};
    parts.weights[prompt_places - 1] = {0, 0, 0, 0, 0, 5};
    const ClassTable table(parts);
    const auto read = ClassTable::read(table.to_text());
    ASSERT_TRUE(read) << read.problem().message();
    EXPECT_EQ(read->parts().weights, parts.weights);
    EXPECT_EQ(read->parts().bias, parts.bias);
    EXPECT_EQ(read->parts().bucket_scale, parts.bucket_scale);
    EXPECT_EQ(read->parts().shape_scale, parts.shape_scale);
    EXPECT_EQ(read->parts().temperature, parts.temperature);
}

TEST(ClassTable, ThatIsNoneIsRefusedWithTheLineAtFault) {
    const struct {
        std::string text;
        const char* line;
    } faults[] = {
        {"", "line 0"},
        {"hello\n", "line 1"},
        {"gatehouse-classifier 1\nclasses a b\n", "line 2"},
        {"gatehouse-classifier 1\nclasses simple general complex code math creative\nfeatures 1 2\n",
         "line 3"},
        {head(), "line 6"},                                          // breaks off
        {head() + "0 1 2 3 4 5 6\n", "line 7"},                      // likewise
        {head() + "0 1 2 3 4 5\nend\n", "line 7"},                   // a weight is missing
        {head() + "0 1 2 3 4 5 6 7\nend\n", "line 7"},               // one too many
        {head() + "0 1 2 3 4 5 128\nend\n", "line 7"},               // too large
        {head() + "0 1 2 3 4 5 x\nend\n", "line 7"},                 // no number
        {head() + "5 1 2 3 4 5 6\n5 1 2 3 4 5 6\nend\n", "line 8"},  // twice
        {head() + "5 1 2 3 4 5 6\n4 1 2 3 4 5 6\nend\n", "line 8"},  // out of order
        {head() + "ffffff 1 2 3 4 5 6\nend\n", "line 7"},            // no such place
        {head() + "end\nmore\n", "line 7"},
    };
    for (const auto& [text, line] : faults) {
        const auto read = ClassTable::read(text);
        ASSERT_FALSE(read) << text;
        EXPECT_TRUE(read.problem().message().starts_with(line)) << read.problem().message() << '\n' << text;
    }
    EXPECT_TRUE(ClassTable::read(head() + "end\n"));
    EXPECT_FALSE(ClassTable::read(std::string(ClassTable::most_bytes + 1, ' ')));
}

TEST(ClassTable, TakesNoNumberThatBreaksTheArithmetic) {
    for (const auto& [good, bad] : {std::pair{"scales 0.5 0.25", "scales nan 0.25"},
                                    {"scales 0.5", "scales 0"},
                                    {"scales 0.5", "scales -1"},
                                    {"scales 0.5", "scales inf"},
                                    {"temperature 2", "temperature 0"},
                                    {"temperature 2", "temperature"},
                                    {"temperature 2", "temperature 2 2"},
                                    {"bias 0", "bias 1e300"},
                                    {"bias 0 0", "bias 0"}}) {
        auto text = head() + "end\n";
        text.replace(text.find(good), std::string_view(good).size(), bad);
        EXPECT_FALSE(ClassTable::read(text)) << bad;
    }
}

TEST(BuiltInClassTable, IsATable) {
    const auto table = ClassTable::read(built_in_class_table());
    ASSERT_TRUE(table) << table.problem().message();
    EXPECT_EQ(table->judge("Write a Python function that reverses a string.").best, PromptClass::code);
    EXPECT_EQ(table->judge("").probabilities.size(), prompt_class_count);
}

}  // namespace
}  // namespace gatehouse::policy

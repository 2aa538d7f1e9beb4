#include "gatehouse/policy/class_training.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

namespace gatehouse::policy {
namespace {

std::vector<LabelledPrompt> toy_prompts() {
    std::vector<LabelledPrompt> prompts;
    const std::vector<std::string> fillers = {
        "today",          "again",     "for my friend", "quickly",    "with care",
        "in the morning", "once more", "at home",       "if you can", "now"};
    for (const auto& filler : fillers) {
        for (const auto& end : fillers) {
            prompts.push_back({"sort the array in java " + filler + " " + end, PromptClass::code});
            prompts.push_back({"sing about the moon " + filler + " " + end, PromptClass::creative});
            prompts.push_back({"solve the equation " + filler + " " + end, PromptClass::math});
        }
    }
    return prompts;
}

TrainingOptions short_training() {
    TrainingOptions options;
    options.epochs = 3;
    return options;
}

TEST(Training, LearnsWhatCanBeTold) {
    const auto trained = train(toy_prompts(), short_training());
    ASSERT_TRUE(trained) << trained.problem().message();
    EXPECT_GT(trained->held_out.size(), 30U);
    EXPECT_LT(trained->held_out.size(), 90U);
    const auto measured = measure(trained->table, trained->held_out, 0.6);
    EXPECT_GE(measured.accuracy, 0.95);
    EXPECT_GE(measured.recall(PromptClass::code), 0.9);
    EXPECT_LE(measured.calibration_error, 0.1);
    EXPECT_EQ(trained->table.judge("please sing about the moon").best, PromptClass::creative);
}

TEST(Training, OfTheSamePromptsGivesTheSameTable) {
    const auto once = train(toy_prompts(), short_training());
    const auto again = train(toy_prompts(), short_training());
    ASSERT_TRUE(once && again);
    EXPECT_EQ(once->table.to_text(), again->table.to_text());
}

TEST(Training, FitsTheTemperatureToTheCalibration) {
    // Of two prompts that the table takes for code one is math: it should be no surer than that.
    const std::vector<LabelledPrompt> half_wrong = {{"sort the array in java", PromptClass::code},
                                                    {"sort the array in java", PromptClass::math}};
    const auto trained = train(toy_prompts(), short_training(), half_wrong);
    ASSERT_TRUE(trained);
    const auto sure = train(toy_prompts(), short_training());
    ASSERT_TRUE(sure);
    EXPECT_GT(trained->table.parts().temperature, 3 * sure->table.parts().temperature);
    EXPECT_EQ(trained->table.parts().weights, sure->table.parts().weights);
}

TEST(Training, NeedsTwoClassesAndSomethingToHoldOut) {
    EXPECT_FALSE(train({}, short_training()));
    EXPECT_FALSE(train({{"a", PromptClass::code}}, short_training()));
    std::vector<LabelledPrompt> one_class(50, {"hello", PromptClass::simple});
    for (std::size_t i = 0; i < one_class.size(); ++i) {
        one_class[i].text += std::to_string(i);
    }
    EXPECT_FALSE(train(std::move(one_class), short_training()));
}

/// A table that answers `code` with about two thirds, whatever the prompt.
ClassTable biased_table() {
    ClassTable::Parts parts;
    parts.weights.resize(prompt_places);
    parts.bias = {0, 0, 0, std::log(10.0), 0, 0};
    return ClassTable(std::move(parts));
}

TEST(Measure, CountsHitsAndAbstentionsByClass) {
    const std::vector<LabelledPrompt> prompts = {{"a", PromptClass::code},
                                                 {"b", PromptClass::code},
                                                 {"c", PromptClass::code},
                                                 {"d", PromptClass::math}};
    const auto sure = measure(biased_table(), prompts, 0.6);
    EXPECT_EQ(sure.prompts(), 4);
    EXPECT_EQ(sure.prompts(PromptClass::code), 3);
    EXPECT_DOUBLE_EQ(sure.accuracy, 0.75);
    EXPECT_DOUBLE_EQ(sure.precision(PromptClass::code), 0.75);
    EXPECT_DOUBLE_EQ(sure.recall(PromptClass::code), 1);
    EXPECT_DOUBLE_EQ(sure.recall(PromptClass::math), 0);
    EXPECT_DOUBLE_EQ(sure.abstention(), 0);
    EXPECT_NEAR(sure.calibration_error, 0.75 - 10.0 / 15, 1e-9);

    const auto unsure = measure(biased_table(), prompts, 0.7);
    EXPECT_DOUBLE_EQ(unsure.abstention(), 1);
    EXPECT_DOUBLE_EQ(unsure.recall(PromptClass::code), 0);
    EXPECT_DOUBLE_EQ(unsure.precision(PromptClass::code), 1);  // it said nothing wrong
    EXPECT_DOUBLE_EQ(unsure.accuracy, 0.75);
}

/// The figures of docs/classifier.md for the set in tests/golden/classifier, less a little.
TEST(BuiltInClassTable, DoesOnPromptsThatNoTrainingHasSeenWhatItsModelCardSays) {
    std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/classifier/prompts.jsonl");
    std::vector<LabelledPrompt> prompts;
    for (std::string line; std::getline(file, line);) {
        const auto json = nlohmann::json::parse(line);
        prompts.push_back({json.at("text"), prompt_class_named(json.at("class").get<std::string>()).value()});
    }
    ASSERT_GE(prompts.size(), 140U);
    const auto table = ClassTable::read(built_in_class_table());
    ASSERT_TRUE(table);
    const auto measured = measure(*table, prompts, default_class_threshold);
    EXPECT_GE(measured.accuracy, 0.90);
    EXPECT_LE(measured.calibration_error, 0.17);
    EXPECT_LE(measured.abstention(), 0.15);
    EXPECT_GE(measured.precision(PromptClass::code), 0.95);
    EXPECT_GE(measured.recall(PromptClass::code), 0.84);
    EXPECT_GE(measured.precision(PromptClass::math), 0.95);
    EXPECT_GE(measured.recall(PromptClass::math), 0.88);
    EXPECT_GE(measured.recall(PromptClass::creative), 0.80);
    EXPECT_GE(measured.recall(PromptClass::complex), 0.85);
    EXPECT_GE(measured.recall(PromptClass::simple), 0.84);
    EXPECT_GE(measured.recall(PromptClass::general), 0.64);
}

}  // namespace
}  // namespace gatehouse::policy

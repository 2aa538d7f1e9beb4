#include "loading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gatehouse::config {
namespace {

using test::sound;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string asking = "routes: [{name: a, when: {model: auto, class: code}, use: chat}]\n";

/// A table that takes everything for math, with a probability of two thirds.
std::string own_table() {
    return "gatehouse-classifier 1\nclasses simple general complex code math creative\nfeatures " +
           std::to_string(policy::prompt_buckets) + " " + std::to_string(policy::prompt_shapes) +
           "\nscales 1 1\ntemperature 1\nbias 0 0 0 0 2.302585092994046 0\nend\n";
}

std::shared_ptr<const policy::Classifier> classifier_of(const std::string& yaml) {
    const auto loaded = test::load(yaml, {}, {{"own.table", own_table()}});
    EXPECT_TRUE(loaded.configuration) << loaded.report("file");
    return loaded.configuration ? loaded.configuration->classifier : nullptr;
}

TEST(ReadClassifier, IsTheBuiltInOneWhereARuleAsksAndNoneElse) {
    EXPECT_FALSE(classifier_of(sound));
    EXPECT_FALSE(classifier_of(sound + "routes: [{name: a, when: {model: auto}, use: chat}]\n"));
    const auto classifier = classifier_of(sound + asking);
    ASSERT_TRUE(classifier);
    const auto verdict = classifier->judge("Write a Python function that reverses a string.");
    EXPECT_EQ(verdict.best, policy::PromptClass::code);
    EXPECT_TRUE(classifier->counted(verdict));
}

TEST(ReadClassifier, TakesATableOfOnesOwnAndAThreshold) {
    const auto own = classifier_of(sound + asking + "classifier: {table: own.table}\n");
    ASSERT_TRUE(own);
    const auto verdict = own->judge("anything");
    EXPECT_EQ(verdict.best, policy::PromptClass::math);
    EXPECT_TRUE(own->counted(verdict));
    const auto strict = classifier_of(sound + asking + "classifier: {table: own.table, threshold: 0.7}\n");
    ASSERT_TRUE(strict);
    EXPECT_FALSE(strict->counted(verdict));
}

TEST(ReadClassifier, RefusesWhatIsNoTable) {
    const std::string named = sound + "classifier: {table: a.table}\n";
    EXPECT_THAT(test::errors_in(named),
                ElementsAre(HasSubstr("4:21: `classifier.table`: `a.table` cannot be read")));
    EXPECT_THAT(test::errors_in(named, {}, {{"a.table", own_table()}}), IsEmpty());
    EXPECT_THAT(test::errors_in(named, {}, {{"a.table", own_table() + "more"}}),
                ElementsAre(HasSubstr("4:21: `classifier.table`: line 7: ")));
    EXPECT_THAT(test::errors_in(sound + "classifier: {threshold: 1.5}\n"),
                ElementsAre(HasSubstr("classifier.threshold")));
}

}  // namespace
}  // namespace gatehouse::config

#include "app/classifier_command.hpp"

#include "temporary_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace gatehouse::app {
namespace {

std::string tiny_log() {
    std::string lines;
    for (int i = 0; i < 60; ++i) {
        const auto n = std::to_string(i);
        lines +=
            R"({"text": "fix the null pointer in job )" + n + R"(", "class": "code", "user": "u1"})" + "\n\n";
        lines += R"({"text": "hello number )" + n + R"(", "class": "simple"})" + "\n";
    }
    return lines;
}

std::string fault_of(const std::string& lines) {
    std::istringstream in(lines);
    const auto read = read_labelled_prompts(in);
    return read ? "" : read.problem().message();
}

TEST(LabelledPrompts, AreReadALineEach) {
    std::istringstream in(tiny_log());
    const auto read = read_labelled_prompts(in);
    ASSERT_TRUE(read) << read.problem().message();
    ASSERT_EQ(read->size(), 120U);
    EXPECT_EQ((*read)[0].text, "fix the null pointer in job 0");
    EXPECT_EQ((*read)[0].label, policy::PromptClass::code);
}

TEST(LabelledPrompts, AreRefusedWithTheLineAtFault) {
    const std::string good = "{\"text\": \"a\", \"class\": \"code\"}\n";
    for (const std::string bad :
         {"nonsense", "[]", "{\"text\": \"a\"}", "{\"class\": \"code\"}",
          "{\"text\": 1, \"class\": \"code\"}", "{\"text\": \"a\", \"class\": \"Code\"}",
          "{\"text\": \"a\", \"class\": null}", "{\"text\": \"\xff\", \"class\": \"code\"}"}) {
        EXPECT_TRUE(fault_of(good + bad).starts_with("line 2: ")) << bad;
    }
    EXPECT_EQ(fault_of(good), "");
}

TEST(ClassifierCommand, TrainsATableThatEvaluateTakes) {
    const test::TemporaryFile log(tiny_log());
    const auto table = (log.directory() / "table").string();
    std::ostringstream out;
    std::ostringstream err;
    TrainCommand train;
    train.in = log.path();
    train.out = table;
    ASSERT_EQ(train_classifier(train, out, err), 0) << err.str();
    EXPECT_NE(out.str().find("accuracy 1.000"), std::string::npos) << out.str();

    EvaluateCommand evaluate;
    evaluate.in = log.path();
    evaluate.table = table;
    std::ostringstream figures;
    ASSERT_EQ(evaluate_classifier(evaluate, figures, err), 0) << err.str();
    EXPECT_TRUE(figures.str().starts_with("prompts 120  accuracy 1.000")) << figures.str();
    EXPECT_NE(figures.str().find("code            60       1.00    1.00"), std::string::npos)
        << figures.str();
}

TEST(ClassifierCommand, SaysWhichFileIsAtFault) {
    const test::TemporaryFile log("nonsense\n");
    const auto code_of = [&](const std::string& in, const std::string& table) {
        EvaluateCommand command;
        command.in = in;
        command.table = table;
        std::ostringstream out;
        std::ostringstream err;
        const int code = evaluate_classifier(command, out, err);
        EXPECT_EQ(out.str(), "");
        EXPECT_FALSE(err.str().empty());
        return code;
    };
    EXPECT_EQ(code_of(log.path(), ""), 2);
    EXPECT_EQ(code_of(log.path(), log.path()), 2);
    EXPECT_EQ(code_of("/nowhere", ""), 1);
    EXPECT_EQ(code_of(log.path(), "/nowhere"), 1);

    TrainCommand train;
    train.in = log.path();
    train.out = "/nowhere/table";
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(train_classifier(train, out, err), 2);
    log.write_into(tiny_log());
    EXPECT_EQ(train_classifier(train, out, err), 1);
}

}  // namespace
}  // namespace gatehouse::app

#include "app/command.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace gatehouse::app {
namespace {

struct Parsed {
    Command command{Answered{-1}};
    std::string out;
    std::string err;
};

Parsed parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "gatehouse");
    std::ostringstream out;
    std::ostringstream err;
    Parsed parsed;
    parsed.command = parse_command(static_cast<int>(arguments.size()), arguments.data(), out, err);
    parsed.out = out.str();
    parsed.err = err.str();
    return parsed;
}

TEST(Command, ServeTakesAFileAndMovesListeners) {
    const auto plain = parse({"serve", "--config", "a.yaml"});
    ASSERT_TRUE(std::holds_alternative<ServeCommand>(plain.command)) << plain.err;
    const auto& options = std::get<ServeCommand>(plain.command).options;
    EXPECT_EQ(options.config_file, "a.yaml");
    EXPECT_EQ(options.listen, "");
    EXPECT_EQ(options.admin_listen, "");
    EXPECT_TRUE(options.watch_file);

    const auto moved =
        parse({"serve", "--listen=[::1]:1", "--admin-listen", "127.0.0.1:2", "--config=b.yaml"});
    ASSERT_TRUE(std::holds_alternative<ServeCommand>(moved.command)) << moved.err;
    EXPECT_EQ(std::get<ServeCommand>(moved.command).options.config_file, "b.yaml");
    EXPECT_EQ(std::get<ServeCommand>(moved.command).options.listen, "[::1]:1");
    EXPECT_EQ(std::get<ServeCommand>(moved.command).options.admin_listen, "127.0.0.1:2");
}

TEST(Command, CheckTakesAFile) {
    const auto parsed = parse({"check", "a.yaml"});
    ASSERT_TRUE(std::holds_alternative<CheckCommand>(parsed.command)) << parsed.err;
    EXPECT_EQ(std::get<CheckCommand>(parsed.command).file, "a.yaml");
}

TEST(Command, KeyNewTakesANameAndMaybeAFile) {
    const auto plain = parse({"key", "new", "--name", "n"});
    ASSERT_TRUE(std::holds_alternative<NewKeyCommand>(plain.command)) << plain.err;
    EXPECT_EQ(std::get<NewKeyCommand>(plain.command).name, "n");
    EXPECT_EQ(std::get<NewKeyCommand>(plain.command).file, "");
    const auto with_file = parse({"key", "new", "--config", "a.yaml", "--name", "n"});
    ASSERT_TRUE(std::holds_alternative<NewKeyCommand>(with_file.command)) << with_file.err;
    EXPECT_EQ(std::get<NewKeyCommand>(with_file.command).file, "a.yaml");
}

TEST(Command, ExplainTakesAFileAndMaybeAKeyAndAnEndpoint) {
    const auto plain = parse({"explain", "--config", "a.yaml"});
    ASSERT_TRUE(std::holds_alternative<ExplainCommand>(plain.command)) << plain.err;
    EXPECT_EQ(std::get<ExplainCommand>(plain.command).file, "a.yaml");
    EXPECT_EQ(std::get<ExplainCommand>(plain.command).key, "");
    const auto all = parse({"explain", "--config", "a.yaml", "--key", "k", "--endpoint", "/v1/messages"});
    ASSERT_TRUE(std::holds_alternative<ExplainCommand>(all.command)) << all.err;
    EXPECT_EQ(std::get<ExplainCommand>(all.command).key, "k");
    EXPECT_EQ(std::get<ExplainCommand>(all.command).endpoint, "/v1/messages");
}

TEST(Command, HelpAndVersionAreAnsweredWithZero) {
    for (const char* option : {"--help", "--version"}) {
        const auto parsed = parse({option});
        ASSERT_TRUE(std::holds_alternative<Answered>(parsed.command)) << option;
        EXPECT_EQ(std::get<Answered>(parsed.command).exit_code, 0) << option;
        EXPECT_FALSE(parsed.out.empty()) << option;
        EXPECT_EQ(parsed.err, "") << option;
    }
}

TEST(Command, WhatIsWrongIsAnsweredWithTwo) {
    const std::vector<std::vector<const char*>> lines = {
        {},
        {"serve"},
        {"serve", "--config"},
        {"serve", "--config", "a", "b"},
        {"check"},
        {"check", "a", "b"},
        {"check", "a", "--config", "b"},
        {"key"},
        {"key", "old"},
        {"key", "new"},
        {"serve", "--config", "a", "check", "b", "--nothing"},
    };
    for (const auto& arguments : lines) {
        const auto parsed = parse(arguments);
        ASSERT_TRUE(std::holds_alternative<Answered>(parsed.command)) << testing::PrintToString(arguments);
        EXPECT_EQ(std::get<Answered>(parsed.command).exit_code, 2) << testing::PrintToString(arguments);
        EXPECT_FALSE(parsed.err.empty()) << testing::PrintToString(arguments);
        EXPECT_EQ(parsed.out, "") << testing::PrintToString(arguments);
    }
}

TEST(Command, TwoAtOnceAreNotHalfDone) {
    const auto parsed = parse({"serve", "--config", "a", "check", "b"});
    ASSERT_TRUE(std::holds_alternative<Answered>(parsed.command));
    EXPECT_EQ(std::get<Answered>(parsed.command).exit_code, 2);
}

TEST(Command, ClassifierTrainsAndEvaluates) {
    const auto train = parse({"classifier", "train", "--in", "log", "--out", "table"});
    ASSERT_TRUE(std::holds_alternative<TrainCommand>(train.command)) << train.err;
    EXPECT_EQ(std::get<TrainCommand>(train.command).in, "log");
    EXPECT_EQ(std::get<TrainCommand>(train.command).out, "table");
    const auto evaluate = parse({"classifier", "evaluate", "--in", "log", "--threshold", "0.7"});
    ASSERT_TRUE(std::holds_alternative<EvaluateCommand>(evaluate.command)) << evaluate.err;
    EXPECT_EQ(std::get<EvaluateCommand>(evaluate.command).table, "");
    EXPECT_EQ(std::get<EvaluateCommand>(evaluate.command).threshold, 0.7);
    for (const auto& wrong : {parse({"classifier"}), parse({"classifier", "train", "--in", "log"}),
                              parse({"classifier", "evaluate", "--in", "a", "--threshold", "2"})}) {
        ASSERT_TRUE(std::holds_alternative<Answered>(wrong.command));
        EXPECT_EQ(std::get<Answered>(wrong.command).exit_code, 2);
    }
}

TEST(Command, UsageTakesAPlaceAndTheWordsOfAQuestion) {
    const auto parsed = parse(
        {"usage", "--config", "a.yaml", "--group-by", "key,day", "--format=csv", "--from", "2026-11-01"});
    ASSERT_TRUE(std::holds_alternative<UsageCommand>(parsed.command)) << parsed.err;
    const auto& usage = std::get<UsageCommand>(parsed.command);
    EXPECT_EQ(usage.place.file, "a.yaml");
    EXPECT_EQ(usage.place.directory, "");
    const std::map<std::string, std::string> words(usage.words.begin(), usage.words.end());
    EXPECT_EQ(words, (std::map<std::string, std::string>{
                         {"group_by", "key,day"}, {"format", "csv"}, {"from", "2026-11-01"}}));
    for (const auto& wrong :
         std::vector<std::vector<const char*>>{{"usage"},
                                               {"usage", "--config", "a", "--data-dir", "b"},
                                               {"usage", "--data-dir", "b", "--colour", "x"}}) {
        const auto answered = parse(wrong);
        ASSERT_TRUE(std::holds_alternative<Answered>(answered.command));
        EXPECT_EQ(std::get<Answered>(answered.command).exit_code, 2);
    }
}

TEST(Command, BackupTakesAPlaceAndAFile) {
    const auto parsed = parse({"backup", "--data-dir", "data", "copy.db"});
    ASSERT_TRUE(std::holds_alternative<BackupCommand>(parsed.command)) << parsed.err;
    EXPECT_EQ(std::get<BackupCommand>(parsed.command).place.directory, "data");
    EXPECT_EQ(std::get<BackupCommand>(parsed.command).to, "copy.db");
    EXPECT_TRUE(std::holds_alternative<Answered>(parse({"backup", "--data-dir", "data"}).command));
}

}  // namespace
}  // namespace gatehouse::app

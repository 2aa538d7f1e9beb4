#include "gatehouse/pipeline/evidence_book.hpp"

#include <gtest/gtest.h>

namespace gatehouse::pipeline {
namespace {

using policy::Agreement;
using policy::EvidenceOptions;
using policy::EvidenceVerdict;
using policy::GuardMatch;

constexpr auto reworded = GuardMatch::reworded;
const EvidenceOptions lenient{.max_error = 0.1, .confidence = 0.95, .check_share = 0};

void record(EvidenceBook& book, int count, Agreement agreement, std::string_view model = "m") {
    for (int i = 0; i < count; ++i) {
        book.record(model, lenient, reworded, 0.95, agreement);
    }
}

TEST(EvidenceBook, GivesNothingBeforeThereIsEvidence) {
    EvidenceBook book;
    EXPECT_EQ(book.decide("m", lenient, reworded, 0.95), EvidenceVerdict::ask);
    record(book, 40, Agreement::same);
    EXPECT_EQ(book.decide("m", lenient, reworded, 0.95), EvidenceVerdict::serve);
    EXPECT_EQ(book.decide("m", lenient, reworded, 0.85), EvidenceVerdict::ask) << "another band";
    EXPECT_EQ(book.decide("n", lenient, reworded, 0.95), EvidenceVerdict::ask) << "another model";
}

TEST(EvidenceBook, ACallersWordCountsUnderTheOptionsOfTheModel) {
    EvidenceBook book;
    record(book, 40, Agreement::same);
    ASSERT_EQ(book.lines()[0].open, true);
    for (int i = 0; i < 3; ++i) {
        book.record("m", reworded, 0.95, policy::EvidenceLabel::wrong);
    }
    EXPECT_EQ(book.lines()[0].cell.wrong, 3U);
    EXPECT_EQ(book.lines()[0].open, false);
    EXPECT_EQ(book.decide("m", lenient, reworded, 0.95), EvidenceVerdict::ask);
}

TEST(EvidenceBook, ClosesAgainWhereAnswersAreWrong) {
    EvidenceBook book;
    record(book, 40, Agreement::same);
    record(book, 3, Agreement::different);
    EXPECT_EQ(book.decide("m", lenient, reworded, 0.95), EvidenceVerdict::ask);
}

TEST(EvidenceBook, AnUnclearOneIsNoLabel) {
    EvidenceBook book;
    record(book, 100, Agreement::unclear);
    EXPECT_TRUE(book.lines().empty());
    EXPECT_EQ(book.unclear(), 100U);
}

TEST(EvidenceBook, ChecksTheShareThatIsAskedFor) {
    EvidenceBook book;
    record(book, 40, Agreement::same);
    auto options = lenient;
    options.check_share = 0.05;
    int checked = 0;
    for (int i = 0; i < 1000; ++i) {
        checked += book.decide("m", options, reworded, 0.95) == EvidenceVerdict::serve_and_check ? 1 : 0;
    }
    EXPECT_NEAR(checked, 50, 3);
}

TEST(EvidenceBook, ForeseesWhatTheNextDecisionIsAndCountsNone) {
    EvidenceBook book;
    EXPECT_EQ(book.foresee("m", lenient, reworded, 0.95), EvidenceVerdict::ask);
    record(book, 40, Agreement::same);
    auto options = lenient;
    options.check_share = 0.3;
    const auto before = book.written();
    for (int i = 0; i < 100; ++i) {
        const auto foreseen = book.foresee("m", options, reworded, 0.95);
        EXPECT_EQ(book.foresee("m", options, reworded, 0.95), foreseen) << "however often it is asked";
        EXPECT_EQ(book.decide("m", options, reworded, 0.95), foreseen) << i;
    }
    EXPECT_EQ(book.foresee("n", options, reworded, 0.95), EvidenceVerdict::ask);
    EXPECT_EQ(book.written(), before);
}

TEST(EvidenceBook, OtherOptionsKeepTheLabels) {
    EvidenceBook book;
    record(book, 40, Agreement::same);
    auto strict = lenient;
    strict.max_error = 0.01;
    EXPECT_EQ(book.decide("m", strict, reworded, 0.95), EvidenceVerdict::ask);
    EXPECT_EQ(book.lines()[0].cell.right, 40U);
    EXPECT_EQ(book.lines()[0].open, false);
    EXPECT_EQ(book.decide("m", lenient, reworded, 0.95), EvidenceVerdict::serve);
}

TEST(EvidenceBook, IsWrittenAndReadAgain) {
    EvidenceBook book;
    record(book, 40, Agreement::same);
    record(book, 1, Agreement::different, "n");
    EvidenceBook again;
    ASSERT_TRUE(again.read(book.written()));
    EXPECT_EQ(again.written(), book.written());
    EXPECT_FALSE(again.lines()[0].open) << "nobody has said yet what is wanted";
    EXPECT_EQ(again.decide("m", lenient, reworded, 0.95), EvidenceVerdict::serve);
}

TEST(EvidenceBook, ReadsNothingElse) {
    EvidenceBook book;
    for (const auto* const text :
         {"", "[]", "{}", R"({"labels":1})", R"({"labels":[[]]})", R"({"labels":[["m",0,0,1]]})",
          R"({"labels":[["m",2,0,1,0]]})", R"({"labels":[["m",0,8,1,0]]})", R"({"labels":[["m",0,0,-1,0]]})",
          R"({"labels":[["m",0,0,9000,0]]})", R"({"labels":[["m",0,0,18446744073709551615,2]]})",
          R"({"labels":[["m",0,0,1,18446744073709551615]]})", R"({"labels":[["m",0,0,1,0],["n",0,0,1]]})"}) {
        EXPECT_FALSE(book.read(text)) << text;
        EXPECT_TRUE(book.lines().empty());
    }
}

}  // namespace
}  // namespace gatehouse::pipeline

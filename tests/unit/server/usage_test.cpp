// Questions about usage, and the answers' forms.
#include "gatehouse/server/usage.hpp"

#include "gatehouse/core/money.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::server {
namespace {

using store::UsageBy;

const WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 29) + std::chrono::hours(23);

using Words = std::vector<std::pair<std::string, std::string>>;

std::string wrong(const Words& words, UsageScope scope = UsageScope::everybody) {
    const auto question = read_usage_question(words, scope, now);
    return question ? "fine" : question.problem().param();
}

std::chrono::sys_days day(int month, unsigned day_of_month) {
    return std::chrono::year(2026) / month / std::chrono::day(day_of_month);
}

TEST(UsageQuestion, WithoutWordsIsTheLastMonthByKey) {
    const auto question = read_usage_question({}, UsageScope::everybody, now);
    ASSERT_TRUE(question);
    EXPECT_EQ(question->query.from, day(10, 31));
    EXPECT_EQ(question->query.to, day(11, 29));
    ASSERT_EQ(question->query.group_by.size(), 1U);
    EXPECT_EQ(question->query.group_by[0].by, UsageBy::key);
    EXPECT_EQ(question->format, UsageFormat::json);
    EXPECT_EQ(read_usage_question({}, UsageScope::oneself, now)->query.group_by[0].by, UsageBy::day);
}

TEST(UsageQuestion, HasGroupsDaysAndNames) {
    const auto question = read_usage_question({{"group_by", "day, tag:task,model"},
                                               {"from", "2026-02-28"},
                                               {"to", "2026-03-01"},
                                               {"team", "web"},
                                               {"format", "csv"}},
                                              UsageScope::everybody, now);
    ASSERT_TRUE(question) << question.problem().message();
    ASSERT_EQ(question->query.group_by.size(), 3U);
    EXPECT_EQ(question->query.group_by[1].tag, "task");
    EXPECT_EQ(question->query.from, day(2, 28));
    EXPECT_EQ(question->query.to, day(3, 1));
    EXPECT_EQ(question->query.team, "web");
    EXPECT_EQ(question->query.key, std::nullopt);
    EXPECT_EQ(question->format, UsageFormat::csv);
    EXPECT_TRUE(read_usage_question({{"group_by", ""}}, UsageScope::everybody, now)->query.group_by.empty());
}

TEST(UsageQuestion, ThatIsWrongSaysWhere) {
    EXPECT_EQ(wrong({{"group_by", "colour"}}), "group_by");
    EXPECT_EQ(wrong({{"group_by", "key,key"}}), "group_by");
    EXPECT_EQ(wrong({{"group_by", "tag:a,tag:b"}}), "group_by");
    EXPECT_EQ(wrong({{"group_by", "tag:"}}), "group_by");
    EXPECT_EQ(wrong({{"group_by", "day,key,team,model"}}), "group_by");
    for (const char* const text :
         {"2026-02-30", "2026-2-1", "yesterday", "", "2026-02-01T00:00:00Z", "0000-01-01"}) {
        EXPECT_EQ(wrong({{"from", text}}), "from") << text;
    }
    EXPECT_EQ(wrong({{"from", "2026-11-30"}}), "from");
    EXPECT_EQ(wrong({{"from", "1999-01-01"}}), "from");
    EXPECT_EQ(wrong({{"format", "xml"}}), "format");
    EXPECT_EQ(wrong({{"colour", "red"}}), "colour");
}

TEST(UsageQuestion, OfACallerIsAboutItselfAndAQuarterOfAYear) {
    for (const char* const word : {"key", "team", "organisation"}) {
        EXPECT_EQ(wrong({{word, "x"}}, UsageScope::oneself), word);
        EXPECT_EQ(wrong({{"group_by", word}}, UsageScope::oneself), "group_by");
    }
    EXPECT_EQ(wrong({{"model", "x"}, {"group_by", "model,tag:a"}}, UsageScope::oneself), "fine");
    EXPECT_EQ(wrong({{"from", "2026-08-30"}}, UsageScope::oneself), "fine");
    EXPECT_EQ(wrong({{"from", "2026-08-29"}}, UsageScope::oneself), "from");
}

TEST(DollarsText, IsExact) {
    EXPECT_EQ(usd_text(PicoUsdSum()), "0");
    EXPECT_EQ(usd_text(PicoUsdSum(PicoUsd(1))), "0.000000000001");
    EXPECT_EQ(usd_text(PicoUsdSum(PicoUsd(12'500'000'000'000))), "12.5");
    EXPECT_EQ(usd_text(PicoUsdSum(PicoUsd(100'000'000'000'000))), "100");
    EXPECT_EQ(usd_text(PicoUsdSum(PicoUsd(-1'500'000'000'000))), "-1.5");
    EXPECT_EQ(usd_text(sum_of({368'934'881, 474'191'032'280})), "368934881.47419103228");
}

UsageQuestion by_key_and_tag() {
    return *read_usage_question({{"group_by", "key,tag:task"}}, UsageScope::everybody, now);
}

store::UsageReport two_groups() {
    store::UsageReport report;
    store::UsageSums sums;
    sums.requests = 2;
    sums.tokens[0] = 10;
    sums.tokens[1] = 5;
    sums.tokens[7] = 3;
    sums.cost = PicoUsd(1'500'000'000'000);
    report.groups = {{{"search", "=1+\"1\",2"}, sums}, {{"web", ""}, sums}};
    report.total += sums;
    report.total += sums;
    return report;
}

TEST(UsagePage, IsJson) {
    const auto text = usage_json(by_key_and_tag(), two_groups());
    EXPECT_EQ(
        text.find(
            R"({"object":"usage","from":"2026-10-31","to":"2026-11-29","group_by":["key","tag:task"],)"
            R"("data":[{"key":"search","tag:task":"=1+\"1\",2","requests":2,"failed_requests":0,)"
            R"("requests_without_price":0,"requests_estimated":0,"attempts":0,"cached_requests":0,"input_tokens":10,)"
            R"("cached_input_tokens":5,)"),
        0U)
        << text;
    EXPECT_NE(text.find(R"("cost_usd":"1.5","saved_usd":"0"},{"key":"web")"), std::string::npos) << text;
    EXPECT_NE(text.find(R"("cost_usd":"3","saved_usd":"0"},"truncated":false})"), std::string::npos) << text;
}

TEST(UsagePage, IsCommaSeparatedAndNoFormula) {
    const auto text = usage_csv(by_key_and_tag(), two_groups());
    EXPECT_EQ(
        text.find("key,tag:task,requests,failed_requests,requests_without_price,requests_estimated,attempts,"
                  "cached_requests,input_tokens,"),
        0U)
        << text;
    EXPECT_NE(text.find("cost_usd,saved_usd\r\nsearch,\"'=1+\"\"1\"\",2\",2,0,0,0,0,0,10,5,"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(",1.5,0\r\nweb,,2,"), std::string::npos) << text;
}

TEST(UsagePage, IsATableWithoutEmptyColumns) {
    auto report = two_groups();
    report.groups[0].names[1] = "with\x1b[31m é";
    report.cut = true;
    EXPECT_EQ(usage_table(by_key_and_tag(), report),
              "key     tag:task     requests  tokens in  tokens out  cost USD\n"
              "search  with?[31m é         2         15           3       1.5\n"
              "web     -                   2         15           3       1.5\n"
              "total                       4         30           6         3\n"
              "There are more groups; the total is of all.\n");
}

}  // namespace
}  // namespace gatehouse::server

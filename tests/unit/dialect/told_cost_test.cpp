#include "gatehouse/dialect/told_cost.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {
namespace {

std::vector<std::string> told(std::string_view bytes) {
    std::vector<std::string> values;
    for (const auto& range : told_costs(bytes)) {
        values.emplace_back(bytes.substr(range.begin, range.size()));
    }
    return values;
}

using Values = std::vector<std::string>;

TEST(ToldCost, StandsInTheUsageOfWholeReplies) {
    EXPECT_EQ(told(R"({"id":"1","usage":{"prompt_tokens":3,"cost":0.00014}})"), Values{"0.00014"});
    EXPECT_EQ(told("\n{ \"usage\" : { \"cost\" : 7 , \"x\": 1 } }\n"), Values{"7"});
}

TEST(ToldCost, StandsInTheUsageOfEvents) {
    EXPECT_EQ(told("data: {\"choices\":[],\"usage\":{\"cost\":0.5}}\n\ndata: [DONE]\n\n"), Values{"0.5"});
    EXPECT_EQ(told("event: response.completed\r\ndata:{\"type\":\"response.completed\",\"response\":"
                   "{\"usage\":{\"input_tokens\":1,\"cost\":2}}}\r\n\r\n"),
              Values{"2"});
    EXPECT_EQ(told("data: {\"usage\":{\"cost\":1}}\n\ndata: {\"usage\":{\"cost\":2}}\n\n"),
              (Values{"1", "2"}));
}

TEST(ToldCost, StandsInEventsWhateverEndsTheirLines) {
    EXPECT_EQ(told("data: {\"usage\":{\"cost\":1}}\r\rdata: {\"usage\":{\"cost\":2}}\r\r"),
              (Values{"1", "2"}));
}

TEST(ToldCost, StandsWhereverItIsSaidTwice) {
    EXPECT_EQ(told(R"({"usage":{"cost":1,"cost":2},"response":{"usage":{"cost":3}}})"),
              (Values{"1", "2", "3"}));
    EXPECT_EQ(told(R"({"usage":{"cost":1},"usage":{"prompt_tokens":1}})"), Values{"1"});
}

TEST(ToldCost, IsNothingElseOfThatName) {
    for (const std::string_view bytes : {
             R"({"cost":1})",
             R"({"response":{"tools":[{"parameters":{"properties":{"cost":{"type":"number"}}}}]}})",
             R"({"choices":[{"message":{"content":"\"usage\":{\"cost\":5}"}}],"usage":{"prompt_tokens":1}})",
             R"({"usage":{"details":{"cost":1}}})",
             R"({"metadata":{"usage":{"cost":1}}})",
             R"({"usage":{"cost":1})",
             "data: [\"cost\"]\n\n",
             "a text about \"cost\"",
             "",
         }) {
        EXPECT_EQ(told(bytes), Values{}) << bytes;
    }
}

}  // namespace
}  // namespace gatehouse::dialect

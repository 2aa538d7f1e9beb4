#include "server/request_labels.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::server {
namespace {

TEST(Tags, AreNamesWithValues) {
    policy::Tags tags;
    ASSERT_TRUE(add_tags("task=extraction, env = prod ,a.b:c-d_1=x=y z", tags));
    EXPECT_EQ(tags, (policy::Tags{{"task", "extraction"}, {"env", "prod"}, {"a.b:c-d_1", "x=y z"}}));
    ASSERT_TRUE(add_tags("more=1", tags)) << "a second field adds to the first";
    EXPECT_EQ(tags.size(), 4U);
}

TEST(Tags, AnythingElseIsRefused) {
    const std::vector<std::string> wrong = {"",
                                            "a",
                                            "=b",
                                            "a=",
                                            "a=b,",
                                            ",a=b",
                                            "a=b,,c=d",
                                            "a b=c",
                                            "ä=b",
                                            "a=\xc3\xa4",
                                            "a=b,a=c",
                                            "a=\tb\tc",
                                            std::string(65, 'n') + "=v",
                                            "n=" + std::string(257, 'v')};
    for (const auto& list : wrong) {
        policy::Tags tags;
        const auto added = add_tags(list, tags);
        ASSERT_FALSE(added) << list;
        EXPECT_EQ(added.problem().kind(), ProblemKind::invalid_value);
        EXPECT_EQ(added.problem().param(), "x-gatehouse-tags");
    }
}

TEST(Tags, AreAtMostThirtyTwo) {
    std::string list;
    for (int i = 0; i < 32; ++i) {
        list += (i == 0 ? "t" : ",t") + std::to_string(i) + "=v";
    }
    policy::Tags tags;
    EXPECT_TRUE(add_tags(list, tags));
    EXPECT_FALSE(add_tags("one=more", tags));
}

TEST(RoutedHeaders, AreThoseThatRulesAskAbout) {
    policy::RouteRule rule;
    rule.name = "r";
    rule.models = {"auto"};
    rule.headers = {{"x-region", "eu"}, {"x-list", "a"}};
    std::vector<policy::RouteRule> rules{rule};
    const policy::RouteTable table(std::move(rules));
    wire::Fields fields;
    fields.add("X-Region", "eu");
    fields.add("Authorization", "Bearer secret");
    fields.add("x-list", "a");
    fields.add("X-LIST", "b");
    const auto found = routed_headers(fields, table);
    EXPECT_EQ(found.size(), 2U);
    EXPECT_EQ(found.at("x-region"), "eu");
    EXPECT_EQ(found.at("x-list"), "a, b");
    EXPECT_TRUE(routed_headers(fields, policy::RouteTable()).empty());
}

}  // namespace
}  // namespace gatehouse::server

#include "app/pool_gauges.hpp"

#include <gtest/gtest.h>

namespace gatehouse::app {
namespace {

net::Origin at(const char* host) {
    net::Origin origin;
    origin.host = host;
    return origin;
}

TEST(PoolGauges, AddUpTheLanesOfAProvider) {
    const auto gauges = pool_gauges(
        {{"a", at("a.test")}, {"b", at("b.test")}},
        {{at("a.test"), {3, 1, 5, 7, 1}}, {at("b.test"), {1, 1, 1, 0, 0}}, {at("a.test"), {2, 2, 4, 9, 2}}});
    ASSERT_EQ(gauges.size(), 2U);
    EXPECT_EQ(gauges[0].provider, "a");
    EXPECT_EQ(gauges[0].open, 5U);
    EXPECT_EQ(gauges[0].idle, 3U);
    EXPECT_EQ(gauges[0].dialled, 9U);
    EXPECT_EQ(gauges[0].reused, 16U);
    EXPECT_EQ(gauges[0].redialled, 3U);
    EXPECT_EQ(gauges[1].provider, "b");
    EXPECT_EQ(gauges[1].open, 1U);
}

TEST(PoolGauges, ShowAProviderThatWasNotCalledYet) {
    const auto gauges = pool_gauges({{"a", at("a.test")}}, {});
    ASSERT_EQ(gauges.size(), 1U);
    EXPECT_EQ(gauges[0].open + gauges[0].dialled, 0U);
}

TEST(PoolGauges, CountSharedConnectionsOnce) {
    const auto gauges =
        pool_gauges({{"a", at("x.test")}, {"b", at("x.test")}}, {{at("x.test"), {1, 0, 1, 0, 0}}});
    ASSERT_EQ(gauges.size(), 1U);
    EXPECT_EQ(gauges[0].provider, "a");
    EXPECT_EQ(gauges[0].open, 1U);
}

TEST(PoolGauges, TellOriginsApartByAllThatMakesOne) {
    auto other_port = at("x.test");
    other_port.port = 8443;
    auto other_trust = at("x.test");
    other_trust.ca_file = "ca.pem";
    const auto gauges = pool_gauges({{"a", at("x.test")}, {"b", other_port}, {"c", other_trust}},
                                    {{other_trust, {3, 0, 0, 0, 0}}, {other_port, {2, 0, 0, 0, 0}}});
    ASSERT_EQ(gauges.size(), 3U);
    EXPECT_EQ(gauges[0].open, 0U);
    EXPECT_EQ(gauges[1].open, 2U);
    EXPECT_EQ(gauges[2].open, 3U);
}

TEST(PoolGauges, ForgetWhatIsConfiguredNoMore) {
    EXPECT_TRUE(pool_gauges({}, {{at("old.test"), {1, 1, 1, 1, 1}}}).empty());
}

}  // namespace
}  // namespace gatehouse::app

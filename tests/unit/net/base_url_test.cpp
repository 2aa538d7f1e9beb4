#include "gatehouse/net/http_client.hpp"

#include <gtest/gtest.h>

namespace gatehouse::net {
namespace {

TEST(BaseUrl, SplitsSchemeHostPortAndPath) {
    const auto url = parse_base_url("https://API.example.com/v1/");
    ASSERT_TRUE(url);
    EXPECT_TRUE(url->origin.tls);
    EXPECT_EQ(url->origin.host, "api.example.com");
    EXPECT_EQ(url->origin.port, 443);
    EXPECT_EQ(url->path, "/v1");
    EXPECT_EQ(url->origin.authority(), "api.example.com");
}

TEST(BaseUrl, KeepsAPortThatIsNotTheUsualOne) {
    const auto url = parse_base_url("http://127.0.0.1:8000");
    ASSERT_TRUE(url);
    EXPECT_FALSE(url->origin.tls);
    EXPECT_EQ(url->origin.authority(), "127.0.0.1:8000");
    EXPECT_EQ(url->path, "");
}

TEST(BaseUrl, PutsBracketsAroundAnIpv6AddressInTheAuthorityOnly) {
    const auto url = parse_base_url("http://[::1]:9000/x");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->origin.host, "::1");
    EXPECT_EQ(url->origin.authority(), "[::1]:9000");
}

class BadBaseUrl : public testing::TestWithParam<const char*> {};

TEST_P(BadBaseUrl, IsRefused) {
    const auto url = parse_base_url(GetParam());
    ASSERT_FALSE(url);
    EXPECT_EQ(url.problem().kind(), ProblemKind::invalid_configuration);
}

INSTANTIATE_TEST_SUITE_P(Examples, BadBaseUrl,
                         testing::Values("", "api.example.com", "ftp://host", "http://", "https:///v1",
                                         "http://user:secret@host/", "http://host:0", "http://host:65536",
                                         "http://host:", "http://host:8x", "http://host/v1?key=1",
                                         "http://host/#a", "http://host/a/../b", "http://host/%2e",
                                         "http://[::1", "http://[::1]x", "http://[nonsense]/",
                                         "http://ho st/", "http://host/a\r\nb"));

}  // namespace
}  // namespace gatehouse::net

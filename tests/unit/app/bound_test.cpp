#include "app/bound.hpp"

#include <gtest/gtest.h>

namespace gatehouse::app {
namespace {

server::ServerOptions as_started() {
    server::ServerOptions options;
    options.listen = {"0.0.0.0:8080", "[::]:8080"};
    options.admin_listen = "10.0.0.1:9464";
    options.lanes = 4;
    return options;
}

TEST(Bound, NothingIsKeptWhenNothingDiffers) {
    auto wanted = as_started();
    wanted.drain = std::chrono::seconds(1);
    EXPECT_TRUE(keep_bound(wanted, as_started()).empty());
    EXPECT_EQ(wanted.drain, std::chrono::seconds(1)) << "what may change does";
}

TEST(Bound, SocketsAndLanesStayAndAreNamed) {
    auto wanted = as_started();
    wanted.listen = {"127.0.0.1:8080"};
    wanted.admin_listen = "127.0.0.1:9464";
    wanted.lanes = 0;
    EXPECT_EQ(keep_bound(wanted, as_started()),
              (std::vector<std::string>{"server.listen", "server.admin_listen", "server.lanes"}));
    EXPECT_EQ(wanted.listen, as_started().listen);
    EXPECT_EQ(wanted.admin_listen, "10.0.0.1:9464");
    EXPECT_EQ(wanted.lanes, 4U);
}

TEST(Bound, TlsStaysOnOrOffButItsFilesMayChange) {
    auto plain = as_started();
    auto secured = as_started();
    secured.tls = net::TlsServerOptions{};
    secured.tls->certificate = "old.pem";

    auto turned_on = secured;
    EXPECT_EQ(keep_bound(turned_on, plain), std::vector<std::string>{"server.tls"});
    EXPECT_FALSE(turned_on.tls);

    auto turned_off = plain;
    EXPECT_EQ(keep_bound(turned_off, secured), std::vector<std::string>{"server.tls"});
    ASSERT_TRUE(turned_off.tls);
    EXPECT_EQ(turned_off.tls->certificate, "old.pem");

    auto renewed = secured;
    renewed.tls->certificate = "new.pem";
    EXPECT_TRUE(keep_bound(renewed, secured).empty());
    EXPECT_EQ(renewed.tls->certificate, "new.pem");
}

TEST(LaneCount, IsOnePerCoreUnlessTheFileSaysSo) {
    server::ServerOptions options;
    EXPECT_EQ(lane_count(options, 8), 8U);
    EXPECT_EQ(lane_count(options, 0), 1U) << "a system that does not tell";
    options.lanes = 3;
    EXPECT_EQ(lane_count(options, 8), 3U);
}

}  // namespace
}  // namespace gatehouse::app

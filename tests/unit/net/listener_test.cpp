#include "gatehouse/net/listener.hpp"

#include "support/eventually.hpp"
#include "support/raw_client.hpp"
#include "support/test_ca.hpp"

#include "gatehouse/net/lane.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace gatehouse::net {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::RawClient;

Task<void> echo(std::unique_ptr<ByteStream> stream) {
    std::array<char, 65536> buffer;
    while (true) {
        const Result<std::size_t> count = co_await stream->read_some(buffer);
        if (!count || *count == 0) {
            co_return;
        }
        const std::array<std::string_view, 1> pieces = {std::string_view(buffer.data(), *count)};
        const Status sent = co_await stream->write(pieces);
        if (!sent) {
            co_return;
        }
    }
}

std::shared_ptr<const TlsIdentity> no_identity() {
    return nullptr;
}

/// A lane with a listener, in its own thread.
class Server {
public:
    explicit Server(Port& port, Listener::Serve serve = echo, Listener::Identity identity = no_identity,
                    Listener::Admit admit = nullptr)
        : listener(lane, port, std::move(identity), std::move(admit), std::move(serve), 200ms) {
        listener.start();
        thread_ = std::thread([this] { lane.run(); });
    }
    ~Server() {
        lane.stop();
        thread_.join();
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void stop_listening() {
        std::atomic<bool> stopped{false};
        lane.post([this, &stopped] {
            listener.stop();
            stopped = true;
        });
        EXPECT_TRUE(eventually([&stopped] { return stopped.load(); }));
    }

    Lane lane;
    Listener listener;

private:
    std::thread thread_;
};

std::unique_ptr<Port> any_port() {
    auto port = Port::claim("127.0.0.1:0");
    EXPECT_TRUE(port);
    return std::move(*port);
}

TEST(Port, PicksAFreeOneForZeroAndSaysWhich) {
    const auto port = any_port();
    EXPECT_NE(port->number(), 0);
    EXPECT_EQ(port->address(), "127.0.0.1:" + std::to_string(port->number()));
}

TEST(Port, RefusesASecondClaimInTheSameProcess) {
    const auto port = any_port();
    const auto second = Port::claim(port->address());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.problem().kind(), ProblemKind::closed);
}

TEST(Port, RefusesASecondClaimWhileLanesListen) {
    const auto port = any_port();
    const Server first(*port);
    const Server second(*port);
    EXPECT_FALSE(Port::claim(port->address()));
    EXPECT_FALSE(Port::claim("0.0.0.0:" + std::to_string(port->number())));
}

TEST(Port, RefusesASecondClaimInAnotherProcess) {
    const auto port = any_port();
    const Server serving(*port);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        // Its inherited sockets are this process's own: what counts is that a new claim fails.
        const bool refused = !Port::claim(port->address());
        _exit(refused ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(Port, CanBeClaimedAgainRightAfterItsServerHasGone) {
    std::string address;
    {
        const auto port = any_port();
        address = port->address();
        const Server serving(*port);
        RawClient client(port->number());
        client.send("x");
        EXPECT_EQ(client.read(1), "x");
    }
    EXPECT_TRUE(Port::claim(address));
}

class BadAddress : public testing::TestWithParam<const char*> {};
TEST_P(BadAddress, IsRefused) {
    const auto port = Port::claim(GetParam());
    ASSERT_FALSE(port);
    EXPECT_EQ(port.problem().kind(), ProblemKind::invalid_configuration);
}
INSTANTIATE_TEST_SUITE_P(Examples, BadAddress,
                         testing::Values("", "8080", "127.0.0.1", "127.0.0.1:65536", "::1:80", "example:80",
                                         "[::1]"));

TEST(Listener, SharesOnePortBetweenLanes) {
    const auto port = any_port();
    std::atomic<int> by_first{0};
    std::atomic<int> by_second{0};
    const Server first(*port, [&by_first](std::unique_ptr<ByteStream> stream) {
        ++by_first;
        return echo(std::move(stream));
    });
    const Server second(*port, [&by_second](std::unique_ptr<ByteStream> stream) {
        ++by_second;
        return echo(std::move(stream));
    });
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(std::make_unique<RawClient>(port->number()));
        clients.back()->send("hello");
        EXPECT_EQ(clients.back()->read(5), "hello");
    }
    EXPECT_EQ(by_first + by_second, 100);
    EXPECT_GT(by_first, 0);
    EXPECT_GT(by_second, 0);
}

TEST(Listener, TellsTheServerTheAddressOfThePeer) {
    const auto port = any_port();
    std::atomic<bool> right{false};
    const Server server(*port, [&right](std::unique_ptr<ByteStream> stream) {
        right = stream->peer_address() == "127.0.0.1";
        return echo(std::move(stream));
    });
    RawClient client(port->number());
    EXPECT_TRUE(eventually([&right] { return right.load(); }));
}

TEST(Listener, ClosesAConnectionThatIsNotAdmitted) {
    const auto port = any_port();
    const Server server(*port, echo, no_identity, [](const std::string&) { return nullptr; });
    RawClient client(port->number());
    EXPECT_TRUE(client.is_closed_within(10s));
}

TEST(Listener, HoldsTheConnectionsPlaceUntilItHasEnded) {
    const auto port = any_port();
    const auto place = std::make_shared<int>(0);
    const std::weak_ptr<int> watched = place;
    const Server server(*port, echo, no_identity, [&watched](const std::string&) { return watched.lock(); });
    RawClient client(port->number());
    client.send("x");
    EXPECT_EQ(client.read(1), "x");
    EXPECT_EQ(watched.use_count(), 2);
    client.close();
    EXPECT_TRUE(eventually([&watched] { return watched.use_count() == 1; }));
}

TEST(Listener, RefusesNewConnectionsAfterStopAndServesTheOnesThatLive) {
    const auto port = any_port();
    Server server(*port);
    RawClient client(port->number());
    client.send("a");
    EXPECT_EQ(client.read(1), "a");
    server.stop_listening();
    EXPECT_FALSE(RawClient::can_connect(port->number()));
    client.send("b");
    EXPECT_EQ(client.read(1), "b");
}

TEST(Listener, ServesWhoWasInTheQueueWhenItStopped) {
    const auto port = any_port();
    Lane lane;
    Listener listener(lane, *port, no_identity, nullptr, echo);
    RawClient early(port->number());
    early.send("x");
    listener.stop();
    std::thread thread([&lane] { lane.run(); });
    EXPECT_EQ(early.read(1), "x");
    lane.stop();
    thread.join();
}

TEST(Listener, SurvivesRunningOutOfDescriptorsAndTakesTheWaitingOnesLater) {
    const auto port = any_port();
    const Server server(*port);
    RawClient before(port->number());
    before.send("1");
    EXPECT_EQ(before.read(1), "1");
    // The client's end is made first: the limit is the whole process's, and the test shares it with the
    // server.
    rlimit usual{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &usual), 0);
    const int next_free = fcntl(0, F_DUPFD, 0);
    ASSERT_GE(next_free, 0);
    close(next_free);
    rlimit tight = usual;
    tight.rlim_cur = static_cast<rlim_t>(next_free) + 1;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
    RawClient waiting(port->number());  // takes the last descriptor; the server has none for its end
    waiting.send("2");
    before.send("3");
    const std::string still_served = before.read(1);
    const bool held_back = !waiting.is_closed_within(0ms);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &usual), 0);
    EXPECT_EQ(still_served, "3");
    EXPECT_TRUE(held_back);
    EXPECT_EQ(waiting.read(1), "2");
}

TEST(TlsListener, ServesOverTlsAndTakesUpANewIdentityForNewConnections) {
    test::TestCa old_ca;
    test::TestCa new_ca;
    const auto load = [](const test::IssuedIdentity& files) {
        TlsServerOptions options;
        options.certificate = files.certificate;
        options.key = files.key;
        auto identity = TlsIdentity::load(options);
        EXPECT_TRUE(identity);
        return *identity;
    };
    const auto first = load(old_ca.issue("DNS:localhost"));
    const auto second = load(new_ca.issue("DNS:localhost"));
    std::atomic<bool> renewed{false};
    const auto port = any_port();
    const Server server(*port, echo, [&] { return renewed ? second : first; });
    RawClient::Tls trusts_old;
    trusts_old.ca_file = old_ca.ca_file();
    RawClient old_client(port->number(), trusts_old);
    renewed = true;
    RawClient::Tls trusts_new;
    trusts_new.ca_file = new_ca.ca_file();
    RawClient new_client(port->number(), trusts_new);
    EXPECT_THROW(RawClient(port->number(), trusts_old), std::runtime_error);
    const std::string much(100'000, 'm');  // several records; fits the sockets' buffers
    for (RawClient* client : {&old_client, &new_client}) {
        EXPECT_TRUE(client->send(much));
        EXPECT_EQ(client->read(much.size()), much);
    }
}

TEST(TlsListener, CutsAPeerThatDoesNotFinishItsHandshakeInTime) {
    test::TestCa ca;
    const test::IssuedIdentity files = ca.issue("DNS:localhost");
    TlsServerOptions options;
    options.certificate = files.certificate;
    options.key = files.key;
    const auto identity = TlsIdentity::load(options);
    ASSERT_TRUE(identity);
    const auto port = any_port();
    const Server server(*port, echo, [&identity] { return *identity; });
    RawClient silent(port->number());
    EXPECT_TRUE(silent.is_closed_within(10s));
}

TEST(TlsIdentity, NamesTheFileThatCannotBeUsed) {
    TlsServerOptions options;
    options.certificate = "/nonexistent/chain.pem";
    const auto identity = TlsIdentity::load(options);
    ASSERT_FALSE(identity);
    EXPECT_EQ(identity.problem().kind(), ProblemKind::invalid_configuration);
    EXPECT_NE(identity.problem().message().find("/nonexistent/chain.pem"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::net

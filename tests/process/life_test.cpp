// The running process: signals and the drain, ports that are taken, descriptors.
#include "process.hpp"
#include "support/eventually.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>

namespace gatehouse::process {
namespace {

using test::eventually;
using test::RawClient;

std::string simulated(std::string_view server) {
    return "server: {lanes: 2" + std::string(server) +
           "}\nauth: {required: false}\nproviders: {sim: {kind: simulated}}\n"
           "models: {m: {targets: [{provider: sim, model: chat}]}}\n";
}

/// A request that has begun and stays so until the rest of its body is sent.
class HeldRequest {
public:
    explicit HeldRequest(std::uint16_t port)
        : whole_(request("POST", "/v1/chat/completions", chat("m"))), client_(port) {
        client_.send(std::string_view(whole_).substr(0, whole_.size() - rest));
    }
    test::RawResponse finish() {
        return client_.exchange(std::string_view(whole_).substr(whole_.size() - rest));
    }
    test::RawResponse answer() { return client_.read_response(); }

private:
    static constexpr std::size_t rest = 5;
    std::string whole_;
    RawClient client_;
};

bool is_running(const Gateway& gateway, std::string_view series) {
    return gateway.admin("/metrics").body.find("\n" + std::string(series) + "\n") != std::string::npos;
}

/// A gateway with one request that is held.
struct Busy {
    explicit Busy(std::string_view server = "")
        : gateway(place.write("gatehouse.yaml", simulated(server))), held(gateway.port()) {
        // The one who asks for the metrics is counted too.
        if (!eventually([this] { return is_running(gateway, "gatehouse_requests_in_flight 2"); })) {
            throw std::runtime_error("the request does not begin");
        }
    }
    bool drains() const {
        return eventually([this] { return gateway.admin("/health/ready").status == 503; });
    }

    Place place;
    Gateway gateway;
    HeldRequest held;
};

TEST(Drain, OnSigtermEndsWithZeroWhenTheLastRequestHasItsAnswer) {
    Busy busy;
    EXPECT_EQ(busy.gateway.admin("/health/ready").status, 200);
    busy.gateway.process().signal(SIGTERM);
    ASSERT_TRUE(busy.drains());
    ASSERT_TRUE(eventually([&] { return !RawClient::can_connect(busy.gateway.port()); }));
    EXPECT_EQ(busy.gateway.admin("/health/ready").status, 503);
    EXPECT_EQ(busy.gateway.admin("/health/live").status, 200);
    ASSERT_TRUE(busy.gateway.process().is_running());

    const auto answer = busy.held.finish();
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_TRUE(answer.complete);
    EXPECT_TRUE(answer.closes);
    const End end = busy.gateway.process().end();
    EXPECT_EQ(end.exit_code, 0) << end.signal << busy.gateway.process().standard_error();
    EXPECT_TRUE(busy.gateway.has_logged("drained"));
}

TEST(Drain, ThatIsOverTellsWhoIsLeftAndEndsWithZero) {
    Busy busy(", drain: 100ms");
    busy.gateway.process().signal(SIGTERM);
    const auto answer = busy.held.answer();
    EXPECT_EQ(answer.status, 503);
    EXPECT_NE(answer.body.find("shutting_down"), std::string::npos) << answer.body;
    EXPECT_EQ(busy.gateway.process().end().exit_code, 0);
    EXPECT_TRUE(busy.gateway.has_logged("drain_time_over"));
}

struct TwoSignals {
    int first;
    int second;
    int exit_code;
};
void PrintTo(const TwoSignals& signals, std::ostream* out) {
    *out << signals.first << " then " << signals.second;
}
struct SecondSignal : testing::TestWithParam<TwoSignals> {};

TEST_P(SecondSignal, EndsTheProcessAtOnce) {
    Busy busy;
    busy.gateway.process().signal(GetParam().first);
    ASSERT_TRUE(busy.drains());
    const auto began = std::chrono::steady_clock::now();
    busy.gateway.process().signal(GetParam().second);
    const End end = busy.gateway.process().end();
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10)) << "the drain takes 30 s";
    EXPECT_EQ(end.exit_code, GetParam().exit_code);
    EXPECT_EQ(end.signal, 0);
    EXPECT_TRUE(busy.gateway.has_logged("ended_by_second_signal"));
}

INSTANTIATE_TEST_SUITE_P(All, SecondSignal,
                         testing::Values(TwoSignals{SIGTERM, SIGTERM, 143}, TwoSignals{SIGINT, SIGINT, 130},
                                         TwoSignals{SIGTERM, SIGINT, 130}));

/// A port of 127.0.0.1 that somebody else listens on.
class TakenPort {
public:
    explicit TakenPort(bool shares) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const int on = shares ? 1 : 0;
        ::setsockopt(descriptor_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        auto* const address = reinterpret_cast<sockaddr*>(&at);
        if (::bind(descriptor_, address, size) != 0 || ::listen(descriptor_, 1) != 0 ||
            ::getsockname(descriptor_, address, &size) != 0) {
            throw std::runtime_error("no port for the test");
        }
        number_ = ntohs(at.sin_port);
    }
    ~TakenPort() { ::close(descriptor_); }
    TakenPort(const TakenPort&) = delete;
    TakenPort& operator=(const TakenPort&) = delete;
    std::uint16_t number() const noexcept { return number_; }

private:
    int descriptor_;
    std::uint16_t number_{0};
};

std::string on_loopback(std::uint16_t port) {
    return "127.0.0.1:" + std::to_string(port);
}

void expect_refusal(const std::string& file, std::uint16_t client, std::uint16_t admin, std::uint16_t taken) {
    Process process(
        {"serve", "--config", file, "--listen", on_loopback(client), "--admin-listen", on_loopback(admin)});
    EXPECT_EQ(process.end().exit_code, 1);
    EXPECT_NE(process.standard_error().find("cannot listen on " + on_loopback(taken)), std::string::npos)
        << process.standard_error();
}

TEST(Port, ThatAnotherProgramHasExitsWithOne) {
    const Place place;
    const auto file = place.write("gatehouse.yaml", simulated(""));
    for (const bool shares : {false, true}) {
        const TakenPort taken(shares);
        expect_refusal(file, taken.number(), 0, taken.number());
        expect_refusal(file, 0, taken.number(), taken.number());
    }
}

TEST(Port, ThatAnotherInstanceHasExitsWithOne) {
    const Place place;
    const auto file = place.write("gatehouse.yaml", simulated(""));
    const Gateway first(file);
    expect_refusal(file, first.port(), 0, first.port());
    expect_refusal(file, 0, first.admin_port(), first.admin_port());
    EXPECT_EQ(first.ask("GET", "/v1/models").status, 200) << "the first one goes on";
}

TEST(Port, IsFreeAgainWhenTheProcessHasEnded) {
    const Place place;
    const auto file = place.write("gatehouse.yaml", simulated(""));
    std::uint16_t port = 0;
    {
        Gateway gateway(file);
        port = gateway.port();
        RawClient served(port);
        EXPECT_EQ(served.exchange(request("GET", "/v1/models")).status, 200);
        gateway.process().signal(SIGTERM);
        EXPECT_EQ(gateway.process().end().exit_code, 0);
    }
    Process next({"serve", "--config", file, "--listen", on_loopback(port), "--admin-listen", "127.0.0.1:0"});
    EXPECT_TRUE(eventually([&] { return RawClient::can_connect(port); })) << next.standard_error();
}

Process::Conditions descriptors(rlim_t soft, rlim_t hard) {
    Process::Conditions conditions;
    conditions.descriptors = rlimit{soft, hard};
    return conditions;
}

TEST(Descriptors, AreTakenUpToTheHardLimit) {
    const Place place;
    Gateway gateway(place.write("gatehouse.yaml", simulated("")), descriptors(256, 4096));
    std::ifstream limits("/proc/" + std::to_string(gateway.process().id()) + "/limits");
    std::string soft;
    std::string hard;
    for (std::string line; std::getline(limits, line);) {
        if (line.starts_with("Max open files")) {
            std::istringstream(line.substr(14)) >> soft >> hard;
        }
    }
    EXPECT_EQ(soft, "4096");
    EXPECT_EQ(hard, "4096");
}

TEST(Descriptors, ThatAreTooFewToBeginExitWithOne) {
    const Place place;
    const auto file = place.write("gatehouse.yaml",
                                  "server: {lanes: 16}\nauth: {required: false}\n"
                                  "providers: {sim: {kind: simulated}}\n"
                                  "models: {m: {targets: [{provider: sim, model: chat}]}}\n");
    for (const rlim_t limit : {8U, 11U, 14U, 23U}) {
        Process process(
            {"serve", "--config", file, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"},
            descriptors(limit, limit));
        const End end = process.end();
        EXPECT_EQ(end.exit_code, 1) << limit << ": signal " << end.signal;
        EXPECT_FALSE(process.standard_error().empty()) << limit;
    }
}

TEST(Descriptors, ThatRunOutAreWaitedFor) {
    const Place place;
    constexpr rlim_t limit = 64;
    Gateway gateway(place.write("gatehouse.yaml", simulated("")), descriptors(limit, limit));
    RawClient early(gateway.port());
    EXPECT_EQ(early.exchange(request("GET", "/v1/models")).status, 200);
    std::vector<std::unique_ptr<RawClient>> crowd;
    for (rlim_t i = 0; i < 2 * limit; ++i) {
        crowd.push_back(std::make_unique<RawClient>(gateway.port()));
    }
    ASSERT_TRUE(eventually([&] { return gateway.has_logged("accept_paused"); }));
    const auto body = chat("m");
    EXPECT_EQ(early.exchange(request("POST", "/v1/chat/completions", body)).status, 200)
        << "who is connected is served";
    crowd.clear();
    EXPECT_EQ(gateway.ask("POST", "/v1/chat/completions", body).status, 200);
    EXPECT_EQ(gateway.admin("/health/ready").status, 200);
    gateway.process().signal(SIGTERM);
    early.close();
    EXPECT_EQ(gateway.process().end().exit_code, 0) << gateway.process().standard_error();
}

}  // namespace
}  // namespace gatehouse::process

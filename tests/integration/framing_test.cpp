// What is no honest HTTP is refused and the connection ends: over a real socket, through the whole gateway.
#include "house.hpp"
#include "support/fake_upstream.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gatehouse::integration {
namespace {

using nlohmann::json;

struct Malformed {
    const char* name;
    std::string bytes;
    int status;
};

void PrintTo(const Malformed& one, std::ostream* out) {
    *out << one.name;
}

std::string with(std::string_view fields, std::string_view body = "") {
    return "POST /v1/chat/completions HTTP/1.1\r\nAuthorization: Bearer " + std::string(client_key) +
           "\r\nContent-Type: application/json\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

std::vector<Malformed> corpus() {
    return {
        {"NoHost", with("Content-Length: 2\r\n", "{}"), 400},
        {"TwoHosts", with("Host: a\r\nHost: b\r\nContent-Length: 2\r\n", "{}"), 400},
        {"HostWithPath", with("Host: a/b\r\nContent-Length: 2\r\n", "{}"), 400},
        {"LengthAndChunked",
         with("Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + smuggled), 400},
        {"ChunkedAndLength",
         with("Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" + smuggled), 400},
        {"TwoLengths", with("Host: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n", "{}" + smuggled), 400},
        {"SameLengthTwice", with("Host: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n", "{}" + smuggled),
         400},
        {"LengthList", with("Host: a\r\nContent-Length: 2, 2\r\n", "{}" + smuggled), 400},
        {"SignedLength", with("Host: a\r\nContent-Length: +2\r\n", "{}" + smuggled), 400},
        {"NegativeLength", with("Host: a\r\nContent-Length: -1\r\n", smuggled), 400},
        {"HexLength", with("Host: a\r\nContent-Length: 0x2\r\n", "{}" + smuggled), 400},
        {"EndlessLength", with("Host: a\r\nContent-Length: 99999999999999999999999\r\n", smuggled), 400},
        {"UnknownCoding", with("Host: a\r\nTransfer-Encoding: xchunked\r\n", smuggled), 400},
        {"ChunkedTwice", with("Host: a\r\nTransfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n" + smuggled),
         400},
        {"ChunkedNotLast",
         with("Host: a\r\nTransfer-Encoding: chunked, identity\r\n", "0\r\n\r\n" + smuggled), 400},
        {"IdentityCoding", with("Host: a\r\nTransfer-Encoding: identity\r\n", smuggled), 400},
        {"GzipCoding", with("Host: a\r\nTransfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n" + smuggled), 400},
        {"TwoCodings",
         with("Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
              "0\r\n\r\n" + smuggled),
         400},
        {"BlankBeforeColon", with("Host: a\r\nContent-Length : 2\r\n", "{}" + smuggled), 400},
        {"FoldedField", with("Host: a\r\nX-Long: one\r\n two\r\nContent-Length: 2\r\n", "{}" + smuggled),
         400},
        {"FoldedFirstField", "GET / HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n" + smuggled, 400},
        {"BareLineFeed", "GET /v1/models HTTP/1.1\nHost: a\n\n" + smuggled, 400},
        {"BareCarriageReturn", with("Host: a\r\nX-A: b\rc\r\nContent-Length: 2\r\n", "{}" + smuggled), 400},
        {"NulInField", with(std::string_view("Host: a\r\nX-A: b\0c\r\n", 19)), 400},
        {"ControlInField", with("Host: a\r\nX-A: b\x01 c\r\nContent-Length: 2\r\n", "{}" + smuggled), 400},
        {"FieldWithoutColon", with("Host: a\r\nnonsense\r\nContent-Length: 2\r\n", "{}" + smuggled), 400},
        {"TwoKeys", with("Host: a\r\nAuthorization: Bearer other\r\nContent-Length: 2\r\n", "{}"), 400},
        {"ChunkSizeNotHex", with("Host: a\r\nTransfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"), 400},
        {"ChunkSizeSigned", with("Host: a\r\nTransfer-Encoding: chunked\r\n", "+2\r\n{}\r\n0\r\n\r\n"), 400},
        {"ChunkSizePrefixed", with("Host: a\r\nTransfer-Encoding: chunked\r\n", "0x2\r\n{}\r\n0\r\n\r\n"),
         400},
        {"ChunkSizeEndless",
         with("Host: a\r\nTransfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"), 400},
        {"ChunkTooLong", with("Host: a\r\nTransfer-Encoding: chunked\r\n", "2\r\n{}x\r\n0\r\n\r\n"), 400},
        {"ChunkLineFeedOnly", with("Host: a\r\nTransfer-Encoding: chunked\r\n", "2\n{}\n0\n\n"), 400},
        {"ChunkedIn10",
         "POST /v1/chat/completions HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"Version09", "GET /v1/models\r\n\r\n", 400},
        {"Version2", "GET /v1/models HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"Preface2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"TlsHello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + "\r\n\r\n", 400},
        {"Connect", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", 400},
        {"TwoBlanks", "GET  /v1/models HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"TabInLine", "GET\t/v1/models HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"NonAsciiTarget", "GET /v1/m\xc3\xbc HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"ClimbingTarget", "GET /v1/../admin HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"LongTarget", "GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
        {"LargeHead", with("Host: a\r\nX-Large: " + std::string(20'000, 'a') + "\r\n"), 431},
        {"UnknownExpectation", with("Host: a\r\nExpect: the-unexpected\r\nContent-Length: 2\r\n", "{}"), 417},
    };
}

class Framing : public testing::TestWithParam<Malformed> {};

TEST_P(Framing, IsRefusedAndTheConnectionEnds) {
    test::FakeUpstream upstream;
    Plan plan;
    plan.base_url = upstream.base_url() + "/v1";
    House house(std::move(plan));
    test::RawClient client(house.port());
    client.send(GetParam().bytes);
    const auto reply = client.read_response("POST");
    EXPECT_EQ(reply.status, GetParam().status) << reply.body;
    EXPECT_TRUE(reply.closes);
    const auto error = json::parse(reply.body, nullptr, false);
    ASSERT_TRUE(error.is_object()) << reply.body;
    EXPECT_EQ(error["error"].size(), 4U);
    EXPECT_EQ(client.read_until_closed(), "") << "nothing is answered behind a refusal";
    EXPECT_TRUE(upstream.requests().empty());
    EXPECT_EQ(house.ask("/v1/nothing", "{}").status, 404) << "the gateway lives on";
}

INSTANTIATE_TEST_SUITE_P(Corpus, Framing, testing::ValuesIn(corpus()),
                         [](const testing::TestParamInfo<Malformed>& about) { return about.param.name; });

struct EdgeTest : testing::Test {
    EdgeTest() {
        Plan plan;
        plan.base_url = upstream.base_url() + "/v1";
        house = std::make_unique<House>(std::move(plan));
    }
    static constexpr std::string_view answer =
        R"({"id":"1","object":"chat.completion","model":"m","choices":[)"
        R"({"index":0,"message":{"role":"assistant","content":"Hi"},)"
        R"("finish_reason":"stop"}],"usage":null})";
    test::FakeUpstream upstream{
        [](const test::FakeRequest&) { return test::FakeResponse::json(std::string(answer)); }};
    std::unique_ptr<House> house;
};

TEST_F(EdgeTest, TrailersOf64KiBFromAClientDoNoHarm) {
    const auto head = with("Host: a\r\nTransfer-Encoding: chunked\r\n");
    const auto body = chat("m");
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    for (const auto& trailer :
         {std::string(65'536, 'n') + ": v\r\n", "v: " + std::string(65'536, 'v') + "\r\n"}) {
        test::RawClient client(house->port());
        client.send(head + size + body + "\r\n0\r\n" + trailer + "\r\n");
        const auto reply = client.read_response("POST");
        EXPECT_GE(reply.status, 400);
        EXPECT_LT(reply.status, 500);
    }
    EXPECT_EQ(house->ask("/v1/chat/completions", chat("m")).status, 200);
}

TEST_F(EdgeTest, SmallTrailersAreDroppedAndNeverDecideAnything) {
    const auto body = chat("m");
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", body.size());
    test::RawClient client(house->port());
    client.send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n" +
        (size + body) + "\r\n0\r\nAuthorization: Bearer " + std::string(client_key) + "\r\n\r\n");
    EXPECT_EQ(client.read_response("POST").status, 401);
}

TEST_F(EdgeTest, ADeepBodyOfAClientIsRefused) {
    const std::string deep(100'000, '[');
    const auto reply = house->ask("/v1/chat/completions", deep + std::string(100'000, ']'));
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(json::parse(reply.body)["error"]["code"], "invalid_json");
    const auto inside = house->ask("/v1/chat/completions",
                                   R"({"model":"m","messages":)" + deep + std::string(100'000, ']') + "}");
    EXPECT_EQ(inside.status, 400);
    EXPECT_TRUE(upstream.requests().empty());
}

TEST_F(EdgeTest, PipelinedRequestsAreAnsweredInOrder) {
    test::RawClient client(house->port());
    client.send(House::post("/v1/chat/completions", chat("m")) +
                "GET /v1/nothing HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + std::string(client_key) +
                "\r\n\r\n" + House::post("/v1/chat/completions", chat("m")));
    EXPECT_EQ(client.read_response("POST").status, 200);
    EXPECT_EQ(client.read_response("GET").status, 404);
    EXPECT_EQ(client.read_response("POST").status, 200);
}

TEST_F(EdgeTest, ARepeatedModelIsRefusedHoweverItIsWritten) {
    const auto reply =
        house->ask("/v1/chat/completions", R"({"model":"m","messages":[],"m\u006fdel":"other"})");
    EXPECT_EQ(reply.status, 400);
    EXPECT_TRUE(upstream.requests().empty());
}

TEST_F(EdgeTest, AnAnnouncedGiantIsRefusedUnread) {
    test::RawClient client(house->port());
    client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
                std::string(client_key) +
                "\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n");
    EXPECT_EQ(client.read_response("POST").status, 413);
}

}  // namespace
}  // namespace gatehouse::integration

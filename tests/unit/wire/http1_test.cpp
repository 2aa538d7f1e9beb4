#include "unit/wire/reading.hpp"

#include "gatehouse/wire/http1_writer.hpp"

#include <gtest/gtest.h>

namespace gatehouse::wire {
namespace {

TEST(RequestHead, ReadsAnOrdinaryRequest) {
    const Read<RequestHead> r = read_request(post("Content-Length: 5\r\nX-Blank: \t v \t\r\n") + "hello");
    ASSERT_FALSE(r.refused);
    EXPECT_EQ(r.head.path, "/v1/x");
    EXPECT_EQ(r.head.body.size, 5U);
    EXPECT_EQ(r.head.fields.find("x-blank"), "v");
    EXPECT_TRUE(r.head.keep_alive);
}

TEST(RequestHead, RefusesPathsThatMeanTwoThings) {
    for (const char* path : {"/a/../b", "/a/%2e%2e/b", "/.", "/a/..", "/a%00", "/a%0a", "/a%5cb", "/a\\b",
                             "/a%", "/a%2", "/a%zz", "/a%2f..%2fb", "/%ff"}) {
        EXPECT_EQ(read_request("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n").refused,
                  ProblemKind::bad_framing)
            << path;
    }
}

TEST(RequestHead, DecodesThePathOnce) {
    const Read<RequestHead> r =
        read_request("GET /v1/models/org%2Fm%20x%252e?q=%41 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n");
    ASSERT_FALSE(r.refused);
    EXPECT_EQ(r.head.path, "/v1/models/org/m x%2e");
    EXPECT_EQ(r.head.query, "q=%41");
}

TEST(RequestHead, TakesOnlyThePathOfAnAbsoluteTarget) {
    const Read<RequestHead> r = read_request("GET http://evil:1/v1/x?y HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_FALSE(r.refused);
    EXPECT_EQ(r.head.path, "/v1/x");
    EXPECT_EQ(r.head.fields.find("host"), "a");
    EXPECT_FALSE(read_request("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").refused);
}

TEST(RequestHead, NamesOtherVersionsAndExpectations) {
    EXPECT_EQ(read_request("GET / HTTP/1.2\r\nHost: a\r\n\r\n").refused, ProblemKind::http_version);
    EXPECT_EQ(read_request("GET / HTTP/0.9\r\n\r\n").refused, ProblemKind::http_version);
    EXPECT_EQ(read_request("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").refused, ProblemKind::http_version);
    EXPECT_EQ(read_request(post("Expect: 200-ok\r\n")).refused, ProblemKind::expectation_failed);
    EXPECT_TRUE(read_request(post("Content-Length: 1\r\nExpect: 100-Continue\r\n")).head.expects_continue);
}

TEST(RequestHead, KeepsAliveAsTheVersionSays) {
    EXPECT_FALSE(read_request(post("Connection: foo, Close\r\n")).head.keep_alive);
    EXPECT_FALSE(read_request("GET / HTTP/1.0\r\n\r\n").head.keep_alive);
    EXPECT_TRUE(read_request("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").head.keep_alive);
}

TEST(RequestHead, HoldsToItsLimits) {
    EXPECT_EQ(read_request("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n").refused,
              ProblemKind::uri_too_long);
    EXPECT_EQ(read_request("GET /" + std::string(8192, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n").refused,
              ProblemKind::uri_too_long);
    EXPECT_EQ(read_request(post("X: " + std::string(17000, 'a') + "\r\n")).refused,
              ProblemKind::headers_too_large);
    std::string many;
    for (int i = 0; i < 200; ++i) {
        many += "x:\r\n";
    }
    EXPECT_EQ(read_request(post(many)).refused, ProblemKind::headers_too_large);
    EXPECT_FALSE(read_request(post(many.substr(4))).refused);
}

ResponseHead response(std::string_view bytes, bool was_head = false) {
    Read<ResponseHead> read = read_response(bytes, was_head);
    EXPECT_FALSE(read.refused) << bytes;
    EXPECT_EQ(read.size, bytes.size()) << bytes;
    return std::move(read.head);
}

TEST(ResponseHead, KnowsHowTheBodyIsDelimited) {
    EXPECT_EQ(response("HTTP/1.1 200\r\nContent-Length: 3\r\n\r\n").body.size, 3U);
    EXPECT_EQ(response("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n").body.kind, BodyKind::chunked);
    const ResponseHead open = response("HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_EQ(open.body.kind, BodyKind::until_close);
    EXPECT_FALSE(open.keep_alive);
    EXPECT_EQ(response("HTTP/1.1 204 \r\nContent-Length: 3\r\n\r\n").body.kind, BodyKind::none);
    EXPECT_EQ(response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true).body.kind, BodyKind::none);
}

TEST(BodyReader, TakesChunksApartAndDropsTrailers) {
    const Body body =
        read_chunked("5;a=b\r\nhello\r\n00000000000000A\r\n0123456789\r\n0\r\nX-T: v\r\n\r\nGET /");
    EXPECT_TRUE(body.complete);
    EXPECT_EQ(body.payload, "hello0123456789");
}

TEST(BodyReader, PassesOverEveryFormOfExtension) {
    for (const char* extension : {";a", ";a;b=c", ";a=\"b c;d=\\\"\\\\\"", ";a=\"\";b", ";a=\"\xc3\xa9\""}) {
        const Body body =
            read_chunked("5" + std::string(extension) + "\r\nhello\r\n0" + extension + "\r\n\r\n");
        EXPECT_TRUE(body.complete) << extension;
        EXPECT_EQ(body.payload, "hello");
    }
}

TEST(BodyReader, BoundsExtensionsAndTrailers) {
    EXPECT_FALSE(read_chunked("5;" + std::string(256, 'a') + "\r\nhello\r\n").refused);
    EXPECT_TRUE(read_chunked("5;" + std::string(257, 'a') + "\r\nhello\r\n").refused);
    EXPECT_TRUE(read_chunked("0\r\nX: " + std::string(16'000, 'a') + "\r\n\r\n").complete);
}

TEST(Response, A64KiBTrailerIsAnErrorAndNoException) {
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string many = [] {
        std::string lines;
        while (lines.size() < 65536) {
            lines += "X-Trailer: some value\r\n";
        }
        return lines;
    }();
    for (const std::string& trailers :
         {"X: " + std::string(65536, 'a') + "\r\n", std::string(65536, 'a') + ": b\r\n", many}) {
        const std::string message = head + "5\r\nhello\r\n0\r\n" + trailers + "\r\n";
        const Read<ResponseHead> read = read_response(message);
        ASSERT_EQ(read.size, head.size());
        ASSERT_EQ(read.head.body.kind, BodyKind::chunked);
        const Body body = read_body(read.head.body, std::string_view(message).substr(read.size));
        EXPECT_TRUE(body.refused);
        EXPECT_EQ(body.payload, "hello");
        EXPECT_EQ(read.head.fields.size(), 1U) << "trailers do not reach the head";
    }
}

TEST(BodyReader, StopsAtTheAnnouncedSize) {
    const Body body = read_body({BodyKind::sized, 3}, "abcdef");
    EXPECT_TRUE(body.complete);
    EXPECT_EQ(body.payload, "abc");
    EXPECT_TRUE(BodyReader({BodyKind::sized, 0}).complete());
}

TEST(Writer, BlanksAControlCharacterAtEveryPlaceOfEveryLength) {
    for (std::size_t size = 1; size < 50; ++size) {
        std::string untouched;
        append_field(untouched, "X-A", std::string(size - 1, 'v') + '\t');
        EXPECT_EQ(untouched, "X-A: " + std::string(size - 1, 'v') + "\t\r\n");
        for (std::size_t at = 0; at < size; ++at) {
            for (const char control : {'\0', '\n', '\r', '\x1f', '\x7f'}) {
                std::string value(size, 'v');
                std::string cleaned = value;
                value[at] = control;
                cleaned[at] = ' ';
                std::string out;
                append_field(out, "X-A", value);
                append_field(out, std::string_view(value), "of others");
                EXPECT_EQ(out, "X-A: " + cleaned + "\r\n" + cleaned + ": of others\r\n");
            }
        }
    }
}

TEST(Writer, KeepsTextOfOthersInsideItsHeader) {
    std::string out;
    append_status_line(out, 200);
    append_field(out, "X-A", "b\r\nX-Evil: c");
    append_field(out, "Content-Length", std::size_t{12});
    append_chunk_head(out, 26);
    append_request_line(out, "GET", "/a b\r\n");
    EXPECT_EQ(out,
              "HTTP/1.1 200 OK\r\nX-A: b  X-Evil: c\r\nContent-Length: 12\r\n1a\r\nGET /ab HTTP/1.1\r\n");
    EXPECT_EQ(http_date().size(), 29U);
}

}  // namespace
}  // namespace gatehouse::wire

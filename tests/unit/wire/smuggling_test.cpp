// Every known way to make two servers disagree about where a message ends, one case each, whole and split
// everywhere.
#include "unit/wire/reading.hpp"

#include <gtest/gtest.h>

namespace gatehouse::wire {
namespace {

class AmbiguousRequest : public testing::TestWithParam<NamedBytes> {};
class AmbiguousChunks : public testing::TestWithParam<NamedBytes> {};
class AmbiguousResponse : public testing::TestWithParam<NamedBytes> {};

TEST_P(AmbiguousRequest, IsRefused) {
    EXPECT_EQ(read_request(GetParam().bytes).refused, ProblemKind::bad_framing);
}

TEST_P(AmbiguousChunks, AreRefused) {
    EXPECT_TRUE(read_chunked(GetParam().bytes).refused);
}

TEST_P(AmbiguousResponse, IsRefused) {
    EXPECT_EQ(read_response(GetParam().bytes).refused, ProblemKind::upstream_protocol);
}

const NamedBytes requests[] = {
    {"length_and_coding", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
    {"coding_and_length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
    {"two_equal_lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n")},
    {"two_different_lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n")},
    {"length_list", post("Content-Length: 5, 5\r\n")},
    {"length_with_plus", post("Content-Length: +5\r\n")},
    {"length_in_hex", post("Content-Length: 0x5\r\n")},
    {"length_negative", post("Content-Length: -1\r\n")},
    {"length_empty", post("Content-Length: \r\n")},
    {"length_with_blank_inside", post("Content-Length: 1 0\r\n")},
    {"length_beyond_64_bits", post("Content-Length: 18446744073709551616\r\n")},
    {"coding_unknown", post("Transfer-Encoding: xchunked\r\n")},
    {"coding_chunked_not_last", post("Transfer-Encoding: chunked, identity\r\n")},
    {"coding_gzip_chunked", post("Transfer-Encoding: gzip, chunked\r\n")},
    {"coding_identity", post("Transfer-Encoding: identity\r\n")},
    {"coding_empty", post("Transfer-Encoding:\r\n")},
    {"coding_quoted", post("Transfer-Encoding: \"chunked\"\r\n")},
    {"coding_with_parameter", post("Transfer-Encoding: chunked;a=b\r\n")},
    {"coding_behind_vertical_tab", post("Transfer-Encoding: \x0b"
                                        "chunked\r\n")},
    {"coding_twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
    {"coding_twice_second_unknown", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n")},
    {"coding_in_http_1_0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"blank_before_colon", post("Transfer-Encoding : chunked\r\n")},
    {"tab_before_colon", post("Transfer-Encoding\t: chunked\r\n")},
    {"blank_before_name", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
    {"folded_with_blank", post("X: a\r\n folded\r\n")},
    {"folded_with_tab", post("X: a\r\n\tfolded\r\n")},
    {"bare_carriage_return", post("X: a\rb\r\n")},
    {"carriage_return_twice", post("X: a\r\r\n")},
    {"null_in_value", post(std::string_view("X: a\0b\r\n", 8))},
    {"null_in_name", post(std::string_view("X\0: ab\r\n", 8))},
    {"delete_in_value", post("X: a\x7f\r\n")},
    {"bare_line_feed", post("X: a\nY: b\r\n")},
    {"bare_line_feeds_only", "GET / HTTP/1.1\nHost: a\n\n"},
    {"no_name", post(": no name\r\n")},
    {"connection_no_list_of_tokens", post("Connection: clo;se\r\n")},
    {"connection_quoted", post("Connection: \"close\"\r\n")},
    {"no_colon", post("no colon\r\n")},
    {"name_with_bracket", post("a[b]: c\r\n")},
    {"name_with_high_byte", post("a\xc3\xa9: c\r\n")},
    {"host_twice", post("Host: b\r\n")},
    {"authorization_twice", post("Authorization: a\r\nAuthorization: b\r\n")},
    {"host_missing", "POST / HTTP/1.1\r\n\r\n"},
    {"host_empty", "POST / HTTP/1.1\r\nHost:\r\n\r\n"},
    {"host_with_blank", "POST / HTTP/1.1\r\nHost: a b\r\n\r\n"},
    {"host_list_and_second", "POST / HTTP/1.1\r\nHost: a,b\r\nHost: c\r\n\r\n"},
    {"host_port_too_large", "POST / HTTP/1.1\r\nHost: a:99999\r\n\r\n"},
    {"host_port_empty", "POST / HTTP/1.1\r\nHost: a:\r\n\r\n"},
    {"host_bad_ipv6", "POST / HTTP/1.1\r\nHost: [::g]\r\n\r\n"},
    {"host_with_slash", "POST / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
    {"host_with_user", "POST / HTTP/1.1\r\nHost: a@b\r\n\r\n"},
    {"http_0_9", "GET /\r\n\r\n"},
    {"two_blanks_in_request_line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"tab_in_request_line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"version_in_small_letters", "GET / http/1.1\r\nHost: a\r\n\r\n"},
    {"blank_behind_version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
    {"version_of_two_digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"},
    {"two_empty_lines_first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"bare_line_feed_first", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"method_connect", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"method_trace", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"asterisk_of_other_method", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"high_byte_in_target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"fragment_in_target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"other_scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"absolute_without_host", "GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n"},
};

const NamedBytes chunks[] = {
    {"blank_before_size", " 5\r\nhello\r\n"},
    {"blank_behind_size", "5 \r\nhello\r\n"},
    {"plus", "+5\r\nhello\r\n"},
    {"minus", "-5\r\nhello\r\n"},
    {"hex_prefix", "0x5\r\nhello\r\n"},
    {"seventeen_digits", "00000000000000005\r\nhello\r\n"},
    {"size_beyond_64_bits", "10000000000000000\r\nhello\r\n"},
    {"extension_quote_not_closed", "5;a=\"b\r\nhello\r\n0\r\n\r\n\"\r\n"},
    {"extension_quote_closed_by_escape", "5;a=\"b\\\"\r\nhello\r\n"},
    {"extension_text_behind_quote", "5;a=\"b\"c\r\nhello\r\n"},
    {"extension_quote_in_name", "5;\"a\"\r\nhello\r\n"},
    {"extension_empty", "5;\r\nhello\r\n"},
    {"extension_without_value", "5;a=\r\nhello\r\n"},
    {"extension_two_values", "5;a=b=c\r\nhello\r\n"},
    {"extension_with_blank", "5; a=b\r\nhello\r\n"},
    {"carriage_return_in_extension", "5;a\rb\r\nhello\r\n"},
    {"line_feed_in_extension", "5;a\nhello\r\n"},
    {"control_in_extension",
     "5;a\x01"
     "\r\nhello\r\n"},
    {"bare_line_feed_behind_size", "5\nhello\r\n"},
    {"bare_line_feed_behind_data", "5\r\nhello\n"},
    {"data_longer_than_size", "5\r\nhelloX"},
    {"no_size", "\r\n"},
    {"extension_without_size", ";a\r\n"},
    {"underscore_in_size", "1_0\r\nhello\r\n"},
    {"trailer_folded", "0\r\n folded\r\n\r\n"},
    {"trailer_folded_second", "0\r\nX: a\r\n b\r\n\r\n"},
    {"trailer_without_colon", "0\r\nX\r\n\r\n"},
    {"trailer_with_bare_line_feed", "0\r\nX: a\nY: b\r\n\r\n"},
    {"bare_line_feed_at_the_end", "0\r\n\n"},
};

const NamedBytes responses[] = {
    {"length_and_coding", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"two_lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n"},
    {"length_list", "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\n"},
    {"status_no_number", "HTTP/1.1 2x0 OK\r\n\r\n"},
    {"status_of_four_digits", "HTTP/1.1 2000 OK\r\n\r\n"},
    {"status_below_100", "HTTP/1.1 099 OK\r\n\r\n"},
    {"http_2", "HTTP/2 200 OK\r\n\r\n"},
    {"http_1_2", "HTTP/1.2 200 OK\r\n\r\n"},
    {"folded", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"},
    {"bare_line_feeds", "HTTP/1.1 200 OK\n\n"},
    {"coding_identity", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n"},
    {"coding_in_http_1_0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"control_in_reason",
     "HTTP/1.1 200 O\x01"
     "K\r\n\r\n"},
    {"empty_line_first", "\r\nHTTP/1.1 200 OK\r\n\r\n"},
    {"no_name", "HTTP/1.1 200 OK\r\n: b\r\n\r\n"},
};

INSTANTIATE_TEST_SUITE_P(Smuggling, AmbiguousRequest, testing::ValuesIn(requests), name_of_bytes);
INSTANTIATE_TEST_SUITE_P(Smuggling, AmbiguousChunks, testing::ValuesIn(chunks), name_of_bytes);
INSTANTIATE_TEST_SUITE_P(Smuggling, AmbiguousResponse, testing::ValuesIn(responses), name_of_bytes);

}  // namespace
}  // namespace gatehouse::wire

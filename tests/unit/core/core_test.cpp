#include "gatehouse/core/guarded.hpp"
#include "gatehouse/core/ids.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/core/text.hpp"
#include "gatehouse/core/units.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <set>
#include <type_traits>

namespace gatehouse {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

TEST(Problem, EveryKindHasItsOwnName) {
    std::set<std::string_view> names;
    for (int kind = 0; kind <= static_cast<int>(ProblemKind::invalid_configuration); ++kind) {
        EXPECT_TRUE(names.insert(name_of(static_cast<ProblemKind>(kind))).second) << kind;
    }
    EXPECT_EQ(name_of(ProblemKind::upstream_timeout), "upstream_timeout");
}

TEST(Problem, KeepsAllItsWordsWhenCopiedAndWhenMoved) {
    const Problem first = Problem(ProblemKind::upstream_rejected, "no", Retry::elsewhere)
                              .with_param("p")
                              .with_code("c")
                              .with_detail("d")
                              .with_status(418)
                              .with_wait(std::chrono::milliseconds(7));
    Problem copy(ProblemKind::internal, "other");
    copy = first;
    const Problem moved = std::move(copy);
    for (const Problem* problem : {&first, &moved}) {
        EXPECT_EQ(problem->kind(), ProblemKind::upstream_rejected);
        EXPECT_EQ(problem->retry(), Retry::elsewhere);
        EXPECT_EQ(problem->message(), "no");
        EXPECT_EQ(problem->param(), "p");
        EXPECT_EQ(problem->code(), "c");
        EXPECT_EQ(problem->detail(), "d");
        EXPECT_EQ(problem->upstream_status(), 418);
        EXPECT_EQ(problem->wait(), std::chrono::milliseconds(7));
    }
}

TEST(Problem, TakesNewWordsAfterItsOwnWereMovedAway) {
    Problem problem(ProblemKind::internal, "first");
    const Problem taken = std::move(problem);
    EXPECT_EQ(taken.message(), "first");
    EXPECT_EQ(problem.message(), "");
    EXPECT_EQ(std::move(problem).with_message("second").message(), "second");
}

// Every coroutine frame holds at least one Result: what it costs there is paid for each idle stream, some 25
// times.
static_assert(sizeof(Status) <= 32);

TEST(Result, HoldsTheValueOrTheProblem) {
    const Result<int> good = 7;
    ASSERT_TRUE(good);
    EXPECT_EQ(*good, 7);
    const Result<int> bad = Problem(ProblemKind::internal, "no", Retry::elsewhere).with_param("p");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.problem().param(), "p");
    EXPECT_EQ(bad.problem().retry(), Retry::elsewhere);
}

TEST(Secret, CannotBePrintedAndShowsOnlyItsMask) {
    static_assert(!Printable<Secret>);
    static_assert(!std::is_convertible_v<Secret, std::string_view>);
    EXPECT_EQ(Secret("sk-1").masked(), "***");
}

TEST(Secret, IsWipedWhenItEnds) {
    alignas(Secret) unsigned char place[sizeof(Secret)];
    auto* secret = new (place) Secret("short-secret");  // short: its bytes lie inside the object
    EXPECT_NE(std::string_view(reinterpret_cast<char*>(place), sizeof place).find("short-secret"),
              std::string_view::npos);
    secret->~Secret();
    EXPECT_EQ(std::string_view(reinterpret_cast<char*>(place), sizeof place).find("ort-secret"),
              std::string_view::npos);
}

TEST(Secret, LeavesNothingBehindWhenMoved) {
    Secret from("short-secret");
    const Secret to(std::move(from));
    EXPECT_EQ(to.reveal(), "short-secret");
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(&from), sizeof from).find("ort-secret"),
              std::string_view::npos);
}

TEST(Digest, MatchesTheStandardsExampleAndReadsItsOwnHex) {
    const Digest digest = sha256("abc");
    const std::string hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    EXPECT_EQ(to_hex(digest), hex);
    EXPECT_EQ(digest_from_hex(hex), digest);
    EXPECT_FALSE(digest_from_hex(hex.substr(1)));
    EXPECT_FALSE(digest_from_hex("g" + hex.substr(1)));
}

TEST(Digest, EqualsOnlyWhenEveryByteDoes) {
    const Digest digest = sha256("abc");
    for (std::size_t i = 0; i < digest.size(); ++i) {
        Digest other = digest;
        other[i] ^= 1U;
        EXPECT_FALSE(equal_in_constant_time(digest, other));
    }
    EXPECT_TRUE(equal_in_constant_time(digest, sha256("abc")));
}

TEST(Ids, AreUniqueAndOfTheirShape) {
    std::set<std::string> ids;
    for (int i = 0; i < 10'000; ++i) {
        const std::string id = make_id("req_");
        ASSERT_EQ(id.size(), 28U);
        ASSERT_EQ(id.substr(4).find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz"), std::string::npos);
        ASSERT_TRUE(ids.insert(id).second);
    }
    const std::string key = make_api_key();
    EXPECT_EQ(key.size(), 46U);
    EXPECT_TRUE(key.starts_with("gh-"));
    EXPECT_NE(key, make_api_key());
}

TEST(Ids, TakesAClientsRequestIdOnlyIfVisibleAndShort) {
    EXPECT_TRUE(acceptable_request_id("abc-1"));
    EXPECT_TRUE(acceptable_request_id(std::string(128, 'a')));
    EXPECT_FALSE(acceptable_request_id(std::string(129, 'a')));
    EXPECT_FALSE(acceptable_request_id(""));
    EXPECT_FALSE(acceptable_request_id("a b"));
    EXPECT_FALSE(acceptable_request_id("a\xc3\xa9"));
}

TEST(Traceparent, KeepsTheTraceAndTakesAFreshSpan) {
    const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    ASSERT_TRUE(valid_traceparent(parent));
    const std::string next = continue_traceparent(parent);
    EXPECT_TRUE(valid_traceparent(next));
    EXPECT_EQ(next.substr(0, 36), parent.substr(0, 36));
    EXPECT_NE(next.substr(36, 16), parent.substr(36, 16));
    EXPECT_TRUE(valid_traceparent(continue_traceparent("junk")));
    EXPECT_FALSE(valid_traceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
    EXPECT_FALSE(valid_traceparent("01" + parent.substr(2)));
}

TEST(Text, ReadsNumbersWithoutOverflow) {
    EXPECT_EQ(parse_unsigned("18446744073709551615"), 18446744073709551615ULL);
    for (const char* bad : {"18446744073709551616", "", "+1", "-1", " 1", "1a"}) {
        EXPECT_FALSE(parse_unsigned(bad)) << bad;
    }
}

TEST(Text, ReadsDurationsAndSizesOnlyWithTheirUnit) {
    EXPECT_EQ(parse_duration_ms("250ms"), 250);
    EXPECT_EQ(parse_duration_ms("30d"), 2'592'000'000);
    EXPECT_EQ(parse_duration_ms("3650d"), 315'360'000'000);
    for (const char* bad : {"3651d", "5", "s", "1.5s", "-1s", "1 s", "1S", "99999999999999999999s"}) {
        EXPECT_FALSE(parse_duration_ms(bad)) << bad;
    }
    EXPECT_EQ(parse_size("16KiB"), 16'384U);
    EXPECT_EQ(parse_size("1GiB"), 1'073'741'824U);
    for (const char* bad : {"16", "16KB", "KiB", "18446744073709551615KiB"}) {
        EXPECT_FALSE(parse_size(bad)) << bad;
    }
}

TEST(Text, ComparesTrimsAndCleansAscii) {
    EXPECT_TRUE(equals_ignoring_case("Content-Length", "content-LENGTH"));
    EXPECT_FALSE(equals_ignoring_case("[", "{"));
    EXPECT_EQ(trim(" \ta b\t "), "a b");
    EXPECT_EQ(without_controls("a\r\nb\x7f"), "a  b ");
    EXPECT_EQ(to_lower("AbZ["), "abz[");
}

TEST(PicoUsdSum, HoldsMoreThanOneAmountAndClampsWhereItMust) {
    const PicoUsd most(std::numeric_limits<std::int64_t>::max());
    PicoUsdSum sum(most);
    sum += most;
    EXPECT_GT(sum, PicoUsdSum(most));
    EXPECT_EQ(sum.clamped(), most);
    sum -= most;
    EXPECT_EQ(sum, PicoUsdSum(most));
    EXPECT_EQ((PicoUsdSum(PicoUsd(1)) - PicoUsd(3)).clamped(), PicoUsd(-2));
}

TEST(Guarded, GivesBackWhatTheUseReturns) {
    Guarded<int> number(3);
    EXPECT_EQ(number.with([](int& value) { return ++value; }), 4);
}

TEST(Usd, IsWrittenExactlyWithoutZerosAtTheEnd) {
    constexpr std::int64_t dollar = 1'000'000'000'000;
    EXPECT_EQ(usd_text(PicoUsd(0)), "0");
    EXPECT_EQ(usd_text(PicoUsd(1)), "0.000000000001");
    EXPECT_EQ(usd_text(PicoUsd(425'000'000)), "0.000425");
    EXPECT_EQ(usd_text(PicoUsd(12 * dollar)), "12");
    EXPECT_EQ(usd_text(PicoUsd(12 * dollar + dollar / 2)), "12.5");
    EXPECT_EQ(usd_text(PicoUsd(-dollar / 4)), "-0.25");
    EXPECT_EQ(usd_text(PicoUsd(std::numeric_limits<std::int64_t>::max())), "9223372.036854775807");
    EXPECT_EQ(usd_text(PicoUsd(std::numeric_limits<std::int64_t>::min())), "-9223372.036854775808");
}

}  // namespace
}  // namespace gatehouse

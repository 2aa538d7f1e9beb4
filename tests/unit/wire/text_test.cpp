#include "gatehouse/wire/byte_buffer.hpp"
#include "gatehouse/wire/encodings.hpp"
#include "gatehouse/wire/sse.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <vector>

namespace gatehouse::wire {
namespace {

struct Events {
    std::vector<std::pair<std::string, std::string>> events;
    std::string rest;
    bool bare{false};
    bool operator==(const Events&) const = default;
};

Events split(std::string_view bytes, std::size_t step) {
    SseSplitter splitter;
    Events result;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        EXPECT_TRUE(splitter.feed(bytes.substr(at, step)));
        while (const auto event = splitter.next()) {
            result.events.emplace_back(event->name, event->data);
        }
    }
    result.rest = splitter.rest();
    result.bare = splitter.bare_json();
    return result;
}

TEST(SseSplitter, GivesTheSameEventsHoweverTheBytesArrive) {
    const std::string stream =
        "\xEF\xBB\xBF: hi\n\ndata: a\n\nevent: x\r\ndata:b\r\ndata: c\r\n\r\ndata\rid: 1\r\rretry: "
        "5\n\ndata:  d\n\npart";
    const Events whole = split(stream, stream.size());
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"", "a"}, {"x", "b\nc"}, {"", ""}, {"", " d"}};
    EXPECT_EQ(whole.events, expected);
    EXPECT_EQ(whole.rest, "part");
    for (std::size_t step = 1; step < stream.size(); ++step) {
        EXPECT_EQ(split(stream, step), whole) << step;
    }
}

TEST(SseSplitter, DropsTheWholeLineEndBehindAnEventWithoutData) {
    SseSplitter splitter;
    ASSERT_TRUE(splitter.feed("id: 1\r\r"));
    EXPECT_FALSE(splitter.next());
    ASSERT_TRUE(splitter.feed("\ndata: a\r\r"));
    const auto first = splitter.next();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->raw, "data: a\r\r");
    ASSERT_TRUE(splitter.feed("\ndata: b\n\n"));
    const auto second = splitter.next();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->raw, "\ndata: b\n\n") << "what belongs to an event given out is not lost";
}

TEST(SseSplitter, SeesBareJson) {
    const std::string stream = "data: a\r\n\r\n{\n \"error\": {}\n\n}";
    const Events whole = split(stream, stream.size());
    EXPECT_TRUE(whole.bare);
    EXPECT_EQ(whole.rest, "{\n \"error\": {}\n\n}");
    EXPECT_EQ(split(stream, 1), whole);
}

TEST(SseSplitter, BoundsAnEventButNotAStream) {
    SseSplitter splitter(32);
    EXPECT_TRUE(splitter.feed("data: aaaaaaaaaaaaaaa\n\ndata: aaaaaaaaaaaaaaa\n\n"));
    EXPECT_TRUE(splitter.next());
    EXPECT_TRUE(splitter.next());
    EXPECT_FALSE(splitter.feed("data: " + std::string(40, 'a')));
    SseSplitter bad;
    EXPECT_FALSE(bad.feed("data: \xff\n"));
}

/// An event of exactly `size` bytes, the empty line included.
std::string event_of(std::size_t size) {
    return "data: " + std::string(size - 8, 'a') + "\n\n";
}

TEST(SseSplitter, HoldsToItsLimitHoweverAnEventArrives) {
    for (std::size_t step = 1; step <= 70; ++step) {
        for (const std::size_t size : {63U, 64U, 65U}) {
            const std::string stream = event_of(20) + event_of(size) + event_of(20);
            SseSplitter splitter(64);
            bool fits = true;
            std::size_t events = 0;
            for (std::size_t at = 0; at < stream.size() && fits; at += step) {
                fits = static_cast<bool>(splitter.feed(std::string_view(stream).substr(at, step)));
                while (fits && splitter.next()) {
                    ++events;
                }
            }
            EXPECT_EQ(fits, size <= 64) << size << " in steps of " << step;
            EXPECT_EQ(events, fits ? 3U : events) << step;
        }
    }
}

TEST(SseSplitter, CountsAnEventAndNotWhatWasAlreadyGivenOut) {
    SseSplitter splitter(64);
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(splitter.feed(event_of(60))) << i;
        const auto event = splitter.next();
        ASSERT_TRUE(event);
        EXPECT_EQ(event->raw.size(), 60U);
    }
    ASSERT_TRUE(splitter.feed(event_of(30) + "data: " + std::string(40, 'b')));
    EXPECT_TRUE(splitter.next());
    EXPECT_FALSE(splitter.next());
    EXPECT_FALSE(splitter.feed(std::string(30, 'b'))) << "the open event grew above the limit";
}

TEST(SseSplitter, KeepsAllEventsOfOneFeedValidTogether) {
    std::string stream;
    for (int i = 0; i < 50; ++i) {
        const std::string n = std::to_string(i);
        stream += "event: e" + n + "\nid: 1\n: c\ndata: a" + n + "\nretry: 5\ndata: b" + n + "\n\n";
    }
    SseSplitter splitter;
    ASSERT_TRUE(splitter.feed(stream));
    std::vector<SseEvent> events;
    while (const auto event = splitter.next()) {
        events.push_back(*event);
    }
    ASSERT_EQ(events.size(), 50U);
    for (std::size_t i = 0; i < events.size(); ++i) {
        const std::string n = std::to_string(i);
        EXPECT_EQ(events[i].name, "e" + n);
        EXPECT_EQ(events[i].data, "a" + n + "\nb" + n);
        EXPECT_TRUE(i == 0 || events[i - 1].raw.data() + events[i - 1].raw.size() == events[i].raw.data());
    }
}

TEST(SseSplitter, JudgesCharactersThatAreSplit) {
    const std::string stream = "data: \xF0\x9F\x98\x80\n\ndata: \xc3\xa9\n\n";
    EXPECT_EQ(split(stream, 1), split(stream, stream.size()));
    SseSplitter splitter;
    ASSERT_TRUE(splitter.feed("data: \xF0\x9F"));
    EXPECT_FALSE(splitter.feed("\n"));
}

TEST(Utf8, IsJudgedTheSameInShortAndLongTexts) {
    for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 15U, 511U, 512U, 513U, 600U}) {
        const std::string ascii(size, 'a');
        EXPECT_TRUE(valid_utf8(ascii));
        for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
            if (at < size) {
                std::string broken = ascii;
                broken[at] = '\xff';
                EXPECT_FALSE(valid_utf8(broken)) << size << " at " << at;
            }
        }
        EXPECT_TRUE(valid_utf8(ascii + "\xc3\xa9"));
        EXPECT_TRUE(valid_utf8("\xc3\xa9" + ascii));
    }
}

std::string gzip(std::string_view bytes) {
    z_stream stream{};
    EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    std::string in(bytes);
    std::string out(bytes.size() + 1024, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

TEST(Gunzip, InflatesWithinItsBound) {
    const std::string bomb = gzip(std::string(10'000'000, 'a'));
    const auto refused = gunzip(bomb, 1'000'000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.problem().kind(), ProblemKind::request_too_large);
    const auto text = gunzip(gzip("hello"), 5);
    ASSERT_TRUE(text);
    EXPECT_EQ(*text, "hello");
    EXPECT_FALSE(gunzip(gzip("hello").substr(0, 12), 100));
    EXPECT_FALSE(gunzip("junk", 100));
    EXPECT_FALSE(gunzip(gzip("hello") + "x", 100));
}

TEST(Base64, IsStrict) {
    EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
    EXPECT_EQ(from_base64("Zm9vYg=="), "foob");
    for (const char* bad : {"Zm9vYg=", "Zm9vYh==", "Zm9v-g==", "=Zm9", "Z==="}) {
        EXPECT_FALSE(from_base64(bad)) << bad;
    }
}

TEST(ByteBuffer, KeepsItsBytesWhileItGrowsAndShrinks) {
    ByteBuffer buffer;
    std::string expected;
    for (int i = 0; i < 2'000; ++i) {
        const std::string piece(static_cast<std::size_t>(i % 37), static_cast<char>('a' + i % 26));
        buffer.append(piece);
        expected += piece;
        const std::size_t taken = std::min<std::size_t>(static_cast<std::size_t>(i % 31), expected.size());
        buffer.consume(taken);
        expected.erase(0, taken);
        ASSERT_EQ(buffer.data(), expected);
    }
    buffer.release();
    EXPECT_TRUE(buffer.empty());
}

}  // namespace
}  // namespace gatehouse::wire

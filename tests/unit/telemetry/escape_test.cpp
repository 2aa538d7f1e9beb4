#include "telemetry/escape.hpp"

#include <gtest/gtest.h>

namespace gatehouse::telemetry {
namespace {

std::string json(std::string_view text, std::size_t limit = 1'000) {
    std::string out(json_text_room(text.size(), limit), '?');
    const char* const end = write_json_text(out.data(), text, limit);
    out.resize(static_cast<std::size_t>(end - out.data()));
    return out;
}

std::string label(std::string_view text) {
    std::string out;
    append_label_text(out, text);
    return out;
}

TEST(JsonText, PlainTextStaysAsItIs) {
    EXPECT_EQ(json("gpt-5-mini ~!@"), "gpt-5-mini ~!@");
    EXPECT_EQ(json(""), "");
    EXPECT_EQ(json("Grüße, 世界 🙂"), "Grüße, 世界 🙂");
}

TEST(JsonText, NothingEndsTheStringOrTheLine) {
    EXPECT_EQ(json("a\"b\\c"), "a\\\"b\\\\c");
    EXPECT_EQ(json("a\nb\rc\td"), "a\\nb\\rc\\td");
    EXPECT_EQ(json(std::string_view("\0\x1b[31m\x7f", 7)), "\\u0000\\u001b[31m\\u007f");
    EXPECT_EQ(json("\xC2\x9B"), "\\u009b");  // CSI in one character, for terminals that obey C1
    EXPECT_EQ(json("\xC2\xA0"), "\xC2\xA0");
}

TEST(JsonText, EveryByteIsJudgedAloneAndInEveryPlaceOfAWord) {
    for (int c = 0; c < 0x80; ++c) {
        const std::string alone = json(std::string(1, static_cast<char>(c)));
        const bool plain = c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
        EXPECT_EQ(alone.size() == 1, plain) << c;
        for (std::size_t place = 0; place < 17; ++place) {
            std::string text(17, 'a');
            text[place] = static_cast<char>(c);
            std::string expected(17, 'a');
            expected.replace(place, 1, alone);
            EXPECT_EQ(json(text), expected) << c << " at " << place;
        }
    }
}

TEST(JsonText, BytesThatAreNoUtf8BecomeReplacementCharacters) {
    const std::string bad = "\xEF\xBF\xBD";
    EXPECT_EQ(json("a\xFF"), "a" + bad);
    EXPECT_EQ(json("\xC3"), bad);                      // cut short
    EXPECT_EQ(json("\xC3\x28"), bad + "(");            // no continuation
    EXPECT_EQ(json("\xC0\xAF"), bad + bad);            // overlong
    EXPECT_EQ(json("\xE0\x80\xAF"), bad + bad + bad);  // overlong
    EXPECT_EQ(json("\xED\xA0\x80"), bad + bad + bad);  // surrogate
    EXPECT_EQ(json("\xF4\x90\x80\x80"), bad + bad + bad + bad);
    EXPECT_EQ(json("\xF0\x9F\x99"), bad + bad + bad);
}

TEST(JsonText, LongTextIsCutAtACharacter) {
    EXPECT_EQ(json("abcdef", 6), "abcdef");
    EXPECT_EQ(json("abcdefg", 6), "abcdef…");
    EXPECT_EQ(json("abcäx", 4), "abc…");
    EXPECT_EQ(json("ab🙂x", 5), "ab…");
}

TEST(LabelText, EscapesWhatTheFormatNames) {
    EXPECT_EQ(label("a\\b\"c\nd"), "a\\\\b\\\"c\\nd");
    EXPECT_EQ(label("größe"), "größe");
    EXPECT_EQ(label("a\xFF"), "a\xEF\xBF\xBD");
}

}  // namespace
}  // namespace gatehouse::telemetry

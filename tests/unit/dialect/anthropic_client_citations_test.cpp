// What an answer cites, as Anthropic's clients get it: on the blocks of text that lean on it.
#include "dialect/anthropic_citations.hpp"
#include "dialect/translation_parts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Event;
using chat::EventKind;
using Events = std::vector<Event>;

Event said(EventKind kind, std::string_view text) {
    Event event;
    event.kind = kind;
    event.text = text;
    return event;
}

Event text(std::string_view words) {
    return said(EventKind::text, words);
}

std::string page(const std::string& url, std::size_t begin, std::size_t end) {
    return annotation_of({url, "T", begin, end});
}

std::unique_ptr<ReplyWriter> writer() {
    ReplyIdentity identity;
    identity.id = "X";
    identity.model = "m";
    identity.origin = chat::Vendor::gemini;
    return anthropic_writer(identity);
}

/// `content` of a whole answer.
std::string content(const Events& events) {
    const auto body = writer()->whole(events, {});
    const auto begin = body.find(R"("content":)") + 10;
    return body.substr(begin, body.find(R"(,"stop_reason")") - begin);
}

/// The data of a stream's events that begin, fill and end blocks.
std::string blocks(const Events& events) {
    const auto to = writer();
    std::string out;
    for (const auto& event : events) {
        to->write(std::span(&event, 1), out);
    }
    to->end({}, out);
    std::string lines;
    for (std::size_t at = 0; (at = out.find("data: {\"type\":\"content_block_", at)) != std::string::npos;) {
        const auto end = out.find('\n', at);
        lines += out.substr(at + 29, end - at - 29) + "\n";
        at = end;
    }
    return lines;
}

std::string block(const std::string& words, const std::string& citations) {
    return R"({"type":"text","text":")" + words + R"(","citations":)" + citations + "}";
}

std::string location(const std::string& url) {
    return R"({"type":"web_search_result_location","cited_text":"","encrypted_index":"gh1.gemini.",)"
           R"("title":"T","url":")" +
           url + R"("})";
}

TEST(AnthropicClientCitation, StandsOnTheBlockThatIsThePassage) {
    const auto first = page("https://a", 3, 6);
    EXPECT_EQ(content({text("H\u00e9 l"), text("os, no"), said(EventKind::citation, first)}),
              "[" + block("H\u00e9 ", "null") + "," + block("los", "[" + location("https://a") + "]") + "," +
                  block(", no", "null") + "]");
}

TEST(AnthropicClientCitation, SharesABlockWithThoseOfTheSamePassageAndThoseThatOverlap) {
    const auto a = page("https://a", 4, 8);
    const auto b = page("https://b", 4, 8);
    const auto c = page("https://c", 0, 3);
    const auto d = page("https://d", 2, 5);
    EXPECT_EQ(content({text("0123456789"), said(EventKind::citation, a), said(EventKind::citation, b)}),
              "[" + block("0123", "null") + "," +
                  block("4567", "[" + location("https://a") + "," + location("https://b") + "]") + "," +
                  block("89", "null") + "]");
    EXPECT_EQ(content({text("0123456789"), said(EventKind::citation, a), said(EventKind::citation, c),
                       said(EventKind::citation, d)}),
              "[" +
                  block("01234567", "[" + location("https://c") + "," + location("https://d") + "," +
                                        location("https://a") + "]") +
                  "," + block("89", "null") + "]");
}

// Anthropic refuses a block of blanks when it comes back.
TEST(AnthropicClientCitation, LeavesNoBlockOfBlanks) {
    const auto a = page("https://a", 1, 3);
    const auto b = page("https://b", 4, 6);
    EXPECT_EQ(content({text(" aa bb\n"), said(EventKind::citation, a), said(EventKind::citation, b)}),
              "[" + block(" aa ", "[" + location("https://a") + "]") + "," +
                  block("bb\\n", "[" + location("https://b") + "]") + "]");
}

TEST(AnthropicClientCitation, CountsThroughAllTextsOfTheAnswer) {
    Event call = said(EventKind::tool_start, {});
    call.id = "t";
    call.name = "f";
    const auto cited = page("https://a", 3, 5);
    const auto told = content(
        {text("one"), call, said(EventKind::tool_end, {}), text("two"), said(EventKind::citation, cited)});
    EXPECT_EQ(told.find(block("one", "null")), 1U) << told;
    EXPECT_NE(told.find(block("tw", "[" + location("https://a") + "]") + "," + block("o", "null") + "]"),
              std::string::npos)
        << told;
}

TEST(AnthropicClientCitation, IsOnTheWholeTextIfItHasNoPlaceAndNowhereBehindIt) {
    const auto placeless = page("https://a", 0, 0);
    const auto behind = page("https://b", 2, 9);
    EXPECT_EQ(content({text("ab"), said(EventKind::citation, placeless), said(EventKind::citation, behind)}),
              "[" + block("ab", "[" + location("https://a") + "]") + "]");
    EXPECT_EQ(content({text("ab"), said(EventKind::citation, behind)}), "[" + block("ab", "null") + "]");
    EXPECT_EQ(content({said(EventKind::citation, placeless)}), "[]");
    EXPECT_EQ(content({text("ab"), said(EventKind::citation, R"({"type":"file_citation","file_id":"f"})")}),
              "[" + block("ab", "null") + "]")
        << "of no page";
}

TEST(AnthropicClientCitation, HasNoTitleWhereNoneIsKnown) {
    const auto untitled = annotation_of({"https://a", "", 0, 2});
    EXPECT_NE(content({text("ab"), said(EventKind::citation, untitled)}).find(R"("title":null,)"),
              std::string::npos);
}

TEST(AnthropicClientCitation, EndsItsBlockInAStreamWhereMoreTextFollows) {
    const auto a = page("https://a", 0, 2);
    const auto b = page("https://b", 3, 5);
    const auto begin = [](int index) {
        return "start\",\"index\":" + std::to_string(index) +
               ",\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n";
    };
    const auto delta = [](int index, const std::string& what) {
        return "delta\",\"index\":" + std::to_string(index) + ",\"delta\":{\"type\":" + what + "}}\n";
    };
    const auto words = [&](int index, const std::string& what) {
        return delta(index, "\"text_delta\",\"text\":\"" + what + "\"");
    };
    const auto cites = [&](int index, const std::string& url) {
        return delta(index, "\"citations_delta\",\"citation\":" + location(url));
    };
    const auto end = [](int index) { return "stop\",\"index\":" + std::to_string(index) + "}\n"; };
    EXPECT_EQ(blocks({text("aa"), said(EventKind::citation, a), said(EventKind::citation, b), text(" "),
                      text("bb"), said(EventKind::citation, b)}),
              begin(0) + words(0, "aa") + cites(0, "https://a") + cites(0, "https://b") + words(0, " ") +
                  end(0) + begin(1) + words(1, "bb") + cites(1, "https://b") + end(1));
}

TEST(AnthropicClientCitation, IsNotToldInAStreamWhoseTextHasEnded) {
    const auto a = page("https://a", 0, 2);
    Event call = said(EventKind::tool_start, {});
    call.id = "t";
    call.name = "f";
    const Events late{text("aa"), call, said(EventKind::tool_end, {}), said(EventKind::citation, a)};
    EXPECT_EQ(blocks(late).find("citation"), std::string::npos);
    EXPECT_EQ(blocks({said(EventKind::citation, a)}).find("citation"), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::dialect

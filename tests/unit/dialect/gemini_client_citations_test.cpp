// What an answer cites, as Gemini's clients get it: pages, and passages in bytes.
#include "dialect/translation_parts.hpp"
#include "dialect/url_citation.hpp"

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

std::unique_ptr<ReplyWriter> writer() {
    ReplyIdentity identity;
    identity.id = "X";
    identity.model = "m";
    identity.origin = chat::Vendor::openai;
    identity.show_reasoning = true;
    return gemini_writer(identity);
}

/// What a candidate says behind its index.
std::string cited(const std::string& body) {
    const auto index = body.rfind(R"("index":0)");
    return body.substr(index + 9, body.find(R"(}],"modelVersion")", index) - index - 9);
}

std::string cited_whole(const Events& events) {
    return cited(writer()->whole(events, {}));
}

std::string cited_in_stream(const Events& events) {
    const auto to = writer();
    std::string out;
    for (const auto& event : events) {
        to->write(std::span(&event, 1), out);
    }
    EXPECT_EQ(out.find("citationMetadata"), std::string::npos) << "before the end";
    to->end({}, out);
    return cited(out);
}

TEST(GeminiClientCitation, IsSaidInBytesWithItsPage) {
    const auto a = annotation_of({"https://a", "A", 2, 5});
    const auto b = annotation_of({"https://b", "B", 2, 5});
    const auto again = annotation_of({"https://a", "A", 0, 2});
    const Events events{said(EventKind::text, "\u00e9\u20acabc d"), said(EventKind::citation, a),
                        said(EventKind::citation, b), said(EventKind::citation, again)};
    const std::string expected =
        R"(,"citationMetadata":{"citationSources":[{"startIndex":5,"endIndex":8,"uri":"https://a"},)"
        R"({"startIndex":5,"endIndex":8,"uri":"https://b"},{"endIndex":5,"uri":"https://a"}]},)"
        R"("groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}},)"
        R"({"web":{"uri":"https://b","title":"B"}}],"groundingSupports":[)"
        R"({"segment":{"startIndex":5,"endIndex":8},"groundingChunkIndices":[0,1]},)"
        R"({"segment":{"endIndex":5},"groundingChunkIndices":[0]}]})";
    EXPECT_EQ(cited_whole(events), expected);
    EXPECT_EQ(cited_in_stream(events), expected);
}

TEST(GeminiClientCitation, CountsWithinThePartItIsIn) {
    const auto first = annotation_of({"https://a", "A", 1, 2});
    const auto second = annotation_of({"https://a", "A", 3, 4});
    const auto across = annotation_of({"https://a", "A", 1, 4});
    const auto supports = [](const Events& events) {
        const auto told = cited_whole(events);
        const auto begin = told.find(R"("groundingSupports":)");
        return begin == std::string::npos ? told : told.substr(begin + 20);
    };
    const Events answer{said(EventKind::reasoning, "hm"), said(EventKind::text, "ab"),
                        said(EventKind::reasoning, "hm"), said(EventKind::text, "cd")};
    const auto with = [&](const std::string& annotation) {
        auto events = answer;
        events.push_back(said(EventKind::citation, annotation));
        return supports(events);
    };
    EXPECT_EQ(with(first), R"([{"segment":{"partIndex":1,"startIndex":1,"endIndex":2},)"
                           R"("groundingChunkIndices":[0]}]})");
    EXPECT_EQ(with(second), R"([{"segment":{"partIndex":3,"startIndex":1,"endIndex":2},)"
                            R"("groundingChunkIndices":[0]}]})");
    EXPECT_EQ(with(across), R"([{"segment":{"partIndex":1,"startIndex":1,"endIndex":2},)"
                            R"("groundingChunkIndices":[0]}]})")
        << "to the end of its part";
}

TEST(GeminiClientCitation, WithoutAPlaceIsAPageAlone) {
    for (const auto& [begin, end] : {std::pair{0U, 0U}, std::pair{9U, 12U}, std::pair{2U, 1U}}) {
        const auto annotation = annotation_of({"https://a", "A", begin, end});
        EXPECT_EQ(cited_whole({said(EventKind::text, "abc"), said(EventKind::citation, annotation)}),
                  R"(,"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}}]})");
    }
    EXPECT_EQ(cited_whole({said(EventKind::text, "abc"), said(EventKind::citation, R"({"type":"other"})")}),
              "");
}

}  // namespace
}  // namespace gatehouse::dialect

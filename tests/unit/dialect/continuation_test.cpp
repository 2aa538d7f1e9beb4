// An answer that one model began and another ends, in the words of every client.
#include "gatehouse/dialect/continuation.hpp"

#include "dialect/seam.hpp"
#include "dialect/translation_parts.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/stream_so_far.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::DeltaKind;
using chat::Endpoint;
using chat::Event;
using chat::EventKind;
using testing::HasSubstr;
using testing::Not;

Event text_event(std::string_view text) {
    Event event;
    event.text = text;
    return event;
}

Event other_event(EventKind kind) {
    Event event;
    event.kind = kind;
    event.id = "id-of-it";
    event.name = "name-of-it";
    event.text = kind == EventKind::finish ? "stop" : "";
    return event;
}

/// A stream as a provider or the gateway writes it: the first piece is what begins it, the last its end.
std::vector<chat::Delta> written(Endpoint endpoint, const std::vector<std::string>& texts, const char* id,
                                 std::vector<std::string>& keep, bool json_array = false) {
    ReplyIdentity identity;
    identity.id = id;
    identity.model = "asked";
    identity.created = WallTime(std::chrono::seconds(1'790'000'000));
    identity.request = R"({"model":"asked","input":"hi"})";
    identity.json_array = json_array;
    const auto writer = make_writer(endpoint, identity);
    std::vector<chat::Delta> deltas;
    keep.assign(texts.size() + 3, {});
    const auto write = [&](const Event& event) {
        auto& out = keep[deltas.size()];
        const auto kind = writer->write({&event, 1}, out);
        deltas.push_back({kind, out});
    };
    write(other_event(EventKind::start));
    for (const auto& text : texts) {
        write(text_event(text));
    }
    write(other_event(EventKind::finish));
    chat::Usage usage;
    usage.input = TokenCount(10);
    usage.output = TokenCount(5);
    usage.known = true;
    writer->end(usage, keep[deltas.size()]);
    deltas.push_back({DeltaKind::end, keep[deltas.size()]});
    return deltas;
}

/// What a client makes of the bytes.
struct Heard {
    std::string text;
    int starts{0};
    int finishes{0};
    bool complete{false};
    std::string problem;
    chat::Usage usage;
};

Heard hear(Endpoint endpoint, std::string_view bytes) {
    Heard heard;
    const auto reader = make_reader(endpoint, no_reply_map(), "");
    wire::SseSplitter splitter;
    EXPECT_TRUE(splitter.feed(bytes));
    const auto take = [&](const Result<std::span<const Event>>& events) {
        if (!events) {
            heard.problem = events.problem().message();
            return;
        }
        for (const auto& event : *events) {
            heard.starts += event.kind == EventKind::start ? 1 : 0;
            heard.finishes += event.kind == EventKind::finish ? 1 : 0;
            heard.text += event.kind == EventKind::text ? event.text : std::string_view();
        }
    };
    while (const auto event = splitter.next()) {
        take(reader->feed(*event));
    }
    take(reader->close());
    heard.complete = reader->complete();
    heard.usage = reader->usage();
    return heard;
}

constexpr std::array endpoints{Endpoint::chat_completions, Endpoint::responses, Endpoint::messages,
                               Endpoint::generate_content};

std::string question_for(Endpoint client) {
    switch (client) {
        case Endpoint::responses:
            return R"({"model":"asked","input":"hi","stream":true})";
        case Endpoint::generate_content:
            return R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}]})";
        default:
            return R"({"model":"asked","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hi"}]})";
    }
}

/// What the client gets of the provider's stream, which goes on with that of the identity.
std::string rest_in(Endpoint client, Endpoint provider, const ReplyIdentity& identity,
                    const std::vector<chat::Delta>& stream) {
    std::unique_ptr<Translation> translation;
    if (client != provider) {
        const auto request = dialect_of(chat::vendor_of(client))
                                 .decode_request(client, question_for(client), wire::JsonLimits{});
        TranslateOptions options;
        options.model = "up";
        auto made = translate(*request, provider, options);
        EXPECT_TRUE(made) << made.problem().message();
        translation = std::move(*made);
    }
    const auto decoder =
        translation ? translation->stream_decoder(identity) : joined_stream(client, identity);
    std::string bytes;
    wire::SseSplitter splitter;
    for (const auto& piece : stream) {
        EXPECT_TRUE(splitter.feed(piece.bytes));
        while (const auto event = splitter.next()) {
            decoder->next_run();
            const auto delta = decoder->feed(*event);
            EXPECT_TRUE(delta) << delta.problem().message();
            bytes += delta->bytes;
        }
    }
    if (!decoder->complete()) {
        const auto last = decoder->close();
        EXPECT_TRUE(last);
        bytes += last->bytes;
    }
    EXPECT_TRUE(decoder->complete());
    return bytes;
}

using Pair = std::tuple<Endpoint, Endpoint>;
struct JoinedStreams : testing::TestWithParam<Pair> {};

TEST_P(JoinedStreams, AreOneForTheirClientWhereverTheFirstBroke) {
    const auto [client, provider] = GetParam();
    const std::vector<std::string> all{"Once ", "upon", " a", " time\n\n", "there", " \xc3\xa4", " was."};
    std::vector<std::string> first_bytes;
    const auto first = written(client, all, "first", first_bytes);
    for (std::size_t told = 1; told <= all.size(); ++told) {
        StreamSoFar so_far(client, false);
        std::string bytes;
        for (std::size_t i = 0; i <= told; ++i) {
            so_far.see({&first[i], 1});
            bytes += first[i].bytes;
        }
        ASSERT_TRUE(so_far.plain()) << told;
        ASSERT_FALSE(so_far.ended()) << told;
        std::string begun;
        std::string rest;
        for (std::size_t i = 0; i < all.size(); ++i) {
            (i < told ? begun : rest) += all[i];
        }
        EXPECT_EQ(so_far.text(), begun);
        EXPECT_EQ(so_far.said(), begun.size());
        // The model was given the text without the blanks at its end, and says them again.
        rest.insert(0, begun.substr(without_blank_end(begun).size()));
        std::vector<std::string> second_bytes;
        const auto second =
            written(provider, {rest.substr(0, 1), rest.substr(std::min<std::size_t>(1, rest.size()))},
                    "second", second_bytes);

        ReplyIdentity identity;
        identity.id = "second";
        identity.model = "other";
        identity.request = R"({"model":"asked","input":"hi"})";
        identity.goes_on = &so_far;
        identity.used.input = TokenCount(100);
        identity.used.known = true;
        bytes += rest_in(client, provider, identity, second);
        const auto heard = hear(client, bytes);
        EXPECT_EQ(heard.problem, "") << bytes;
        EXPECT_EQ(heard.text, "Once upon a time\n\nthere \xc3\xa4 was.") << told << "\n" << bytes;
        EXPECT_TRUE(heard.complete) << bytes;
        EXPECT_EQ(heard.starts, 1);
        EXPECT_EQ(heard.finishes, 1);
        EXPECT_EQ(heard.usage.input.value(), 110);
        EXPECT_EQ(heard.usage.output.value(), 5);
        EXPECT_THAT(bytes, Not(HasSubstr("second"))) << "one reply has one name";
        EXPECT_THAT(bytes, Not(HasSubstr("other")));
    }
}

std::string pair_name(const testing::TestParamInfo<Pair>& info) {
    return std::string(name_of(std::get<0>(info.param))).substr(0, 4) + "_" +
           std::string(name_of(std::get<1>(info.param))).substr(0, 4);
}

INSTANTIATE_TEST_SUITE_P(Dialects, JoinedStreams,
                         testing::Combine(testing::ValuesIn(endpoints), testing::ValuesIn(endpoints)),
                         pair_name);

struct JoinedArrays : testing::TestWithParam<Endpoint> {};

TEST_P(JoinedArrays, AreOneWhereverTheFirstBroke) {
    constexpr auto client = Endpoint::generate_content;
    const std::vector<std::string> all{"Once", " upon ", "a time."};
    std::vector<std::string> first_bytes;
    const auto first = written(client, all, "first", first_bytes, true);
    for (std::size_t told = 1; told <= all.size(); ++told) {
        StreamSoFar so_far(client, true);
        std::string bytes;
        for (std::size_t i = 0; i <= told; ++i) {
            so_far.see({&first[i], 1});
            bytes += first[i].bytes;
        }
        ASSERT_TRUE(so_far.plain()) << bytes;
        const std::string whole = all[0] + all[1] + all[2];
        const auto rest = whole.substr(without_blank_end(so_far.text()).size());
        std::vector<std::string> second_bytes;
        const auto second = written(GetParam(), {rest}, "second", second_bytes);
        ReplyIdentity identity;
        identity.json_array = true;
        identity.goes_on = &so_far;
        bytes += rest_in(client, GetParam(), identity, second);
        const auto array = nlohmann::json::parse(bytes, nullptr, false);
        ASSERT_TRUE(array.is_array()) << bytes;
        std::string text;
        int finishes = 0;
        for (const auto& element : array) {
            const auto& candidate = element["candidates"][0];
            for (const auto& part : candidate["content"]["parts"]) {
                text += part.value("text", "");
            }
            finishes += candidate.contains("finishReason") ? 1 : 0;
            EXPECT_EQ(element["responseId"], "first");
        }
        EXPECT_EQ(text, whole) << bytes;
        EXPECT_EQ(finishes, 1);
        EXPECT_TRUE(array.back()["candidates"][0].contains("finishReason"));
        EXPECT_EQ(array.back()["usageMetadata"]["candidatesTokenCount"], 5);
    }
}

INSTANTIATE_TEST_SUITE_P(Providers, JoinedArrays, testing::ValuesIn(endpoints), [](const auto& provider) {
    return std::string(name_of(provider.param)).substr(0, 4);
});

TEST(StreamSoFarOfAnArray, IsReadLikeEvents) {
    std::vector<std::string> bytes;
    const auto deltas = written(Endpoint::generate_content, {"a", "b"}, "x", bytes, true);
    StreamSoFar so_far(Endpoint::generate_content, true);
    for (std::size_t i = 0; i <= 2; ++i) {
        so_far.see({&deltas[i], 1});
    }
    EXPECT_EQ(so_far.text(), "ab");
    EXPECT_EQ(so_far.position().id, "x");
    EXPECT_TRUE(so_far.plain());
}

TEST(StreamsThatCannotBeGoneOnWith, AreThoseThatHoldMoreThanText) {
    for (const auto client : endpoints) {
        ReplyIdentity identity;
        identity.id = "first";
        identity.show_reasoning = true;
        identity.origin = chat::Vendor::openai;
        for (const auto kind : {EventKind::reasoning, EventKind::refusal, EventKind::tool_start}) {
            const bool untold = client == Endpoint::messages || client == Endpoint::generate_content;
            if (untold && kind == EventKind::refusal) {
                continue;  // there it is told at the end only
            }
            const auto writer = make_writer(client, identity);
            auto other = other_event(kind);
            other.text = kind == EventKind::tool_start ? "" : "hm";
            auto ended = other_event(EventKind::tool_end);
            std::string out;
            std::vector<Event> events{other_event(EventKind::start), text_event("Hi"), other};
            if (kind == EventKind::tool_start) {
                events.push_back(ended);
            }
            const auto delta_kind = writer->write(events, out);
            StreamSoFar so_far(client, false);
            const chat::Delta delta{delta_kind, out};
            so_far.see({&delta, 1});
            EXPECT_FALSE(so_far.plain()) << out;
        }
        const auto writer = make_writer(client, identity);
        std::string out;
        const std::vector<Event> events{other_event(EventKind::start), text_event("Hi")};
        writer->write(events, out);
        StreamSoFar so_far(client, false);
        const std::array deltas{chat::Delta{DeltaKind::content, out}, chat::Delta{DeltaKind::finish, {}}};
        so_far.see(deltas);
        EXPECT_TRUE(so_far.ended());
    }
}

TEST(StreamsThatCannotBeGoneOnWith, AreThoseThatCite) {
    const auto plain = [](Endpoint client, const std::vector<std::string>& events) {
        StreamSoFar so_far(client, false);
        for (const auto& event : events) {
            const std::string bytes = "data: " + event + "\n\n";
            const chat::Delta delta{DeltaKind::content, bytes};
            so_far.see({&delta, 1});
        }
        EXPECT_EQ(so_far.text(), "Hi") << "or they say nothing at all";
        return so_far.plain();
    };
    const std::vector<std::string> message{
        R"({"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m",)"
        R"("content":[],"usage":{"input_tokens":1,"output_tokens":1}}})",
        R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":[]}})",
        R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}})"};
    EXPECT_TRUE(plain(Endpoint::messages, message));
    auto cited = message;
    cited.emplace_back(
        R"({"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":)"
        R"({"type":"char_location","cited_text":"a","document_index":0,"start_char_index":0,"end_char_index":1}}})");
    EXPECT_FALSE(plain(Endpoint::messages, cited)) << "though the block is open";

    const auto candidate = [](const std::string& more) {
        return R"({"candidates":[{"content":{"role":"model","parts":[{"text":"Hi"}]},"index":0)" + more +
               "}]}";
    };
    EXPECT_TRUE(plain(Endpoint::generate_content, {candidate(R"(,"groundingMetadata":{})")}));
    for (const char* more :
         {R"(,"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a.example","title":"a"}}]})",
          R"(,"citationMetadata":{"citations":[{"startIndex":0,"endIndex":2,"uri":"https://a.example"}]})",
          R"(,"urlContextMetadata":{"urlMetadata":[{"retrievedUrl":"https://a.example"}]})"}) {
        EXPECT_FALSE(plain(Endpoint::generate_content, {candidate(more)})) << more;
    }

    const auto chunk = [](const std::string& more) {
        return R"({"id":"c","created":5,"model":"m","choices":[{"index":0,"delta":{"content":"Hi")" + more +
               R"(},"finish_reason":null}]})";
    };
    EXPECT_TRUE(plain(Endpoint::chat_completions, {chunk(R"(,"annotations":[],"citations":[])")}));
    EXPECT_FALSE(
        plain(Endpoint::chat_completions,
              {chunk(R"(,"annotations":[{"type":"url_citation","url_citation":{"url":"https://a.example",)"
                     R"("title":"a","start_index":0,"end_index":2}}])")}));
    EXPECT_FALSE(plain(Endpoint::chat_completions, {chunk(R"(,"citations":[{"type":"char_location"}])")}));

    const std::vector<std::string> response{
        R"({"type":"response.created","sequence_number":0,"response":{"id":"r","object":"response","created_at":5,)"
        R"("status":"in_progress","model":"m","output":[]}})",
        R"({"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"i",)"
        R"("type":"message","role":"assistant","status":"in_progress","content":[]}})",
        R"({"type":"response.output_text.delta","sequence_number":2,"item_id":"i","output_index":0,)"
        R"("content_index":0,"delta":"Hi"})"};
    EXPECT_TRUE(plain(Endpoint::responses, response));
    auto annotated = response;
    annotated.emplace_back(
        R"({"type":"response.output_text.annotation.added","sequence_number":3,"item_id":"i","output_index":0,)"
        R"("content_index":0,"annotation_index":0,"annotation":{"type":"file_citation","file_id":"f","index":2}})");
    EXPECT_FALSE(plain(Endpoint::responses, annotated));
}

TEST(AMessageWhoseBlockHasEnded, HasEnded) {
    std::vector<std::string> bytes;
    const auto deltas = written(Endpoint::messages, {"a"}, "x", bytes);
    StreamSoFar so_far(Endpoint::messages, false);
    so_far.see({deltas.data(), 2});
    EXPECT_FALSE(so_far.ended());
    const std::string stop = "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n";
    const chat::Delta delta{DeltaKind::content, stop};
    so_far.see({&delta, 1});
    EXPECT_TRUE(so_far.ended()) << "what comes after its text is not known";
}

TEST(StreamsThatCannotBeGoneOnWith, IncludeTextOfMoreThanAnybodyRemembers) {
    const auto writer = make_writer(Endpoint::chat_completions, {});
    const std::string text(StreamSoFar::most_text / 2 + 1, 'x');
    StreamSoFar so_far(Endpoint::chat_completions, false);
    for (int i = 0; i < 2; ++i) {
        std::string out;
        const auto event = text_event(text);
        const chat::Delta delta{writer->write({&event, 1}, out), out};
        EXPECT_EQ(so_far.plain(), true);
        so_far.see({&delta, 1});
    }
    EXPECT_FALSE(so_far.plain());
}

TEST(TheSeam, TakesOnlyWhatIsDoubled) {
    const auto join = [](std::string_view told, std::vector<std::string_view> pieces) {
        Seam seam(told);
        std::string text;
        for (const auto piece : pieces) {
            const auto event = text_event(piece);
            for (const auto& said : seam.join({&event, 1})) {
                text += said.text;
            }
        }
        return text;
    };
    EXPECT_EQ(join("Hello ", {" world"}), "world");
    EXPECT_EQ(join("Hello ", {" ", " world"}), " world");
    EXPECT_EQ(join("Hello\n\n", {"\n", "\nNext"}), "Next");
    EXPECT_EQ(join("Hello\n\n", {"\nNext"}), "Next");
    EXPECT_EQ(join("Hello ", {"world"}), "world");
    EXPECT_EQ(join("Hello\n", {" world", "\n"}), " world\n");
    EXPECT_EQ(join("Hello", {" world"}), " world");
    EXPECT_EQ(join("", {" world"}), " world");
    EXPECT_EQ(without_blank_end("a b \n"), "a b");
    EXPECT_EQ(without_blank_end(" \n"), "");
}

chat::Request asked(Endpoint endpoint, const std::string& body) {
    auto request = dialect_of(chat::vendor_of(endpoint)).decode_request(endpoint, body, wire::JsonLimits{});
    EXPECT_TRUE(request) << body;
    return std::move(*request);
}

TEST(ARequestWithItsAnswerBegun, HasItAsTheLastMessage) {
    const auto longer = [](Endpoint endpoint, const std::string& body,
                           std::string_view begun = "Hi \"you\" ") {
        auto made = with_answer_begun(asked(endpoint, body), begun, TokenCount(2));
        EXPECT_TRUE(made);
        return made->original.bytes;
    };
    EXPECT_EQ(longer(Endpoint::chat_completions,
                     R"({"messages":[{"role":"user","content":"a"}],"model":"m","stream":true})"),
              R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"Hi \"you\""}],)"
              R"("model":"m","stream":true})");
    EXPECT_EQ(longer(Endpoint::messages,
                     R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"}]})"),
              R"({"model":"m","max_tokens":7,"messages":[{"role":"user","content":"a"},)"
              R"({"role":"assistant","content":"Hi \"you\""}]})");
    EXPECT_EQ(
        longer(Endpoint::generate_content, R"({"contents":[{"role":"user","parts":[{"text":"a"}]}]})"),
        R"({"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"Hi \"you\""}]}]})");
    EXPECT_EQ(longer(Endpoint::responses, R"({"model":"m","input":"a"})"),
              R"({"model":"m","input":[{"role":"user","content":"a"},)"
              R"({"role":"assistant","content":"Hi \"you\""}]})");
    const std::string body = R"({"messages":[{"role":"user","content":"a"}],"model":"m"})";
    EXPECT_EQ(longer(Endpoint::chat_completions, body, " \n"), body) << "nothing was said yet";
}

TEST(ARequestWithItsAnswerBegun, IsNoneForAnAnswerAsLongAsItMayBe) {
    const auto request = asked(Endpoint::messages,
                               R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"}]})");
    EXPECT_TRUE(with_answer_begun(request, "b", TokenCount(8)));
    const auto made = with_answer_begun(request, "b", TokenCount(9));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.problem().kind(), ProblemKind::invalid_value);
}

TEST(ARequestWithItsAnswerBegun, KeepsWhatStandsBesideTheBody) {
    auto request = asked(Endpoint::generate_content, R"({"contents":[{"parts":[{"text":"a"}]}]})");
    request.model = "gemini";
    request.stream = true;
    request.json_array = true;
    request.strict_params = true;
    request.passed_fields = "tracestate: a\r\n";
    const auto made = with_answer_begun(request, "b", TokenCount(0));
    ASSERT_TRUE(made);
    EXPECT_EQ(made->model, "gemini");
    EXPECT_TRUE(made->stream && made->json_array && made->strict_params);
    EXPECT_EQ(made->passed_fields, request.passed_fields);
}

TEST(AnAnswerCanBeContinued, IfItIsToBeOnePlainText) {
    const auto can = [](const std::string& more, const std::string& role = "user") {
        return can_be_continued(
            asked(Endpoint::chat_completions,
                  R"({"model":"m","messages":[{"role":")" + role + R"(","content":"a"}])" + more + "}"));
    };
    const std::string tools = R"(,"tools":[{"type":"function","function":{"name":"f"}}])";
    EXPECT_TRUE(can(""));
    EXPECT_TRUE(can(tools));
    EXPECT_FALSE(can(tools + R"(,"tool_choice":"required")"));
    EXPECT_FALSE(can(R"(,"n":2)"));
    EXPECT_FALSE(can(R"(,"logprobs":true)"));
    EXPECT_FALSE(can(R"(,"response_format":{"type":"json_object"})"));
    EXPECT_FALSE(can("", "assistant"));
}

}  // namespace
}  // namespace gatehouse::dialect

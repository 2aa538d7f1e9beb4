// Recorded answers of Anthropic, Gemini and OpenAI's chat (tests/golden) as clients of the Responses API get
// them: nothing is lost, a stream amounts to the whole reply, and it does not matter how its bytes were cut.
#include "dialect/translation_parts.hpp"
#include "json/json_value.hpp"
#include "response_heard.hpp"
#include "told.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Event;
using test::JsonValue;

/// Events whose texts stay.
class KeptEvents {
public:
    void add(std::span<const Event> events) {
        for (auto event : events) {
            for (auto* text : {&event.text, &event.id, &event.name, &event.signature}) {
                *text = texts_.emplace_back(*text);
            }
            events_.push_back(event);
        }
    }
    std::span<const Event> all() const { return events_; }

private:
    std::deque<std::string> texts_;
    std::vector<Event> events_;
};

const ReplyMap no_map;  // readers keep a reference

struct Provider {
    std::string_view name;
    chat::Vendor vendor;
    std::unique_ptr<ReplyReader> (*reader)();
};

constexpr std::array providers{
    Provider{"anthropic", chat::Vendor::anthropic, [] { return anthropic_reader(no_map); }},
    Provider{"gemini", chat::Vendor::gemini, [] { return gemini_reader(no_map, "call_X_"); }},
    Provider{"openai", chat::Vendor::openai, [] { return openai_chat_reader(no_map, "call_X_"); }}};

std::unique_ptr<ReplyWriter> writer_for(const Provider& provider) {
    ReplyIdentity identity;
    identity.id = "X";
    identity.model = "m";
    identity.request = R"({"input":"hi","include":["reasoning.encrypted_content"]})";
    identity.show_reasoning = true;
    identity.origin = provider.vendor;
    return responses_writer(identity);
}

/// Of the client's stream, and of the events that it was made from; empty if the recording is no answer.
struct Translated {
    std::string stream;
    KeptEvents events;
    chat::Usage usage;
};

std::optional<Translated> translated(const Provider& provider, std::string_view recorded, std::size_t piece) {
    Translated made;
    const auto reader = provider.reader();
    const auto writer = writer_for(provider);
    const auto take = [&](const Result<std::span<const Event>>& events) {
        if (events) {
            made.events.add(*events);
            writer->write(*events, made.stream);
        }
        return static_cast<bool>(events);
    };
    wire::SseSplitter splitter;
    for (; !recorded.empty(); recorded.remove_prefix(std::min(piece, recorded.size()))) {
        EXPECT_TRUE(splitter.feed(recorded.substr(0, piece)));
        while (const auto event = splitter.next()) {
            if (!take(reader->feed(*event))) {
                return std::nullopt;
            }
        }
    }
    if (!take(reader->close()) || !reader->complete()) {
        return std::nullopt;
    }
    made.usage = reader->usage();
    writer->end(made.usage, made.stream);
    return made;
}

/// What the client makes of its output is what was said.
void expect_said(const JsonValue& response, const KeptEvents& events) {
    Told told;
    for (const auto& event : events.all()) {
        if (event.choice == 0) {
            hear(told, std::span(&event, 1));
        }
    }
    Told heard;
    std::size_t citations = 0;
    for (const auto& item : response["output"].elements()) {
        const std::string type = item["type"].text();
        for (const auto& part : item["content"].elements()) {
            (part["type"] == "refusal" ? heard.refusal : heard.text) +=
                part[part["type"] == "refusal" ? "refusal" : "text"].text();
            citations += part["annotations"].size();
        }
        for (const auto& part : item["summary"].elements()) {
            heard.reasoning += part["text"].text();
        }
        if (type == "function_call") {
            heard.calls.push_back(
                {item["call_id"].text(), item["name"].text(), item["arguments"].text(), {}, false, true});
        }
    }
    EXPECT_EQ(heard.text, told.text);
    EXPECT_EQ(heard.refusal, told.refusal);
    EXPECT_EQ(heard.reasoning, told.reasoning);
    EXPECT_EQ(heard.calls.size(), told.calls.size());
    for (std::size_t i = 0; i < std::min(heard.calls.size(), told.calls.size()); ++i) {
        told.calls[i].signature.clear();
        EXPECT_EQ(heard.calls[i], told.calls[i]);
    }
    const auto of_pages =
        std::count_if(told.citations.begin(), told.citations.end(),
                      [](const auto& citation) { return citation.starts_with(R"({"type":"url_citation")"); });
    EXPECT_EQ(citations, static_cast<std::size_t>(of_pages)) << "of documents there is no form";
    const bool cut = told.finish == "length" || told.finish == "content_filter";
    EXPECT_EQ(response["status"], cut ? "incomplete" : "completed");
}

void expect_usage(const JsonValue& response, const chat::Usage& usage) {
    EXPECT_EQ(response["usage"].is_null(), !usage.known);
    if (usage.known) {
        EXPECT_EQ(response["usage"]["input_tokens"], usage.prompt().value());
        EXPECT_EQ(response["usage"]["output_tokens"], usage.completion().value());
        EXPECT_EQ(response["usage"]["total_tokens"], usage.prompt().value() + usage.completion().value());
    }
}

bool carry_stream(const Provider& provider, std::string_view recorded) {
    const auto made = translated(provider, recorded, recorded.size());
    const auto in_bytes = translated(provider, recorded, 1);
    EXPECT_EQ(made.has_value(), in_bytes.has_value());
    if (!made || !in_bytes) {
        return false;
    }
    EXPECT_EQ(in_bytes->stream, made->stream);
    const ResponseHeard heard(made->stream);
    const auto whole = writer_for(provider)->whole(made->events.all(), made->usage);
    EXPECT_EQ(heard.response(), JsonValue::parsed(whole));
    expect_said(heard.response(), made->events);
    expect_usage(heard.response(), made->usage);
    return true;
}

bool carry_whole(const Provider& provider, const std::string& body) {
    const auto reader = provider.reader();
    const auto events = reader->whole(body);
    if (!events) {
        return false;
    }
    KeptEvents kept;
    kept.add(*events);
    const auto whole = JsonValue::parsed(writer_for(provider)->whole(*events, reader->usage()));
    expect_said(whole, kept);
    expect_usage(whole, reader->usage());
    std::string stream;
    const auto writer = writer_for(provider);
    writer->write(*events, stream);
    writer->end(reader->usage(), stream);
    EXPECT_EQ(ResponseHeard(stream).response(), whole);
    return true;
}

bool carry(const Provider& provider, const JsonValue& response) {
    if (response.contains("stream") && !response["stream"].text().starts_with('[')) {
        return carry_stream(provider, response["stream"].text());
    }
    if (response.contains("events")) {
        std::string stream;
        for (const auto& event : response["events"].elements()) {
            stream += "data: " + event.dump() + "\n\n";
        }
        return carry_stream(provider, stream);
    }
    return response.contains("body") && carry_whole(provider, response["body"].dump(1));
}

std::size_t carried(const Provider& provider) {
    std::size_t count = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/" +
                                             std::string(provider.name) + "/fixtures")) {
        SCOPED_TRACE(entry.path().stem().string());
        const auto file =
            JsonValue::golden(std::string(provider.name) + "/fixtures/" + entry.path().filename().string());
        for (const auto& exchange : file["exchanges"].elements()) {
            count += carry(provider, exchange["response"]) ? 1U : 0U;
        }
        count += carry(provider, file) ? 1U : 0U;
    }
    return count;
}

TEST(ResponsesClientGolden, AnswersOfAnthropicReachTheClient) {
    EXPECT_GE(carried(providers[0]), 45U);
}

TEST(ResponsesClientGolden, AnswersOfGeminiReachTheClient) {
    EXPECT_GE(carried(providers[1]), 30U);
}

TEST(ResponsesClientGolden, AnswersOfOpenaisChatReachTheClient) {
    EXPECT_GE(carried(providers[2]), 20U);
}

}  // namespace
}  // namespace gatehouse::dialect

// Recorded traffic through the chat dialect of OpenAI's clients: their own requests are read, and what other
// vendors answered reaches them unchanged in text, calls, finish and usage.
#include "dialect/translation_parts.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {
namespace {

using Json = nlohmann::ordered_json;
using chat::Event;
using chat::EventKind;

std::vector<std::filesystem::path> fixtures(const std::string& vendor) {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(std::string(GATEHOUSE_SOURCE_DIR) +
                                                                 "/tests/golden/" + vendor + "/fixtures")) {
        found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

Json load(const std::filesystem::path& path) {
    std::ifstream file(path);
    return Json::parse(file, nullptr, false);
}

struct Call {
    std::string id;
    std::string name;
    std::string arguments;
    std::string signature;
    friend bool operator==(const Call&, const Call&) = default;
};

/// The first choice, as its reader hears it.
struct Answer {
    std::string text;
    std::string refusal;
    std::string reasoning;
    std::vector<Call> calls;
    std::vector<Json> annotations;
    std::vector<Json> citations;  // of documents
    std::string finish;
    friend bool operator==(const Answer&, const Answer&) = default;

    void add_call(const Json& call) {
        const std::size_t index = call.value("index", calls.size());
        ASSERT_LE(index, calls.size());
        if (index == calls.size()) {
            calls.push_back({call.at("id"), call.at("function").at("name"), {}, {}});
        }
        calls[index].arguments += call.at("function").at("arguments").get<std::string>();
        if (call.contains("extra_content")) {
            calls[index].signature = call.at("extra_content").at("google").at("thought_signature");
        }
    }

    /// A message, or what a delta adds to it.
    void add(const Json& said) {
        const auto text_of = [&](const char* name) {
            return said.contains(name) && said[name].is_string() ? said[name].get<std::string>() : "";
        };
        text += text_of("content");
        refusal += text_of("refusal");
        reasoning += text_of("reasoning_content");
        for (const auto& call : said.value("tool_calls", Json::array())) {
            add_call(call);
        }
        for (const auto& annotation : said.value("annotations", Json::array())) {
            annotations.push_back(annotation);
        }
        for (const auto& citation : said.value("citations", Json::array())) {
            citations.push_back(citation);
        }
    }
};

void add(Answer& answer, const Event& event) {
    if (event.choice != 0) {
        return;
    }
    if (event.kind == EventKind::text) {
        answer.text += event.text;
    } else if (event.kind == EventKind::refusal) {
        answer.refusal += event.text;
    } else if (event.kind == EventKind::reasoning) {
        answer.reasoning += event.text;
    } else if (event.kind == EventKind::tool_start) {
        answer.calls.push_back(
            {std::string(event.id), std::string(event.name), {}, std::string(event.signature)});
    } else if (event.kind == EventKind::tool_arguments) {
        answer.calls.at(event.tool).arguments += event.text;
    } else if (event.kind == EventKind::citation) {
        (event.name.empty() ? answer.annotations : answer.citations).push_back(Json::parse(event.text));
    } else if (event.kind == EventKind::finish) {
        answer.finish = chat::name_of(event.finish);
    }
}

std::unique_ptr<ReplyReader> reader_of(const std::string& vendor, const ReplyMap& map) {
    return vendor == "anthropic" ? anthropic_reader(map) : gemini_reader(map, "call_X_");
}

std::unique_ptr<ReplyWriter> writer() {
    ReplyIdentity identity;
    identity.id = "X";
    identity.model = "m";
    identity.show_reasoning = true;
    return openai_chat_writer(identity);
}

void expect_usage(const chat::Usage& heard, const chat::Usage& said) {
    EXPECT_EQ(heard.known, said.known);
    // This dialect has fewer words for kinds of tokens than some of the others.
    EXPECT_EQ(heard.fresh(), said.fresh());
    EXPECT_EQ(heard.cached_input, said.cached_input);
    EXPECT_EQ(heard.written(), said.written());
    EXPECT_EQ(heard.said(), said.said());
    EXPECT_EQ(heard.reasoning, said.reasoning);
}

/// What a client makes of a stream, checked by the gateway's own reader of this dialect on the way.
Answer heard_in(const std::string& stream, const chat::Usage& usage) {
    Answer answer;
    const RelayOptions options;
    const auto decoder = openai().stream_decoder(chat::Endpoint::chat_completions, options);
    wire::SseSplitter splitter;
    EXPECT_TRUE(splitter.feed(stream));
    while (const auto event = splitter.next()) {
        const auto delta = decoder->feed(*event);
        EXPECT_TRUE(delta) << (delta ? "" : delta.problem().message());
        if (event->data == "[DONE]") {
            continue;
        }
        const auto chunk = Json::parse(event->data);
        for (const auto& choice : chunk.at("choices")) {
            if (choice.at("index") == 0) {
                answer.add(choice.at("delta"));
            }
        }
    }
    EXPECT_TRUE(decoder->complete());
    expect_usage(decoder->usage(), usage);
    answer.finish = decoder->finish_reason();
    return answer;
}

Answer heard_whole(const std::string& body, const chat::Usage& usage) {
    Answer answer;
    std::string edited;
    const auto reply = openai().decode_reply(chat::Endpoint::chat_completions, body, {}, edited);
    if (!reply) {
        ADD_FAILURE() << reply.problem().message();
        return answer;
    }
    expect_usage(reply->usage, usage);
    answer.add(Json::parse(body).at("choices").at(0).at("message"));
    answer.finish = reply->finish_reason;
    return answer;
}

/// False if the recording is no answer: a failure, or cut.
bool carry_whole(ReplyReader& reader, const std::string& body) {
    const auto events = reader.whole(body);
    if (!events) {
        return false;
    }
    Answer said;
    for (const auto& event : *events) {
        add(said, event);
    }
    EXPECT_EQ(heard_whole(writer()->whole(*events, reader.usage()), reader.usage()), said);
    std::string stream;
    const auto to = writer();
    to->write(*events, stream);
    to->end(reader.usage(), stream);
    EXPECT_EQ(heard_in(stream, reader.usage()), said);
    return true;
}

bool carry_stream(ReplyReader& reader, const std::string& recorded) {
    Answer said;
    std::string stream;
    const auto to = writer();
    wire::SseSplitter splitter;
    EXPECT_TRUE(splitter.feed(recorded));
    const auto take = [&](const Result<std::span<const Event>>& events) {
        for (const auto& event : events ? *events : std::span<const Event>()) {
            add(said, event);
        }
        if (events) {
            to->write(*events, stream);
        }
        return static_cast<bool>(events);
    };
    while (const auto event = splitter.next()) {
        if (!take(reader.feed(*event))) {
            return false;
        }
    }
    if (!take(reader.close()) || !reader.complete()) {
        return false;
    }
    to->end(reader.usage(), stream);
    EXPECT_EQ(heard_in(stream, reader.usage()), said);
    return true;
}

/// True if the response is an answer that was carried over.
bool carry(const std::string& vendor, const Json& response) {
    const ReplyMap map;
    const auto reader = reader_of(vendor, map);
    if (response.contains("stream") && !response["stream"].get<std::string>().starts_with('[')) {
        return carry_stream(*reader, response["stream"]);
    }
    if (response.contains("events")) {
        std::string stream;
        for (const auto& event : response["events"]) {
            stream += "data: " + event.dump() + "\n\n";
        }
        return carry_stream(*reader, stream);
    }
    return response.contains("body") && carry_whole(*reader, response["body"].dump());
}

std::size_t carried(const std::string& vendor) {
    std::size_t count = 0;
    for (const auto& path : fixtures(vendor)) {
        SCOPED_TRACE(path.stem().string());
        const auto file = load(path);
        for (const auto& exchange : file.value("exchanges", Json::array())) {
            count += carry(vendor, exchange.at("response")) ? 1U : 0U;
        }
        count += carry(vendor, file) ? 1U : 0U;
    }
    return count;
}

TEST(OpenaiChatGolden, answers_of_anthropic_reach_the_client) {
    EXPECT_GE(carried("anthropic"), 45U);
}

TEST(OpenaiChatGolden, answers_of_gemini_reach_the_client) {
    EXPECT_GE(carried("gemini"), 30U);
}

TEST(OpenaiChatGolden, requests_of_clients_are_read) {
    std::size_t count = 0;
    for (const auto& path : fixtures("openai")) {
        SCOPED_TRACE(path.stem().string());
        const auto file = load(path);
        for (const auto& exchange : file.value("exchanges", Json::array())) {
            const auto& request = exchange.at("request");
            const bool chat = request.value("url", "").find("/chat/completions") != std::string::npos;
            if (!chat || exchange.at("response").value("status", 0) != 200) {
                continue;
            }
            const auto& body = request.at("body");
            const auto said = read_openai_chat(body.dump());
            if (!said) {
                ADD_FAILURE() << said.problem().message();
                continue;
            }
            EXPECT_EQ(said->messages.size(), body.at("messages").size());
            EXPECT_EQ(said->tools.size(), body.value("tools", Json::array()).size());
            ++count;
        }
    }
    EXPECT_GE(count, 30U);
}

}  // namespace
}  // namespace gatehouse::dialect

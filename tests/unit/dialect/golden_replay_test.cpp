// Every recorded answer, kept and given out again in either form: it must say what it said.
#include "dialect/translation_parts.hpp"
#include "json/json_value.hpp"

#include "gatehouse/dialect/replay.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;
using test::JsonValue;
using test::parsed;

struct Recorded {
    std::string name;
    Endpoint endpoint{Endpoint::chat_completions};
    KeptAnswer answer;
};

std::optional<Endpoint> endpoint_of(const JsonValue& said) {
    const auto object = said["object"].text();
    const auto type = said["type"].text();
    if (object == "chat.completion" || object == "chat.completion.chunk") {
        return Endpoint::chat_completions;
    }
    if (object == "text_completion") {
        return Endpoint::completions;
    }
    if (object == "response" || type == "response.created") {
        return Endpoint::responses;
    }
    if (type == "message" || type == "message_start") {
        return Endpoint::messages;
    }
    if (said.contains("candidates")) {
        return Endpoint::generate_content;
    }
    return std::nullopt;
}

std::vector<std::string> data_of(std::string_view stream) {
    wire::SseSplitter splitter;
    std::vector<std::string> data;
    if (splitter.feed(stream)) {
        while (const auto event = splitter.next()) {
            data.emplace_back(event->data);
        }
    }
    return data;
}

std::string framed(const JsonValue& events) {
    std::string stream;
    std::optional<Endpoint> endpoint;
    for (const auto& event : events.elements()) {
        endpoint = endpoint ? endpoint : endpoint_of(event);
        if (endpoint == Endpoint::messages || endpoint == Endpoint::responses) {
            stream += "event: " + event["type"].text() + "\n";
        }
        stream += "data: " + event.dump() + "\n\n";
    }
    if (endpoint == Endpoint::chat_completions) {
        stream += "data: [DONE]\n\n";
    }
    return stream;
}

void add(const std::string& name, const JsonValue& response, std::vector<Recorded>& found) {
    if (response.contains("status") && response["status"].integer() != 200) {
        return;
    }
    if (response["body"].is_object()) {
        if (const auto endpoint = endpoint_of(response["body"])) {
            found.push_back({name, *endpoint, {false, response["body"].dump(2)}});
        }
        return;
    }
    const auto stream = response["stream"].is_string()  ? response["stream"].text()
                        : response["events"].is_array() ? framed(response["events"])
                                                        : std::string();
    for (const auto& data : data_of(stream)) {
        if (const auto endpoint = endpoint_of(parsed(data))) {
            found.push_back({name, *endpoint, {true, stream}});
            return;
        }
    }
}

std::vector<Recorded> all_recorded() {
    std::vector<Recorded> found;
    for (const std::string vendor : {"openai", "anthropic", "gemini"}) {
        const auto folder = vendor + "/fixtures";
        for (const auto& file : std::filesystem::directory_iterator(
                 std::filesystem::path(GATEHOUSE_SOURCE_DIR) / "tests/golden" / folder)) {
            const auto name = vendor + "/" + file.path().stem().string();
            const auto fixture = JsonValue::golden(folder + "/" + file.path().filename().string());
            add(name, fixture, found);
            for (const auto& exchange : fixture["exchanges"].elements()) {
                add(name, exchange["response"], found);
            }
        }
    }
    return found;
}

/// Everything that an answer says, however its words are cut into pieces.
class Said {
public:
    bool see(const Result<std::span<const chat::Event>>& events) {
        if (!events) {
            return false;
        }
        for (const auto& event : *events) {
            see(event);
        }
        return true;
    }
    std::map<std::string, std::string> words{};

private:
    void see(const chat::Event& event) {
        using chat::EventKind;
        const auto choice = std::to_string(event.choice);
        const auto tool = choice + " tool " + std::to_string(event.tool);
        switch (event.kind) {
            case EventKind::start:
                words["id"] = event.id;
                words["model"] = event.name;
                break;
            case EventKind::text:
                words[choice + " text"] += event.text;
                break;
            case EventKind::refusal:
                words[choice + " refusal"] += event.text;
                break;
            case EventKind::reasoning:
                words[choice + " reasoning"] += event.text;
                break;
            case EventKind::signature:
                words[choice + " signature"] += event.text;
                break;
            case EventKind::redacted:
                words[choice + " redacted"] += event.text;
                break;
            case EventKind::tool_start:
                words[tool] = std::string(event.name) + (event.custom ? " custom " : " ") +
                              std::string(event.id) + std::string(event.signature);
                break;
            case EventKind::tool_arguments:
                words[tool + " arguments"] += event.text;
                break;
            case EventKind::tool_end:
                break;
            case EventKind::citation:
                words[choice + " citations"] += event.text;
                break;
            case EventKind::logprobs:
                words[choice + " logprobs"] += event.text;
                break;
            case EventKind::image:
                words[choice + " images"] += event.text;
                break;
            case EventKind::finish:
                words[choice + " finish"] = name_of(event.finish);
                break;
        }
    }
};

std::map<std::string, std::string> without_blank_arguments(std::map<std::string, std::string> words) {
    for (auto& [name, text] : words) {
        if (name.ends_with("arguments")) {
            text = parsed(text).sorted().dump();
        }
    }
    return words;
}

/// Nothing: it did not come to its end.
std::optional<std::map<std::string, std::string>> said(Endpoint endpoint, const KeptAnswer& answer) {
    const auto reader = make_reader(endpoint, no_reply_map(), "X");
    Said said;
    if (!answer.streamed) {
        if (!said.see(reader->whole(answer.bytes))) {
            return std::nullopt;
        }
    } else {
        wire::SseSplitter splitter;
        EXPECT_TRUE(splitter.feed(answer.bytes));
        while (const auto event = splitter.next()) {
            if (!said.see(reader->feed(*event))) {
                return std::nullopt;
            }
        }
        if (!said.see(reader->close()) || !reader->complete()) {
            return std::nullopt;
        }
    }
    const auto& usage = reader->usage();
    said.words["usage"] = std::to_string(usage.input.value()) + " " +
                          std::to_string(usage.cached_input.value()) + " " +
                          std::to_string(usage.completion().value());
    return without_blank_arguments(std::move(said.words));
}

chat::Request asking(Endpoint endpoint) {
    chat::Request request;
    request.endpoint = endpoint;
    request.vendor = chat::vendor_of(endpoint);
    request.wants_usage = true;
    request.original.bytes = "{}";
    return request;
}

/// Their events do not say what their last one does.
bool is_abridged(std::string_view name) {
    return name == "openai/responses-reasoning-encrypted-stream" || name == "openai/responses-phase-stream";
}

struct GoldenReplay : testing::Test {
    static const std::vector<Recorded>& recorded() {
        static const auto all = all_recorded();
        return all;
    }
};

TEST_F(GoldenReplay, StreamsSayTheSameInEitherForm) {
    std::map<Endpoint, int> streams;
    for (const auto& [name, endpoint, answer] : recorded()) {
        if (!answer.streamed || endpoint == Endpoint::completions || is_abridged(name)) {
            continue;
        }
        const auto before = said(endpoint, answer);
        const auto request = asking(endpoint);
        const auto again = replay_stream(answer, request);
        if (!before || !again) {
            EXPECT_FALSE(is_worth_keeping(endpoint, answer)) << name;
            continue;
        }
        ++streams[endpoint];
        EXPECT_EQ(again->run().back().kind, chat::DeltaKind::end) << name;
        EXPECT_EQ(said(endpoint, {true, again->bytes}), before) << name;
        if (before->contains("0 finish") && before->at("0 finish") == "length") {
            continue;  // such a response has another last event
        }
        const auto whole = replay_whole(answer, request);
        if (!whole) {
            EXPECT_FALSE(is_worth_keeping(endpoint, answer)) << name;
            continue;
        }
        EXPECT_EQ(said(endpoint, {false, *whole}), before) << name << *whole;
        const auto told = replay_stream({false, *whole}, request);
        ASSERT_TRUE(told) << name;
        EXPECT_EQ(said(endpoint, {true, told->bytes}), before) << name << told->bytes;
        const auto back = replay_whole({true, told->bytes}, request);
        ASSERT_TRUE(back) << name;
        EXPECT_EQ(parsed(*back).sorted(), parsed(*whole).sorted()) << name;
    }
    EXPECT_GE(streams[Endpoint::chat_completions], 5);
    EXPECT_GE(streams[Endpoint::responses], 4);
    EXPECT_GE(streams[Endpoint::messages], 5);
    EXPECT_GE(streams[Endpoint::generate_content], 4);
}

TEST_F(GoldenReplay, WholeAnswersSayTheSameInEitherForm) {
    std::map<Endpoint, int> answers;
    for (const auto& [name, endpoint, answer] : recorded()) {
        if (answer.streamed || endpoint == Endpoint::completions) {
            continue;
        }
        const auto before = said(endpoint, answer);
        if (!before || parsed(answer.bytes)["status"].text() == "incomplete") {
            EXPECT_FALSE(is_worth_keeping(endpoint, answer)) << name;
            continue;
        }
        ++answers[endpoint];
        const auto request = asking(endpoint);
        EXPECT_EQ(*replay_whole(answer, request), answer.bytes) << name;
        const auto told = replay_stream(answer, request);
        if (!told) {
            EXPECT_FALSE(is_worth_keeping(endpoint, answer)) << name;
            continue;
        }
        EXPECT_EQ(said(endpoint, {true, told->bytes}), before) << name << told->bytes;
        const auto back = replay_whole({true, told->bytes}, request);
        ASSERT_TRUE(back) << name;
        if (name != "openai/chat-tool-call-without-id") {  // and without the content that is null
            EXPECT_EQ(parsed(*back).sorted(), parsed(answer.bytes).sorted()) << name;
        }
    }
    EXPECT_GE(answers[Endpoint::chat_completions], 10);
    EXPECT_GE(answers[Endpoint::responses], 5);
    EXPECT_GE(answers[Endpoint::messages], 10);
    EXPECT_GE(answers[Endpoint::generate_content], 8);
}

}  // namespace
}  // namespace gatehouse::dialect

#include "client_dialects.hpp"

#include "clients.hpp"

#include "gatehouse/wire/sse.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ostream>
#include <utility>
#include <vector>

namespace gatehouse::integration {
namespace {

using test::FakeRequest;
using test::FakeResponse;
using test::RawResponse;

struct Event {
    std::string name;
    JsonValue data;
};

std::vector<Event> events_of(const RawResponse& reply) {
    EXPECT_TRUE(reply.complete);
    EXPECT_EQ(reply.header("content-type"), "text/event-stream; charset=utf-8");
    std::vector<Event> events;
    wire::SseSplitter splitter;
    EXPECT_TRUE(splitter.feed(reply.body));
    while (const auto event = splitter.next()) {
        events.push_back({std::string(event->name), parsed(event->data)});
        EXPECT_TRUE(events.back().data.is_object()) << event->data;
    }
    EXPECT_TRUE(splitter.rest().empty()) << splitter.rest();
    EXPECT_FALSE(events.empty()) << reply.body;
    return events;
}

/// Of events that are named by their type.
void expect_named(const std::vector<Event>& events) {
    for (const auto& event : events) {
        EXPECT_EQ(event.data["type"], event.name);
    }
}

/// The recorded stream, cut behind the event with that text.
FakeResponse in_two(const std::string& stream, std::string_view last_of_the_first) {
    const auto at = stream.find(last_of_the_first);
    const auto cut = stream.find("\n\n", at) + 2;
    auto response = event_stream(stream.substr(0, cut));
    response.body.emplace_back(stream.substr(cut));
    return response;
}

bool asks_for_stream(const FakeRequest& request) {
    return request.body.find(R"("stream":true)") != std::string::npos;
}

class Anthropic : public ClientDialect {
public:
    std::string_view name() const override { return "Anthropic"; }
    std::string_view provider() const override { return "anthropic"; }
    std::string_view model() const override { return "claude-haiku-4-5-20251001"; }
    std::string path(Form) const override { return "/v1/messages"; }
    std::string body(std::string_view question, Form form) const override {
        return fmt::format(R"({{"model":"m","max_tokens":100,"temperature":0,"messages":[{{"role":"user",)"
                           R"("content":"{}"}}]{}}})",
                           question, form == Form::whole ? "" : R"(,"stream":true)");
    }
    FakeResponse answer(const FakeRequest& request) const override {
        if (!asks_for_stream(request)) {
            return FakeResponse::json(recorded("anthropic/fixtures/messages-basic", 0)["body"].dump());
        }
        return in_two(recorded("anthropic/fixtures/messages-stream-basic", 0)["stream"].text(),
                      "event: content_block_delta");
    }
    Heard heard(const RawResponse& reply, Form form) const override {
        return form == Form::whole ? message_in(parsed(reply.body)) : told_by(events_of(reply));
    }

private:
    static Heard message_in(const JsonValue& message) {
        Heard heard;
        heard.id = message["id"].text();
        heard.model = message["model"].text();
        for (const auto& block : message["content"].elements()) {
            heard.text += block["text"].text();
        }
        heard.finish = message["stop_reason"].text();
        heard.input = message["usage"]["input_tokens"].integer();
        heard.output = message["usage"]["output_tokens"].integer();
        return heard;
    }

    /// message_start, the blocks one after the other, message_delta, message_stop.
    static Heard told_by(const std::vector<Event>& events) {
        expect_named(events);
        EXPECT_EQ(events.front().name, "message_start");
        EXPECT_EQ(events.back().name, "message_stop");
        auto heard = message_in(events.front().data["message"].with("stop_reason", ""));
        EXPECT_TRUE(heard.text.empty());
        std::int64_t blocks = 0;
        bool open = false;
        bool over = false;
        for (std::size_t i = 1; i + 1 < events.size(); ++i) {
            const auto& [name, data] = events[i];
            if (name == "ping") {
                continue;
            }
            EXPECT_FALSE(over) << name;
            if (name == "content_block_start") {
                EXPECT_FALSE(std::exchange(open, true));
                EXPECT_EQ(data["index"], blocks);
            } else if (name == "content_block_delta") {
                EXPECT_TRUE(open);
                EXPECT_EQ(data["index"], blocks);
                heard.text += data["delta"]["text"].text();
            } else if (name == "content_block_stop") {
                EXPECT_TRUE(std::exchange(open, false));
                EXPECT_EQ(data["index"], blocks++);
            } else {
                EXPECT_EQ(name, "message_delta");
                EXPECT_FALSE(open);
                over = true;
                heard.finish = data["delta"]["stop_reason"].text();
                heard.output = data["usage"]["output_tokens"].integer();
                if (data["usage"].contains("input_tokens")) {
                    heard.input = data["usage"]["input_tokens"].integer();
                }
            }
        }
        EXPECT_TRUE(over);
        return heard;
    }
};

class Gemini : public ClientDialect {
public:
    std::string_view name() const override { return "Gemini"; }
    std::string_view provider() const override { return "gemini"; }
    std::string_view model() const override { return "gemini-2.5-flash"; }
    bool has_array() const override { return true; }
    std::string_view base_path() const override { return "/v1beta"; }
    std::string path(Form form) const override {
        constexpr std::string_view at = "/v1beta/models/m:";
        const auto method = form == Form::whole ? "generateContent" : "streamGenerateContent";
        return fmt::format("{}{}{}", at, method, form == Form::stream ? "?alt=sse" : "");
    }
    std::string body(std::string_view question, Form) const override {
        return fmt::format(R"({{"contents":[{{"role":"user","parts":[{{"text":"{}"}}]}}],)"
                           R"("generationConfig":{{"temperature":0}}}})",
                           question);
    }
    FakeResponse answer(const FakeRequest& request) const override {
        if (request.target.find("stream") == std::string::npos) {
            return FakeResponse::json(recorded("gemini/fixtures/generate-basic", 0)["body"].dump());
        }
        return in_two(recorded("gemini/fixtures/stream-basic", 0)["stream"].text(), "capital of");
    }
    Heard heard(const RawResponse& reply, Form form) const override {
        std::vector<JsonValue> chunks;
        if (form == Form::stream) {
            for (const auto& event : events_of(reply)) {
                EXPECT_TRUE(event.name.empty()) << event.name;
                chunks.push_back(event.data);
            }
        } else {
            EXPECT_TRUE(reply.complete);
            const auto body = parsed(reply.body);
            EXPECT_EQ(body.is_array(), form == Form::array) << reply.body;
            chunks = form == Form::array ? body.elements() : std::vector{body};
        }
        return told_by(chunks);
    }

private:
    static Heard told_by(const std::vector<JsonValue>& chunks) {
        Heard heard;
        for (const auto& chunk : chunks) {
            EXPECT_TRUE(heard.finish.empty()) << "nothing follows the end";
            EXPECT_TRUE(heard.id.empty() || chunk["responseId"] == heard.id);
            heard.id = chunk["responseId"].text();
            heard.model = chunk["modelVersion"].text();
            const auto candidate = chunk["candidates"][0];
            for (const auto& part : candidate["content"]["parts"].elements()) {
                heard.text += part["text"].text();
            }
            if (candidate.contains("finishReason")) {
                heard.finish = candidate["finishReason"].text();
            }
            heard.input = chunk["usageMetadata"]["promptTokenCount"].integer();
            heard.output = chunk["usageMetadata"]["candidatesTokenCount"].integer();
        }
        return heard;
    }
};

class Responses : public ClientDialect {
public:
    std::string_view name() const override { return "Responses"; }
    std::string_view provider() const override { return "openai"; }
    std::string_view model() const override { return "gpt-4o-mini"; }
    std::string path(Form) const override { return "/v1/responses"; }
    std::string body(std::string_view question, Form form) const override {
        return fmt::format(R"({{"model":"m","temperature":0,"store":false,"input":"{}"{}}})", question,
                           form == Form::whole ? "" : R"(,"stream":true)");
    }
    FakeResponse answer(const FakeRequest& request) const override {
        if (!asks_for_stream(request)) {
            return FakeResponse::json(recorded("openai/fixtures/responses-simple", 0)["body"].dump());
        }
        return in_two(recorded("openai/fixtures/responses-stream-basic-otel", 0)["stream"].text(),
                      R"("delta":" is")");
    }
    Heard heard(const RawResponse& reply, Form form) const override {
        return form == Form::whole ? response_in(parsed(reply.body)) : told_by(events_of(reply));
    }

private:
    static Heard response_in(const JsonValue& response) {
        Heard heard;
        EXPECT_EQ(response["object"], "response");
        heard.id = response["id"].text();
        heard.model = response["model"].text();
        for (const auto& item : response["output"].elements()) {
            if (item["type"] == "message") {
                heard.item = item["id"].text();
                heard.text += item["content"][0]["text"].text();
            }
        }
        heard.finish = response["status"].text();
        heard.input = response["usage"]["input_tokens"].integer();
        heard.output = response["usage"]["output_tokens"].integer();
        return heard;
    }

    static Heard told_by(const std::vector<Event>& events) {
        expect_named(events);
        EXPECT_EQ(events.front().name, "response.created");
        EXPECT_EQ(events.back().name, "response.completed");
        const auto heard = response_in(events.back().data["response"]);
        std::string text;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const auto& [name, data] = events[i];
            EXPECT_EQ(data["sequence_number"], i) << name;
            if (data.contains("response")) {
                EXPECT_EQ(data["response"]["id"], heard.id) << name;
                EXPECT_EQ(data["response"]["model"], heard.model) << name;
            }
            if (name == "response.output_text.delta") {
                EXPECT_EQ(data["item_id"], heard.item);
                text += data["delta"].text();
            }
            if (name == "response.output_text.done") {
                EXPECT_EQ(data["text"], heard.text);
            }
        }
        EXPECT_EQ(text, heard.text);
        return heard;
    }
};

}  // namespace

void PrintTo(const Heard& heard, std::ostream* out) {
    *out << fmt::format("id {} item {} model {} text '{}' finish {} usage {} {}", heard.id, heard.item,
                        heard.model, heard.text, heard.finish, heard.input, heard.output);
}

const ClientDialect& anthropic_dialect() {
    static const Anthropic dialect;
    return dialect;
}

const ClientDialect& gemini_dialect() {
    static const Gemini dialect;
    return dialect;
}

const ClientDialect& responses_dialect() {
    static const Responses dialect;
    return dialect;
}

}  // namespace gatehouse::integration

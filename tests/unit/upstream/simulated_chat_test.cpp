#include "simulated_replay.hpp"
#include "upstream/simulated_text.hpp"

#include <gtest/gtest.h>

namespace gatehouse::upstream::test {
namespace {

constexpr std::string_view path = "/v1/chat/completions";

Json asking(std::string_view text) {
    Json body;
    body["model"] = "chat";
    body["messages"] = Json::array({Json::object({{"role", "user"}, {"content", text}})});
    return body;
}

Json with_tools() {
    Json body = asking("How is the weather in Rome?");
    body["tools"] = Json::parse(R"([
        {"type":"function","function":{"name":"get_weather","parameters":{"type":"object",
            "properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":1}},
            "required":["city","days"]}}},
        {"type":"function","function":{"name":"get_time"}}])");
    return body;
}

std::string text_in(const std::vector<Json>& chunks, std::size_t choice = 0) {
    std::string text;
    for (const auto& chunk : chunks) {
        if (!chunk.is_object() || chunk["choices"].empty() || chunk["choices"][0]["index"] != choice) {
            continue;
        }
        const Json& delta = chunk["choices"][0]["delta"];
        if (delta.contains("content") && delta["content"].is_string()) {
            text += delta["content"].get<std::string>();
        }
    }
    return text;
}

TEST(SimulatedText, TokensTogetherAreTheText) {
    const std::string_view text =
        "  Gr\xc3\xbc\xc3\x9f"
        "e an extraordinary\nworld ";
    std::string joined;
    for (const auto token : simulated_tokens(text)) {
        joined += token;
    }
    EXPECT_EQ(joined, text);
    EXPECT_EQ(count_simulated_tokens("one two"), 2);
    EXPECT_EQ(count_simulated_tokens("extraordinary"), 3);  // six characters each
    EXPECT_EQ(count_simulated_tokens(""), 0);
}

TEST(SimulatedText, CutsAGistAtACharacter) {
    EXPECT_EQ(gist_of("\xc3\xbc\xc3\xbc\xc3\xbc", 2), "\xc3\xbc\xc3\xbc...");
    EXPECT_EQ(gist_of("a[[simulate:slow 1s]]b\nc", 10), "ab c");
}

TEST(SimulatedChat, EchoesTheLastUserMessageAndSaysThatItIsSimulated) {
    const auto reply = whole(ask(path, asking("Tell me of Rome")));
    const auto text = reply["choices"][0]["message"]["content"].get<std::string>();
    EXPECT_NE(text.find("simulated"), std::string::npos);
    EXPECT_NE(text.find("Tell me of Rome"), std::string::npos);
    EXPECT_EQ(reply["object"], "chat.completion");
    EXPECT_EQ(reply["system_fingerprint"], "simulated");
    EXPECT_EQ(reply["created"], 1'700'000'000);
    EXPECT_EQ(reply["choices"][0]["finish_reason"], "stop");
}

TEST(SimulatedChat, IsDeterministic) {
    EXPECT_EQ(bytes_of(ask(path, asking("same"))), bytes_of(ask(path, asking("same"))));
    EXPECT_NE(whole(ask(path, asking("same")))["id"], whole(ask(path, asking("other")))["id"]);
}

TEST(SimulatedChat, CountsWhatItSends) {
    Json body = asking("Count me");
    body["stream"] = true;
    body["stream_options"] = {{"include_usage", true}};
    const auto chunks = events(ask(path, body));
    ASSERT_GT(chunks.size(), 4U);
    EXPECT_EQ(chunks.back(), "[DONE]");
    const Json& last = chunks[chunks.size() - 2];
    EXPECT_TRUE(last["choices"].empty());
    const Json& usage = last["usage"];
    // The role and the finish of the one choice, the usage and the terminator carry no token.
    EXPECT_EQ(usage["completion_tokens"].get<std::size_t>(), chunks.size() - 4);
    EXPECT_EQ(usage["total_tokens"].get<int>(),
              usage["prompt_tokens"].get<int>() + usage["completion_tokens"].get<int>());
    EXPECT_TRUE(chunks.front()["usage"].is_null());

    body["stream"] = false;
    const auto reply = whole(ask(path, body));
    EXPECT_EQ(reply["usage"]["completion_tokens"], usage["completion_tokens"]);
    EXPECT_EQ(reply["choices"][0]["message"]["content"], text_in(chunks));
}

TEST(SimulatedChat, ShowsUsageInAStreamOnlyWhenAsked) {
    Json body = asking("Hi");
    body["stream"] = true;
    for (const auto& chunk : events(ask(path, body))) {
        EXPECT_TRUE(chunk.is_string() || !chunk.contains("usage"));
    }
}

TEST(SimulatedChat, PausesBeforeEachToken) {
    Json body = asking("Hi");
    body["stream"] = true;
    const auto script = ask(path, body);
    EXPECT_EQ(script.steps[0].after, Milliseconds(0));   // the role
    EXPECT_EQ(script.steps[1].after, Milliseconds(20));  // the first token
    EXPECT_EQ(script.steps[2].after, Milliseconds(10));
    body["messages"][0]["content"] = "Hi [[simulate:slow 200ms]]";
    const auto slow = ask(path, body);
    EXPECT_EQ(slow.steps[1].after, Milliseconds(200));
    EXPECT_EQ(slow.steps[2].after, Milliseconds(200));
}

TEST(SimulatedChat, CallsTheFirstToolWithArgumentsOfItsSchema) {
    const auto reply = whole(ask(path, with_tools()));
    const Json& message = reply["choices"][0]["message"];
    EXPECT_TRUE(message["content"].is_null());
    ASSERT_EQ(message["tool_calls"].size(), 1U);
    EXPECT_EQ(message["tool_calls"][0]["function"]["name"], "get_weather");
    EXPECT_EQ(Json::parse(message["tool_calls"][0]["function"]["arguments"].get<std::string>()),
              Json::parse(R"({"city":"simulated","days":1})"));
    EXPECT_EQ(reply["choices"][0]["finish_reason"], "tool_calls");
}

TEST(SimulatedChat, CallsTheToolsThatAreNamed) {
    Json body = with_tools();
    body["messages"][0]["content"] = "Use get_time and get_weather";
    EXPECT_EQ(whole(ask(path, body))["choices"][0]["message"]["tool_calls"].size(), 2U);
    body["parallel_tool_calls"] = false;
    EXPECT_EQ(whole(ask(path, body))["choices"][0]["message"]["tool_calls"].size(), 1U);
    body["tool_choice"] = Json::parse(R"({"type":"function","function":{"name":"get_time"}})");
    const auto named = whole(ask(path, body))["choices"][0]["message"]["tool_calls"];
    ASSERT_EQ(named.size(), 1U);
    EXPECT_EQ(named[0]["function"]["name"], "get_time");
    EXPECT_EQ(named[0]["function"]["arguments"], "{}");
    body["tool_choice"] = "none";
    EXPECT_FALSE(whole(ask(path, body))["choices"][0]["message"].contains("tool_calls"));
}

TEST(SimulatedChat, StreamsArgumentsInFragments) {
    Json body = with_tools();
    body["stream"] = true;
    std::string arguments;
    std::string name;
    int deltas = 0;
    for (const auto& chunk : events(ask(path, body))) {
        if (!chunk.is_object() || !chunk["choices"][0]["delta"].contains("tool_calls")) {
            continue;
        }
        const Json& call = chunk["choices"][0]["delta"]["tool_calls"][0];
        EXPECT_EQ(call["index"], 0);
        name += call["function"].value("name", "");
        arguments += call["function"]["arguments"].get<std::string>();
        ++deltas;
    }
    EXPECT_EQ(name, "get_weather");
    EXPECT_EQ(Json::parse(arguments), Json::parse(R"({"city":"simulated","days":1})"));
    EXPECT_GT(deltas, 2);
}

TEST(SimulatedChat, AnswersAToolResultWithText) {
    Json body = with_tools();
    body["messages"].push_back(Json::parse(R"({"role":"assistant","tool_calls":[{"id":"c","type":"function",
        "function":{"name":"get_weather","arguments":"{}"}}]})"));
    body["messages"].push_back(Json::parse(R"({"role":"tool","tool_call_id":"c","content":"sunny, 24 C"})"));
    const auto reply = whole(ask(path, body));
    EXPECT_NE(reply["choices"][0]["message"]["content"].get<std::string>().find("sunny, 24 C"),
              std::string::npos);
    EXPECT_EQ(reply["choices"][0]["finish_reason"], "stop");
}

TEST(SimulatedChat, AnswersInTheFormThatIsAskedFor) {
    Json body = asking("json please");
    body["response_format"] = Json::parse(R"({"type":"json_schema","json_schema":{"name":"x","schema":
        {"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]}}})");
    EXPECT_EQ(whole(ask(path, body))["choices"][0]["message"]["content"], R"({"ok":true})");
    body["response_format"] = {{"type", "json_object"}};
    const auto text = whole(ask(path, body))["choices"][0]["message"]["content"].get<std::string>();
    EXPECT_EQ(Json::parse(text)["simulated"], true);
}

TEST(SimulatedChat, HonoursLengthStopAndNumberOfChoices) {
    Json body = asking("Hi");
    body["max_completion_tokens"] = 3;
    body["n"] = 2;
    auto reply = whole(ask(path, body));
    ASSERT_EQ(reply["choices"].size(), 2U);
    EXPECT_EQ(reply["choices"][1]["index"], 1);
    EXPECT_EQ(reply["choices"][0]["finish_reason"], "length");
    EXPECT_EQ(reply["usage"]["completion_tokens"], 6);
    body = asking("Hi");
    body["stop"] = Json::array({"simulated"});
    reply = whole(ask(path, body));
    EXPECT_EQ(reply["choices"][0]["message"]["content"], "This is a ");
    EXPECT_EQ(reply["choices"][0]["finish_reason"], "stop");
}

TEST(SimulatedChat, InterleavesStreamedChoices) {
    Json body = asking("Hi");
    body["n"] = 2;
    body["stream"] = true;
    const auto chunks = events(ask(path, body));
    EXPECT_NE(text_in(chunks, 1).find("(choice 2)"), std::string::npos);
    EXPECT_EQ(text_in(chunks, 0).find("(choice 2)"), std::string::npos);
}

TEST(SimulatedChat, FailsOnOrder) {
    const auto limited = ask(path, asking("[[simulate:error 429]]"));
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(whole(limited)["error"]["code"], "rate_limit_exceeded");
    EXPECT_TRUE(whole(limited)["error"]["param"].is_null());
    Json body = asking("Hi");
    body["model"] = "error-503";
    EXPECT_EQ(ask(path, body).status, 503);
    EXPECT_EQ(ask(path, asking("[[simulate:error 200]]")).status, 200);  // no error: no order
}

TEST(SimulatedChat, LosesTheConnectionOrFallsSilentAfterTwoDeltas) {
    Json body = asking("[[simulate:cut]]");
    body["stream"] = true;
    const auto cut = ask(path, body);
    EXPECT_EQ(cut.end, SimulatedEnd::cut);
    EXPECT_EQ(cut.steps.size(), 3U);  // the role and two tokens
    body["messages"][0]["content"] = "[[simulate:stall]]";
    EXPECT_EQ(ask(path, body).end, SimulatedEnd::stall);
}

TEST(SimulatedChat, RefusesWhatIsNoRequest) {
    EXPECT_EQ(whole(ask(path, Json::parse(R"({"model":"chat"})")))["error"]["param"], "messages");
    EXPECT_EQ(simulate({"POST", path, "{", 0, {}}).status, 400);
    EXPECT_EQ(simulate({"POST", path, std::string(100'000, '['), 0, {}}).status, 400);
    EXPECT_EQ(simulate({"GET", path, "", 0, {}}).status, 405);
    EXPECT_EQ(simulate({"POST", "/v1/images/generations", "{}", 0, {}}).status, 404);
}

TEST(SimulatedCompletions, AnswersEachPrompt) {
    Json body;
    body["model"] = "chat";
    body["prompt"] = {"one", "two"};
    body["max_tokens"] = 100;
    const auto reply = whole(ask("/v1/completions", body));
    EXPECT_EQ(reply["object"], "text_completion");
    ASSERT_EQ(reply["choices"].size(), 2U);
    EXPECT_NE(reply["choices"][1]["text"].get<std::string>().find("two"), std::string::npos);
    body["stream"] = true;
    const auto chunks = events(ask("/v1/completions", body));
    EXPECT_EQ(chunks.back(), "[DONE]");
    EXPECT_EQ(chunks.front()["object"], "text_completion");
}

}  // namespace
}  // namespace gatehouse::upstream::test

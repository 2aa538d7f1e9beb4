// Streams that break after some of them was sent, and the targets that go on with them: every client's words,
// providers of three vendors, broken at every event.
#include "house.hpp"
#include "support/fake_upstream.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::FakeRequest;
using test::FakeResponse;
using test::FakeUpstream;

const std::vector<std::string> pieces{"One", " two ", "\n\nthree", " \xc3\xa4 four."};
const std::string all_text = "One two \n\nthree \xc3\xa4 four.";

using Events = std::vector<std::string>;

Events chat_stream(const std::vector<std::string>& texts) {
    const auto chunk = [](json delta, json finish) {
        return json({{"id", "up-1"},
                     {"object", "chat.completion.chunk"},
                     {"created", 5},
                     {"model", "up"},
                     {"choices", {{{"index", 0}, {"delta", delta}, {"finish_reason", finish}}}}})
            .dump();
    };
    Events events{chunk({{"role", "assistant"}, {"content", ""}}, nullptr)};
    for (const auto& text : texts) {
        events.push_back(chunk({{"content", text}}, nullptr));
    }
    events.push_back(chunk(json::object(), "stop"));
    events.push_back(json({{"id", "up-1"},
                           {"object", "chat.completion.chunk"},
                           {"created", 5},
                           {"model", "up"},
                           {"choices", json::array()},
                           {"usage", {{"prompt_tokens", 7}, {"completion_tokens", 3}, {"total_tokens", 10}}}})
                         .dump());
    events.emplace_back("[DONE]");
    return events;
}

Events message_stream(const std::vector<std::string>& texts) {
    Events events{
        R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m",)"
        R"("content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":1}}})",
        R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"};
    for (const auto& text : texts) {
        events.push_back(json({{"type", "content_block_delta"},
                               {"index", 0},
                               {"delta", {{"type", "text_delta"}, {"text", text}}}})
                             .dump());
    }
    events.emplace_back(R"({"type":"content_block_stop","index":0})");
    events.emplace_back(
        R"({"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":3}})");
    events.emplace_back(R"({"type":"message_stop"})");
    return events;
}

Events gemini_stream(const std::vector<std::string>& texts) {
    Events events;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        json candidate{{"content", {{"role", "model"}, {"parts", {{{"text", texts[i]}}}}}}, {"index", 0}};
        json chunk{{"candidates", {candidate}}, {"modelVersion", "m"}, {"responseId", "r1"}};
        if (i + 1 == texts.size()) {
            chunk["candidates"][0]["finishReason"] = "STOP";
            chunk["usageMetadata"] = {
                {"promptTokenCount", 7}, {"candidatesTokenCount", 3}, {"totalTokenCount", 10}};
        }
        events.push_back(chunk.dump());
    }
    return events;
}

Events response_stream(const std::vector<std::string>& texts) {
    int number = 0;
    Events events;
    const auto add = [&](const std::string& type, json more) {
        more["type"] = type;
        more["sequence_number"] = number++;
        events.push_back(more.dump());
    };
    const auto response = [](std::string_view status, json output) {
        return json(
            {{"id", "resp_up"},
             {"object", "response"},
             {"created_at", 5},
             {"status", status},
             {"model", "up"},
             {"output", std::move(output)},
             {"usage", status == "completed" ? json{{"input_tokens", 7}, {"output_tokens", 3}} : json()}});
    };
    std::string said;
    const auto part = [&] {
        return json({{"type", "output_text"}, {"text", said}, {"annotations", json::array()}});
    };
    const auto item = [&](std::string_view status, json content) {
        return json({{"id", "msg_up"},
                     {"type", "message"},
                     {"role", "assistant"},
                     {"status", status},
                     {"content", std::move(content)}});
    };
    const json at{{"item_id", "msg_up"}, {"output_index", 0}, {"content_index", 0}};
    const auto with = [&](const char* name, json value) {
        auto more = at;
        more[name] = std::move(value);
        return more;
    };
    add("response.created", {{"response", response("in_progress", json::array())}});
    add("response.output_item.added", {{"output_index", 0}, {"item", item("in_progress", json::array())}});
    add("response.content_part.added", with("part", part()));
    for (const auto& text : texts) {
        add("response.output_text.delta", with("delta", text));
        said += text;
    }
    add("response.output_text.done", with("text", said));
    add("response.content_part.done", with("part", part()));
    add("response.output_item.done",
        {{"output_index", 0}, {"item", item("completed", json::array({part()}))}});
    add("response.completed",
        {{"response", response("completed", json::array({item("completed", json::array({part()}))}))}});
    return events;
}

/// In the words of the path that was asked.
Events stream_for(const FakeRequest& request, const std::vector<std::string>& texts) {
    if (request.target.find("/responses") != std::string::npos) {
        return response_stream(texts);
    }
    if (request.target.find("/messages") != std::string::npos) {
        return message_stream(texts);
    }
    return request.target.find("GenerateContent") != std::string::npos ? gemini_stream(texts)
                                                                       : chat_stream(texts);
}

/// What the request has of the answer already: the text of a last message that is the model's.
std::string begun_in(const FakeRequest& request) {
    const auto body = json::parse(request.body);
    for (const char* list : {"messages", "contents", "input"}) {
        if (!body.contains(list) || !body[list].is_array()) {
            continue;
        }
        const auto& last = body[list].back();
        if (last.value("role", "") != "assistant" && last.value("role", "") != "model") {
            return "";
        }
        const auto& content = last.contains("parts") ? last["parts"] : last["content"];
        return content.is_string() ? content.get<std::string>() : content[0]["text"].get<std::string>();
    }
    return "";
}

std::string provider(std::string_view name, const std::string& vendor, const FakeUpstream& server) {
    const std::string base = vendor == "openai" ? "/v1" : vendor == "gemini" ? "/v1beta" : "";
    return fmt::format("  {}: {{kind: {}, base_url: \"{}{}\", api_keys: [{}]}}\n", name, vendor,
                       server.base_url(), base, provider_key);
}

/// What a client has at the end of its stream.
struct Heard {
    std::string text;
    std::string whole;  // of the response that ends a stream of the Responses API
    bool ended{false};
    bool failed{false};
    int starts{0};
    json usage;
    std::string fault;  // what no SDK would take
};

void hear(const json& event, Heard& heard, int& number, int& open_block) {
    const auto type = event.value("type", "");
    heard.failed = heard.failed || event.contains("error") || type == "error" || type == "response.failed";
    if (event.contains("choices") && !event["choices"].empty()) {
        const auto& choice = event["choices"][0];
        heard.starts += choice["delta"].contains("role") ? 1 : 0;
        if (choice["delta"].contains("content") && choice["delta"]["content"].is_string()) {
            heard.text += choice["delta"]["content"].get<std::string>();
        }
        heard.ended = heard.ended || choice["finish_reason"] == "stop";
    }
    if (event.contains("usage") && !event["usage"].is_null()) {
        heard.usage = event["usage"];
    }
    if (event.contains("candidates")) {
        for (const auto& part : event["candidates"][0]["content"]["parts"]) {
            heard.text += part.value("text", "");
        }
        heard.ended = heard.ended || event["candidates"][0].contains("finishReason");
    }
    if (type == "message_start" || type == "response.created") {
        ++heard.starts;
    } else if (type == "content_block_start") {
        heard.fault += event["index"] == open_block + 1 ? "" : "block " + event.dump();
        open_block = event["index"];
    } else if (type == "content_block_delta") {
        heard.fault += event["index"] == open_block ? "" : "delta " + event.dump();
        heard.text += event["delta"].value("text", "");
    } else if (type == "message_stop") {
        heard.ended = true;
    } else if (type == "response.output_text.delta") {
        heard.text += event["delta"].get<std::string>();
    } else if (type == "response.completed") {
        heard.ended = true;
        for (const auto& item : event["response"]["output"]) {
            heard.whole += item["content"][0]["text"].get<std::string>();
        }
    }
    if (event.contains("sequence_number")) {
        heard.fault += event["sequence_number"] == number ? "" : "number " + event.dump();
        ++number;
    }
}

Heard heard_of(const std::string& stream) {
    Heard heard;
    int number = 0;
    int open_block = -1;
    for (std::size_t at = 0; (at = stream.find("data: {", at)) != std::string::npos;) {
        const auto end = stream.find('\n', at);
        hear(json::parse(stream.substr(at + 6, end - at - 6)), heard, number, open_block);
        at = end;
    }
    return heard;
}

struct Client {
    std::string name;
    std::string path;
    std::string body;
};

const std::vector<Client> clients{
    {"chat", "/v1/chat/completions",
     R"({"model":"m","stream":true,"messages":[{"role":"user","content":"Count."}]})"},
    {"responses", "/v1/responses", R"({"model":"m","stream":true,"store":false,"input":"Count."})"},
    {"messages", "/v1/messages",
     R"({"model":"m","stream":true,"max_tokens":99,"messages":[{"role":"user","content":"Count."}]})"},
    {"gemini", "/v1beta/models/m:streamGenerateContent?alt=sse",
     R"({"contents":[{"role":"user","parts":[{"text":"Count."}]}]})"}};

/// Two providers: what the first one sends is cut, the second goes on with whatever it is given.
struct Continuations : testing::Test {
    void start(const std::string& first_vendor, const std::string& second_vendor,
               const std::string& more = {}, const std::string& model_more = {}) {
        first = std::make_unique<FakeUpstream>([this](const FakeRequest& request) {
            auto events = stream_for(request, pieces);
            all_events = events.size();
            events.resize(std::min(events.size(), told.load()));
            return FakeResponse::events(first_events.empty() ? events : first_events);
        });
        second = std::make_unique<FakeUpstream>([this](const FakeRequest& request) {
            ++second_calls;
            begun = begun_in(request);
            asked_second = request.body;
            const auto rest = all_text.substr(begun.size());
            return second_fails ? FakeResponse::json("{}", 500)
                                : FakeResponse::events(stream_for(
                                      request, {rest.substr(0, 1), rest.size() > 1 ? rest.substr(1) : ""}));
        });
        Plan plan;
        plan.more_providers =
            provider("first", first_vendor, *first) + provider("second", second_vendor, *second);
        plan.models =
            "  m: {on_midstream_failure: continue, targets: [{provider: first, model: a}, "
            "{provider: second, model: " +
            second_model + (model_more.empty() ? ", continues: true" : model_more) + "}]}\n" +
            "  usual: {targets: [{provider: first, model: a}, {provider: second, model: b, continues: "
            "true}]}\n";
        plan.rest = more + "circuit_breaker: {failures: 1M, min_calls: 1M}\n";
        house = std::make_unique<House>(plan);
    }
    Heard ask(const Client& client, std::size_t events) {
        told = events;
        begun.clear();
        second_calls = 0;
        reply = house->ask(client.path, client.body);
        EXPECT_EQ(reply.status, 200) << reply.body;
        return heard_of(reply.body);
    }

    std::atomic<std::size_t> told{0};
    std::atomic<std::size_t> all_events{0};
    std::atomic<int> second_calls{0};
    std::atomic<bool> second_fails{false};
    Events first_events;
    std::string begun;
    std::string second_model{"b"};
    std::string asked_second;  // the body of its last request
    test::RawResponse reply;
    std::unique_ptr<FakeUpstream> first;
    std::unique_ptr<FakeUpstream> second;
    std::unique_ptr<House> house;
};

using Vendors = std::tuple<std::string, std::string>;
struct BrokenStreams : Continuations, testing::WithParamInterface<Vendors> {};

TEST_P(BrokenStreams, GiveEveryClientTheWholeTextWhereverTheyBreak) {
    const auto& [from, to] = GetParam();
    start(from, to);
    for (const auto& client : clients) {
        int continued = 0;
        all_events = 1;
        for (std::size_t events = 0; events < all_events; ++events) {
            const auto heard = ask(client, events);
            const auto where = client.name + " after " + std::to_string(events) + "\n" + reply.body;
            EXPECT_EQ(heard.text, all_text) << where;
            EXPECT_EQ(heard.fault, "") << where;
            EXPECT_LE(heard.starts, 1) << where;
            if (second_calls == 0) {
                EXPECT_TRUE(heard.failed || heard.ended) << where;
                continue;
            }
            EXPECT_TRUE(heard.ended) << where;
            EXPECT_FALSE(heard.failed) << where;
            EXPECT_TRUE(heard.whole.empty() || heard.whole == all_text) << where;
            EXPECT_TRUE(begun.empty() || begun.back() > ' ') << "blanks at its end are refused: " << begun;
            continued += begun.empty() ? 0 : 1;
        }
        EXPECT_GE(continued, 3) << client.name;
    }
    EXPECT_NE(house->log_text().find(R"("why":"continuation")"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Vendors, BrokenStreams,
                         testing::Combine(testing::Values("openai", "anthropic", "gemini"),
                                          testing::Values("openai", "anthropic", "gemini")),
                         [](const auto& vendors) {
                             return std::get<0>(vendors.param) + "_" + std::get<1>(vendors.param);
                         });

TEST_F(Continuations, AddUpWhatBothCallsUsed) {
    start("anthropic", "openai");
    auto client = clients[0];
    client.body.insert(client.body.size() - 1, R"(,"stream_options":{"include_usage":true})");
    const auto heard = ask(client, 4);
    EXPECT_EQ(heard.text, all_text);
    EXPECT_EQ(heard.usage["prompt_tokens"], 14) << reply.body;
    EXPECT_EQ(heard.usage["completion_tokens"], 5)
        << "3 are told; of the other part 1 is told, but eight bytes are two";
}

TEST_F(Continuations, MakeNoAnswerLongerThanItsClientWantsIt) {
    start("openai", "openai");
    EXPECT_TRUE(ask(clients[2], 3).ended);
    EXPECT_NE(asked_second.find(R"(tokens":97)"), std::string::npos)
        << "two of 99 were said: " << asked_second;
    auto short_one = clients[2];
    short_one.body.replace(short_one.body.find("99"), 2, "2");
    EXPECT_TRUE(ask(short_one, 3).failed);
    EXPECT_EQ(second_calls, 0) << "two of 2 were";
}

TEST_F(Continuations, AreMadeByWhomTheOperatorOrThePriceListNames) {
    start("openai", "openai", "", ", weight: 1");
    EXPECT_TRUE(ask(clients[0], 3).failed);
    EXPECT_EQ(second_calls, 0) << "nobody says that this one goes on";
    start("openai", "openai");
    auto usual = clients[0];
    usual.body.replace(usual.body.find(R"("m")"), 3, R"("usual")");
    EXPECT_TRUE(ask(usual, 3).failed);
    EXPECT_EQ(second_calls, 0) << "it is not wanted by default";
}

TEST_F(Continuations, AreMadeByModelsThatThePriceListKnows) {
    second_model = "claude-haiku-4-5";
    start("openai", "anthropic", "", ", weight: 1");
    EXPECT_TRUE(ask(clients[0], 3).ended);
    EXPECT_EQ(second_calls, 1);
    second_model = "gemini-2.5-flash";
    start("openai", "gemini", "", ", weight: 1");
    EXPECT_TRUE(ask(clients[0], 3).failed);
    EXPECT_EQ(second_calls, 0) << "it takes a message of its own, but need not go on with it";
}

TEST_F(Continuations, JoinOneArrayForWhoWantsOne) {
    const Client client{"array", "/v1beta/models/m:streamGenerateContent", clients[3].body};
    const auto told_by = [&](std::string_view where) {
        const auto array = json::parse(reply.body, nullptr, false);
        EXPECT_TRUE(array.is_array()) << where << "\n" << reply.body;
        Heard heard;
        int number = 0;
        int open_block = -1;
        for (const auto& element : array.is_array() ? array : json::array()) {
            hear(element, heard, number, open_block);
        }
        return heard;
    };
    for (const std::string vendor : {"gemini", "openai"}) {
        start(vendor, "openai");
        all_events = 1;
        for (std::size_t events = 0; events < all_events; ++events) {
            ask(client, events);
            const auto heard = told_by(vendor + " after " + std::to_string(events));
            EXPECT_EQ(heard.text, all_text) << events;
            EXPECT_TRUE(heard.ended || (second_calls == 0 && heard.failed)) << reply.body;
        }
    }
    second_fails = true;
    ask(client, 3);
    EXPECT_EQ(second_calls, 1);
    EXPECT_TRUE(told_by("failed").failed);
}

TEST_F(Continuations, AreOfPlainTextOnly) {
    start("openai", "openai");
    for (const char* more :
         {R"(,"response_format":{"type":"json_object"})", R"(,"n":2)", R"(,"logprobs":true)"}) {
        auto client = clients[0];
        client.body.insert(client.body.size() - 1, more);
        EXPECT_TRUE(ask(client, 3).failed) << more;
        EXPECT_EQ(second_calls, 0) << more;
    }
    first_events = chat_stream({"Let me look."});
    first_events.resize(2);
    first_events.emplace_back(
        R"({"id":"up-1","object":"chat.completion.chunk","created":5,"model":"up","choices":[{"index":0,"delta":)"
        R"({"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]},)"
        R"("finish_reason":null}]})");
    EXPECT_TRUE(ask(clients[0], 0).failed);
    EXPECT_EQ(second_calls, 0) << "a call is open";
    EXPECT_TRUE(ask(clients[2], 0).failed);
    EXPECT_EQ(second_calls, 0);
}

TEST_F(Continuations, CountAsCallsAndLeaveTheErrorWhereTheyFail) {
    start("openai", "openai", "retry: {attempts: 1}\n");
    EXPECT_TRUE(ask(clients[0], 3).failed);
    EXPECT_EQ(second_calls, 0);
    start("openai", "openai");
    second_fails = true;
    const auto heard = ask(clients[0], 3);
    EXPECT_TRUE(heard.failed);
    EXPECT_EQ(heard.text, "One two ");
    EXPECT_EQ(second_calls, 1);
    EXPECT_NE(reply.body.find("`first`"), std::string::npos)
        << "the failure that the client has seen: " << reply.body;
    EXPECT_TRUE(reply.body.ends_with("data: [DONE]\n\n"));
}

TEST_F(Continuations, NeedNotWorkForWhomWantsNoFallback) {
    start("openai", "openai");
    told = 3;
    reply = house->ask(clients[0].path, clients[0].body, "x-gatehouse-fallback: off\r\n");
    EXPECT_EQ(second_calls, 0);
    const auto heard = heard_of(reply.body);
    EXPECT_TRUE(heard.failed) << reply.body;
    EXPECT_EQ(heard.text, "One two ");
    ask(clients[0], 3);
    EXPECT_EQ(second_calls, 1) << "without that word it is gone on with";
}

}  // namespace
}  // namespace gatehouse::integration

// Every recorded answer of OpenAI through the real gateway: byte-true where it passes through.
#include "house.hpp"
#include "support/fake_upstream.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>

namespace gatehouse::integration {
namespace {

using Json = nlohmann::ordered_json;
using test::FakeFraming;
using test::FakePiece;
using test::FakeResponse;
using test::FakeUpstream;

struct Exchange {
    std::string name;
    std::string path;  // from /v1 on
    Json request;
    int status{200};
    std::string media_type;
    std::string body;
    bool stream{false};
};

void PrintTo(const Exchange& exchange, std::ostream* out) {
    *out << exchange.name;
}

const std::set<std::string> served{"/v1/chat/completions", "/v1/completions", "/v1/embeddings",
                                   "/v1/responses", "/v1/moderations"};

std::string path_of(const std::string& url) {
    const auto version = url.find("/v1/");
    return version == std::string::npos ? std::string() : url.substr(version, url.find('?') - version);
}

/// A request that fits an answer which was recorded without one.
void invent_request(Exchange& exchange) {
    const bool responses = exchange.name.find("responses") != std::string::npos;
    exchange.path = responses ? "/v1/responses" : "/v1/chat/completions";
    exchange.request["model"] = "recorded";
    exchange.request[responses ? "input" : "messages"] =
        Json::array({Json::object({{"role", "user"}, {"content", "Hello"}})});
    if (exchange.stream) {
        exchange.request["stream"] = true;
        if (!responses) {
            exchange.request["stream_options"]["include_usage"] = true;
        }
    }
}

/// Events whose framing was not recorded, framed as OpenAI does it.
std::string framed(const Json& events) {
    std::string text;
    for (const Json& event : events) {
        if (event.contains("type")) {
            text += "event: " + event["type"].get<std::string>() + "\n";
        }
        text += "data: " + event.dump() + "\n\n";
        if (event.value("type", "") == "response.completed") {
            break;  // some recordings go on with the answer to another request
        }
    }
    return events.back().contains("type") ? text : text + "data: [DONE]\n\n";
}

/// The status in a name such as `err-429-insufficient-quota`, else 200.
int status_in(const std::string& name) {
    return name.starts_with("err-") && std::isdigit(static_cast<unsigned char>(name[4])) != 0
               ? std::stoi(name.substr(4, 3))
               : 200;
}

void read_answer(const Json& response, Exchange& exchange) {
    exchange.status = response.value("status", status_in(exchange.name));
    exchange.stream = response.contains("stream") || response.contains("events");
    exchange.media_type = exchange.stream ? "text/event-stream; charset=utf-8" : "application/json";
    if (response.contains("headers")) {
        exchange.media_type = response["headers"].value("content-type", exchange.media_type);
    }
    if (response.contains("events")) {
        exchange.body = framed(response["events"]);
    } else if (exchange.stream) {
        exchange.body = response["stream"].get<std::string>();
    } else if (response.contains("body_text")) {
        exchange.body = response["body_text"].get<std::string>();
    } else {
        exchange.body = response["body"].dump();
    }
}

/// Is this an endpoint of ours that was asked with JSON? Then its request is taken.
bool read_request(const Json& request, Exchange& exchange) {
    if (request.empty()) {
        invent_request(exchange);
        return true;
    }
    exchange.path = path_of(request["url"].get<std::string>());
    if (!served.contains(exchange.path) || request["method"] != "POST" || !request.contains("body") ||
        !request["body"].is_object()) {
        return false;
    }
    exchange.request = request["body"];
    return true;
}

void collect(const std::filesystem::path& file, std::vector<Exchange>& found) {
    std::ifstream in(file);
    const Json fixture = Json::parse(in);
    const Json exchanges =
        fixture.contains("exchanges")
            ? fixture["exchanges"]
            : Json::array({Json::object({{"request", Json::object()}, {"response", fixture}})});
    int number = 0;
    for (const Json& recorded : exchanges) {
        Exchange exchange;
        exchange.name = file.stem().string() + "_" + std::to_string(number++);
        read_answer(recorded["response"], exchange);
        if (read_request(recorded.value("request", Json::object()), exchange)) {
            found.push_back(std::move(exchange));
        }
    }
}

std::vector<Exchange> recorded_exchanges() {
    std::vector<std::filesystem::path> files;
    const std::filesystem::path folder(GATEHOUSE_SOURCE_DIR "/tests/golden/openai/fixtures");
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".json") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    std::vector<Exchange> found;
    for (const auto& file : files) {
        collect(file, found);
    }
    return found;
}

bool asks_for_usage(const Exchange& exchange) {
    const bool has_the_option = exchange.path == "/v1/chat/completions" || exchange.path == "/v1/completions";
    return !has_the_option || (exchange.request.contains("stream_options") &&
                               exchange.request["stream_options"].value("include_usage", false));
}

/// What the client must see of a stream: everything, but usage that it did not ask for.
std::string shown(const Exchange& exchange) {
    if (asks_for_usage(exchange)) {
        // The last event is ended where the recording forgot to.
        return exchange.body.ends_with("\n\n") ? exchange.body : exchange.body + "\n";
    }
    std::string text;
    for (std::size_t begin = 0; begin < exchange.body.size();) {
        const auto end = std::min(exchange.body.find("\n\n", begin), exchange.body.size() - 2) + 2;
        const auto event = exchange.body.substr(begin, end - begin);
        begin = end;
        const auto data = event.find("data: ");
        const auto json =
            data == std::string::npos ? Json() : Json::parse(event.substr(data + 6), nullptr, false);
        const bool only_usage = json.is_object() && json.contains("usage") && !json["usage"].is_null() &&
                                json.contains("choices") && json["choices"].empty();
        text += only_usage ? "" : event;
    }
    return text;
}

/// A stream that breaks off, or says that something went wrong.
bool is_broken(const Exchange& exchange) {
    if (!exchange.stream) {
        return false;
    }
    const bool has_terminator =
        exchange.path == "/v1/responses" || exchange.body.find("[DONE]") != std::string::npos;
    return !has_terminator || exchange.body.find("data: {\"error\"") != std::string::npos ||
           exchange.body.find("data: {\"type\":\"error\"") != std::string::npos;
}

FakeResponse recorded_response(const Exchange& exchange) {
    FakeResponse response = FakeResponse::json(exchange.body, exchange.status);
    response.headers = {{"content-type", exchange.media_type}, {"x-request-id", "req_recorded"}};
    return response;
}

int mapped(int status) {
    switch (status) {
        case 400:
        case 413:
        case 422:
            return 400;
        case 404:
        case 429:
            return status;
        default:
            return 502;  // the provider's own trouble, or the operator's credentials
    }
}

class Replay : public testing::TestWithParam<Exchange> {
protected:
    test::RawResponse through_the_gateway(const FakeResponse& response) {
        FakeUpstream upstream([&response](const test::FakeRequest&) { return response; });
        Plan plan;
        plan.base_url = upstream.base_url() + "/v1";
        // Without a price nothing is written into the usage of a stream.
        plan.models = "  \"*\": {targets: [{provider: up, model: \"*\", price: unknown}]}\n";
        plan.rest = "retry: {attempts: 1}\n";
        House house(std::move(plan));
        auto reply = house.ask(GetParam().path, GetParam().request.dump());
        requests = upstream.requests();
        return reply;
    }
    std::vector<test::FakeRequest> requests;
};

class StreamReplay : public Replay {};

TEST_P(Replay, PassesTheAnswerOn) {
    const auto reply = through_the_gateway(recorded_response(GetParam()));
    ASSERT_EQ(requests.size(), 1U) << reply.body;
    EXPECT_EQ(requests.front().target, GetParam().path);
    Json sent = Json::parse(requests.front().body);
    if (GetParam().request.value("stream", false) && sent.contains("stream_options")) {
        EXPECT_EQ(sent["stream_options"]["include_usage"], true);
        sent.erase("stream_options");
    }
    Json asked = GetParam().request;
    if (!sent.contains("stream_options")) {
        asked.erase("stream_options");
    }
    EXPECT_EQ(sent, asked);
    EXPECT_TRUE(reply.complete);
    if (GetParam().status >= 400) {
        EXPECT_EQ(reply.status, mapped(GetParam().status));
        const auto error = Json::parse(reply.body)["error"];
        EXPECT_EQ(error.size(), 4U) << reply.body;
        return;
    }
    if (is_broken(GetParam())) {
        // A real status while nothing was said, else an error behind what was said.
        EXPECT_TRUE(reply.status >= 400 || reply.body.find("\"error\":{") != std::string::npos) << reply.body;
        return;
    }
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.body, GetParam().stream ? shown(GetParam()) : GetParam().body);
}

TEST_P(StreamReplay, DoesNotCareWhereAStreamIsSplit) {
    FakeResponse bytewise = recorded_response(GetParam());
    bytewise.framing = FakeFraming::chunked;
    bytewise.body.clear();
    for (const char byte : GetParam().body) {
        bytewise.body.emplace_back(std::string(1, byte));
    }
    const auto reply = through_the_gateway(bytewise);
    const auto at_once = through_the_gateway(recorded_response(GetParam()));
    EXPECT_EQ(reply.status, at_once.status);
    EXPECT_EQ(reply.complete, at_once.complete);
    if (at_once.status == 200) {
        EXPECT_EQ(reply.body, at_once.body);
    }
}

std::vector<Exchange> recorded_streams() {
    auto streams = recorded_exchanges();
    std::erase_if(streams, [](const Exchange& one) { return !one.stream || one.status >= 400; });
    return streams;
}

std::string case_name(const testing::TestParamInfo<Exchange>& info) {
    std::string name = info.param.name;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; },
        '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Recorded, Replay, testing::ValuesIn(recorded_exchanges()), case_name);
INSTANTIATE_TEST_SUITE_P(Recorded, StreamReplay, testing::ValuesIn(recorded_streams()), case_name);

TEST(Recordings, AreThere) {
    EXPECT_GT(recorded_exchanges().size(), 50U);
    EXPECT_GT(recorded_streams().size(), 10U);
}

}  // namespace
}  // namespace gatehouse::integration

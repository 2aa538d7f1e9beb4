#include "coalescing.hpp"

#include <nlohmann/json.hpp>

#include <sstream>
#include <utility>

namespace gatehouse::integration {
namespace {

using nlohmann::json;
using test::eventually;
using test::FakeResponse;
using test::FakeUpstream;
using test::RawClient;

std::string chunk(std::string_view inside) {
    return R"({"id":"1","object":"chat.completion.chunk","created":1,"model":"real",)" + std::string(inside) +
           "}";
}

}  // namespace

std::string word(std::string_view text) {
    return chunk(R"("choices":[{"index":0,"delta":{"content":")" + std::string(text) +
                 R"("},"finish_reason":null}])");
}

std::string last_word() {
    return chunk(R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}])");
}

FakeResponse whole_answer() {
    return FakeResponse::json(
        R"({"id":"1","object":"chat.completion","created":1,"model":"real","choices":[{"index":0,)"
        R"("message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],)"
        R"("usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110}})");
}

FakeResponse streamed_answer() {
    const auto usage =
        chunk(R"("choices":[],"usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110})");
    return FakeResponse::events({word("one "), word("two "), last_word(), usage, "[DONE]"});
}

std::string text_of(const std::string& body) {
    std::string text;
    std::istringstream lines(body);
    for (std::string line; std::getline(lines, line);) {
        const auto event = line.starts_with("data: {") ? json::parse(line.substr(6), nullptr, false) : json();
        if (event.is_object() && !event.value("choices", json::array()).empty()) {
            text += event["choices"][0]["delta"].value("content", "");
        }
    }
    return text;
}

CoalescingTest::~CoalescingTest() {
    open();
    house.reset();
}

void CoalescingTest::serve(FakeUpstream::Script script) {
    house.reset();
    opened = std::promise<void>();
    gate = opened.get_future().share();
    is_open = false;
    upstream = std::make_unique<FakeUpstream>(std::move(script));
    plan.base_url = upstream->base_url() + "/v1";
    plan.lanes = GetParam();
    if (plan.caller.empty()) {
        plan.caller = "debug: true";
    }
    plan.models = models;
    house = std::make_unique<House>(plan);
}

void CoalescingTest::open() {
    if (!is_open) {
        is_open = true;
        opened.set_value();
    }
}

FakeResponse CoalescingTest::held(FakeResponse response, std::size_t piece) const {
    response.body.at(piece).gate = gate;
    return response;
}

std::unique_ptr<RawClient> CoalescingTest::client(std::string_view more, std::string_view fields) {
    auto made = std::make_unique<RawClient>(house->port());
    EXPECT_TRUE(made->send(House::post(chat_path, chat("alias", more), fields)));
    return made;
}

std::vector<std::unique_ptr<RawClient>> CoalescingTest::crowd(std::size_t count, std::string_view more,
                                                              std::string_view fields) {
    std::vector<std::unique_ptr<RawClient>> clients;
    for (std::size_t i = 0; i < count; ++i) {
        clients.push_back(client(more, fields));
    }
    return clients;
}

void CoalescingTest::wait_for_readers(double count) {
    ASSERT_TRUE(eventually([&] { return house->metric("gatehouse_shared_call_requests") == count; }))
        << house->metric("gatehouse_shared_call_requests") << " of " << count;
}

std::vector<json> CoalescingTest::lines(std::size_t count) {
    std::vector<json> found;
    EXPECT_TRUE(eventually([&] {
        found.clear();
        std::istringstream text(house->log_text());
        for (std::string line; std::getline(text, line);) {
            const auto one = json::parse(line, nullptr, false);
            if (one.is_object() && one.value("event", "") == "request" &&
                one.value("endpoint", "") == "chat.completions") {
                found.push_back(one);
            }
        }
        return found.size() >= count;
    })) << house->log_text();
    EXPECT_EQ(found.size(), count);
    return found;
}

json CoalescingTest::payer_of(const std::vector<json>& all, std::size_t attempts) {
    json payer;
    for (const auto& line : all) {
        if (line["attempts"].empty()) {
            EXPECT_EQ(line["cost_usd"], 0) << line;
        } else {
            EXPECT_TRUE(payer.empty()) << line;
            EXPECT_EQ(line["attempts"].size(), attempts) << line;
            payer = line;
        }
    }
    EXPECT_FALSE(payer.empty());
    return payer;
}

void CoalescingTest::expect_release() {
    // The goal is 100 ms; a machine that builds at the same time, with sanitizers, is given more.
    constexpr std::chrono::milliseconds deadline{500};
    EXPECT_TRUE(eventually([&] { return upstream->open_connections() == 0; }, deadline));
}

void CoalescingTest::expect_nothing_left() {
    EXPECT_TRUE(eventually([&] {
        return house->metric("gatehouse_shared_calls") == 0 &&
               house->metric("gatehouse_shared_call_requests") == 0;
    }));
}

}  // namespace gatehouse::integration

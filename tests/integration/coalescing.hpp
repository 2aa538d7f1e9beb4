// Crowds of clients that ask the same thing at one time, and a provider that answers when it is let.
#pragma once

#include "house.hpp"
#include "support/eventually.hpp"
#include "support/fake_upstream.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::integration {

inline constexpr std::string_view chat_path = "/v1/chat/completions";
inline constexpr std::string_view cold = R"(,"temperature":0)";
inline constexpr std::string_view streamed = R"(,"temperature":0,"stream":true)";
/// 100 tokens at $1, 10 at $4 for a million: what each of the answers below costs.
inline constexpr std::string_view bill = "0.00014";
inline constexpr double dollars = 0.00014;

/// The data of an event that says `text`, and of the one that says no more.
std::string word(std::string_view text);
std::string last_word();
/// "Hello".
test::FakeResponse whole_answer();
/// "one two ", an event each, then usage and the end.
test::FakeResponse streamed_answer();
/// All that a streamed answer says.
std::string text_of(const std::string& body);

class CoalescingTest : public testing::TestWithParam<std::size_t> {
protected:
    ~CoalescingTest() override;

    /// With a gate that is closed.
    void serve(test::FakeUpstream::Script script);
    void open();
    /// The response, whose piece at that place waits for the gate.
    test::FakeResponse held(test::FakeResponse response, std::size_t piece = 0) const;
    std::unique_ptr<test::RawClient> client(std::string_view more, std::string_view fields = "");
    std::vector<std::unique_ptr<test::RawClient>> crowd(std::size_t count, std::string_view more,
                                                        std::string_view fields = "");
    void wait_for_readers(double count);
    std::size_t calls() const { return upstream->requests().size(); }
    /// The access lines, once there are so many.
    std::vector<nlohmann::json> lines(std::size_t count);
    /// One line has the attempts and the cost, the others have none. Returns the first.
    static nlohmann::json payer_of(const std::vector<nlohmann::json>& all, std::size_t attempts = 1);
    void expect_release();
    void expect_nothing_left();

    Plan plan;
    std::string models{
        "  alias: {targets: [{provider: up, model: real, price: {input: \"1\", output: \"4\"}}]}\n"};
    std::promise<void> opened;
    std::shared_future<void> gate;
    bool is_open{true};
    std::unique_ptr<test::FakeUpstream> upstream;
    std::unique_ptr<House> house;
};

}  // namespace gatehouse::integration

// The temperature that a body names is known once the body has been read, whoever's words it is in.
#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;

std::optional<double> temperature_in(Endpoint endpoint, std::string body) {
    const auto request =
        dialect_of(chat::vendor_of(endpoint)).decode_request(endpoint, std::move(body), {wire::deepest_json});
    EXPECT_TRUE(request) << request.problem().message();
    return request ? request->temperature : std::nullopt;
}

TEST(RequestTemperature, IsTheNumberThatTheBodyNames) {
    const std::string messages = R"("messages":[{"role":"user","content":"a"}])";
    EXPECT_EQ(
        temperature_in(Endpoint::chat_completions, R"({"model":"m","temperature":0.2,)" + messages + "}"),
        0.2);
    EXPECT_EQ(
        temperature_in(Endpoint::chat_completions, R"({"model":"m","\u0074emperature":1,)" + messages + "}"),
        1.0);
    EXPECT_EQ(temperature_in(Endpoint::completions, R"({"model":"m","prompt":"a","temperature":2})"), 2.0);
    EXPECT_EQ(temperature_in(Endpoint::responses, R"({"model":"m","input":"a","temperature":0})"), 0.0);
    EXPECT_EQ(temperature_in(Endpoint::messages,
                             R"({"model":"m","max_tokens":9,"temperature":0.5,)" + messages + "}"),
              0.5);
    EXPECT_EQ(temperature_in(Endpoint::generate_content,
                             R"({"generation_config":{"topK":1,"temperature":1.5},"contents":"Hi"})"),
              1.5);
}

TEST(RequestTemperature, IsNothingElse) {
    const std::string messages = R"("messages":[{"role":"user","content":"a"}])";
    for (const std::string member :
         {R"("temperature":null,)", R"("x":{"temperature":1},)", R"("temperature":"1",)", ""}) {
        EXPECT_EQ(temperature_in(Endpoint::chat_completions, R"({"model":"m",)" + member + messages + "}"),
                  std::nullopt)
            << member;
    }
    EXPECT_EQ(temperature_in(Endpoint::generate_content,
                             R"({"temperature":1,"generationConfig":null,"contents":"Hi"})"),
              std::nullopt);
    EXPECT_EQ(temperature_in(Endpoint::generate_content,
                             R"({"generationConfig":[{"temperature":1}],"contents":"Hi"})"),
              std::nullopt)
        << "what is none of Google's is Google's to refuse";
}

}  // namespace
}  // namespace gatehouse::dialect

// Requests of clients of the Responses API on their way to OpenAI.
#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::dialect {
namespace {

constexpr std::string_view said = R"({"role":"user","content":"hi"})";
constexpr std::string_view marked =
    R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gh1.anthropic.U0lH"})";
constexpr std::string_view own_id =
    R"({"id":"rs_0123456789abcdefghijklmn_0","summary":[{"text":"hm"}],"type":"reasoning"})";
constexpr std::string_view openais =
    R"({"type":"reasoning","id":"rs_68af4030baa48193b0b43b4c2a176a1a0e6967589f080e78","summary":[]})";

std::string relayed(chat::Endpoint endpoint, const std::string& items) {
    const std::string body = R"({"model":"m","input":[)" + items + R"(],"store":false})";
    const auto request = openai().decode_request(endpoint, body, wire::JsonLimits{});
    if (!request) {
        return request.problem().message();
    }
    const auto pieces = openai().encode_request(*request, EncodeOptions{"m", true});
    std::string out;
    for (const auto piece : pieces.pieces) {
        out += piece;
    }
    EXPECT_EQ(out.size(), pieces.size());
    return out;
}

std::string with_items(const std::string& items) {
    return R"({"model":"m","input":[)" + items + R"(],"store":false})";
}

TEST(ResponsesRelay, GoesOnWithoutTheThoughtsOfOtherProviders) {
    const std::string hello(said);
    for (const auto endpoint : {chat::Endpoint::responses, chat::Endpoint::count_response_tokens}) {
        for (const auto thought : {marked, own_id}) {
            EXPECT_EQ(relayed(endpoint, hello + " , " + std::string(thought) + "," + hello),
                      with_items(hello + "," + hello));
            EXPECT_EQ(relayed(endpoint, std::string(thought) + " , " + hello), with_items(hello));
            EXPECT_EQ(relayed(endpoint, hello + "," + std::string(thought)), with_items(hello));
        }
    }
}

TEST(ResponsesRelay, LeavesOpenaisThoughtsAndEverythingElseAsTheyCame) {
    const std::string sealed =
        R"({"type":"reasoning","id":"rs_0123456789abcdefghijklmn_0","encrypted_content":"gAAA","summary":[]})";
    const std::string words =
        R"({"type":"message","role":"user","content":"gh1.x","encrypted_content":"gh1.openai.QQ=="})";
    const auto items = std::string(openais) + ", " + sealed + " ," + words;
    EXPECT_EQ(relayed(chat::Endpoint::responses, items), with_items(items));
}

TEST(ResponsesRelay, StillSaysWhichItemIsNone) {
    EXPECT_NE(relayed(chat::Endpoint::responses, std::string(said) + ",7").find("'input[1]'"),
              std::string::npos);
}

}  // namespace
}  // namespace gatehouse::dialect

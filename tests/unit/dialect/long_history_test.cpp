// Histories at their longest: what a lane spends on them grows with their length, not with its square.
#include "gatehouse/dialect/translation.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;

/// Calls of one id, each answered: as clients of models without ids write them.
std::string history_of_one_id(int calls) {
    std::string body = R"({"messages":[{"role":"user","content":"a"})";
    for (int i = 0; i < calls; ++i) {
        body += R"(,{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function",)"
                R"("function":{"name":"f","arguments":"{}"}}]},)"
                R"({"role":"tool","tool_call_id":"c","content":"r"})";
    }
    return body + "]}";
}

TEST(LongHistory, OfOneCallIdHasAsManyIdsAtTheProviderAsCalls) {
    constexpr int calls = 20'000;  // with a look at all ids before it for each: 2 * 10^8 of them
    chat::Request request;
    request.endpoint = Endpoint::chat_completions;
    request.original.bytes = history_of_one_id(calls);
    TranslateOptions options;
    options.model = "up";
    const auto translated = translate(request, Endpoint::messages, options);
    ASSERT_TRUE(translated) << translated.problem().message();
    const auto body = (*translated)->body();
    constexpr std::string_view key = R"("type":"tool_use","id":")";
    std::set<std::string_view> ids;
    for (auto at = body.find(key); at != std::string_view::npos; at = body.find(key, at + 1)) {
        const auto begin = at + key.size();
        ids.insert(body.substr(begin, body.find('"', begin) - begin));
    }
    EXPECT_EQ(ids.size(), static_cast<std::size_t>(calls));
}

}  // namespace
}  // namespace gatehouse::dialect

#include "gatehouse/dialect/dialect.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;

struct Torn {
    const Dialect& dialect;
    Endpoint endpoint;
    std::string name;
    std::string data;
};

TEST(StreamDecoders, RefuseAnEventThatEndsInTheNameOfItsModel) {
    const std::vector<Torn> events = {{openai(), Endpoint::chat_completions, "", R"({"model":"\u00)"},
                                      {openai(), Endpoint::completions, "", R"({"model":"m\)"},
                                      {openai(), Endpoint::responses, "response.created",
                                       R"({"type":"response.created","response":{"model":"\u00)"},
                                      {anthropic(), Endpoint::messages, "message_start",
                                       R"({"type":"message_start","message":{"model":"\u00)"},
                                      {gemini(), Endpoint::generate_content, "", R"({"modelVersion":"\u00)"}};
    for (const auto& [dialect, endpoint, name, data] : events) {
        // Nothing stands behind the text: whoever reads on is seen to.
        const std::vector<char> exact(data.begin(), data.end());
        wire::SseEvent event;
        event.name = name;
        event.data = std::string_view(exact.data(), exact.size());
        const auto decoder = dialect.stream_decoder(endpoint, {});
        EXPECT_FALSE(decoder->feed(event)) << data;
        EXPECT_EQ(decoder->model(), "") << data;
    }
}

}  // namespace
}  // namespace gatehouse::dialect

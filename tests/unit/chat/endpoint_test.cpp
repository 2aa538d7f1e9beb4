#include "gatehouse/chat/endpoint.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gatehouse::chat {
namespace {

TEST(EndpointNames, are_dotted_words_as_in_metrics) {
    EXPECT_EQ(name_of(Endpoint::chat_completions), "chat.completions");
    EXPECT_EQ(name_of(Endpoint::embeddings), "embeddings");
    EXPECT_EQ(name_of(Endpoint::audio_speech), "audio.speech");
}

TEST(EndpointNames, are_all_different) {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Endpoint::audio_translations); ++i) {
        names.insert(name_of(static_cast<Endpoint>(i)));
    }
    EXPECT_EQ(names.size(), 9U);
    EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace gatehouse::chat

#include "gatehouse/chat/conversation.hpp"

#include "gatehouse/chat/event.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace gatehouse::chat {
namespace {

TEST(Conversation, names_each_effort_as_clients_do) {
    constexpr std::array<std::string_view, 7> ascending{"none", "minimal", "low", "medium",
                                                        "high", "xhigh",   "max"};
    auto below = Effort::unsaid;
    for (const auto name : ascending) {
        const auto effort = effort_named(name);
        ASSERT_TRUE(effort) << name;
        EXPECT_LT(below, *effort) << name;
        EXPECT_EQ(name_of(*effort), name);
        below = *effort;
    }
    EXPECT_EQ(name_of(Effort::unsaid), "");
}

TEST(Conversation, knows_no_other_effort) {
    for (const std::string_view name : {"", "unsaid", "High", "low ", "maximum"}) {
        EXPECT_FALSE(effort_named(name)) << name;
    }
}

TEST(Event, names_each_finish_in_the_words_of_the_chat_dialect) {
    EXPECT_EQ(name_of(Finish::stop), "stop");
    EXPECT_EQ(name_of(Finish::tool_calls), "tool_calls");
    EXPECT_EQ(name_of(Finish::length), "length");
    EXPECT_EQ(name_of(Finish::content_filter), "content_filter");
}

}  // namespace
}  // namespace gatehouse::chat

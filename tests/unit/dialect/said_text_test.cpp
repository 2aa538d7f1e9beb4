#include "gatehouse/dialect/said_text.hpp"

#include <gtest/gtest.h>

namespace gatehouse::dialect {
namespace {

using chat::Endpoint;

TEST(SaidText, OfEachDialectsFirstAnswer) {
    EXPECT_EQ(said_text(Endpoint::chat_completions,
                        R"({"choices":[{"message":{"content":"a\nb"}},{"message":{"content":"c"}}]})"),
              "a\nb");
    EXPECT_EQ(said_text(Endpoint::chat_completions,
                        R"({"choices":[{"message":{"content":[{"type":"text","text":"a"}]}}]})"),
              "a");
    EXPECT_EQ(said_text(Endpoint::messages,
                        R"({"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"a"},)"
                        R"({"type":"text","text":"b"}]})"),
              "ab");
    EXPECT_EQ(
        said_text(Endpoint::generate_content,
                  R"({"candidates":[{"content":{"parts":[{"thought":true,"text":"hm"},{"text":"a"}]}}]})"),
        "a");
}

TEST(SaidText, NothingOfWhatIsNoAnswer) {
    for (const auto* const text : {"", "[]", "{}", "null", R"({"choices":[]})", R"({"choices":[1]})",
                                   R"({"choices":[{"message":null}]})", R"({"choices":{"message":1}})",
                                   R"({"choices":[{"message":{"content":null}}]})"}) {
        EXPECT_EQ(said_text(Endpoint::chat_completions, text), "") << text;
    }
    EXPECT_EQ(said_text(Endpoint::messages, R"({"content":[1,{"text":2}]})"), "");
    EXPECT_EQ(said_text(Endpoint::generate_content, R"({"candidates":[{"content":{"parts":{}}}]})"), "");
    EXPECT_EQ(said_text(Endpoint::embeddings, R"({"choices":[{"message":{"content":"a"}}]})"), "");
}

}  // namespace
}  // namespace gatehouse::dialect

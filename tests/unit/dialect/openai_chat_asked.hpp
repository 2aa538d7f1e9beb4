// What tests of chat requests are made of: bodies, and what was read of them.
//
// Room: tests.
#pragma once

#include "dialect/translation_parts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace gatehouse::dialect::test::openai_chat_asked {

using chat::CacheLifetime;
using chat::Conversation;
using chat::Effort;
using chat::MediaKind;
using chat::OutputKind;
using chat::Role;
using chat::ToolChoiceKind;

inline constexpr std::string_view hello = R"("messages":[{"role":"user","content":"hi"}])";

/// A request with these members beside a message.
inline Result<Conversation> read_with(std::string_view members) {
    std::string body = R"({"model":"m",)";
    body.append(hello).append(",").append(members).append("}");
    return read_openai_chat(body);
}

inline Result<Conversation> read_messages(std::string_view messages) {
    std::string body = R"({"model":"m","messages":[)";
    body.append(messages).append("]}");
    return read_openai_chat(body);
}

inline Conversation good(Result<Conversation> read) {
    if (!read) {
        ADD_FAILURE() << read.problem().message();
        return {};
    }
    return std::move(*read);
}

inline Conversation with(std::string_view members) {
    return good(read_with(members));
}

/// The one message that was read.
inline chat::Message message(std::string_view text) {
    auto conversation = good(read_messages(text));
    if (conversation.messages.size() != 1) {
        ADD_FAILURE() << conversation.messages.size() << " messages";
        return {};
    }
    return std::move(conversation.messages.front());
}

template <class What>
inline const What& part(const chat::Message& message, std::size_t index = 0) {
    static const What none{};
    const auto* what = index < message.parts.size() ? std::get_if<What>(&message.parts[index].what) : nullptr;
    EXPECT_NE(what, nullptr) << "part " << index << " of " << message.parts.size();
    return what == nullptr ? none : *what;
}

inline std::string others(const Conversation& conversation) {
    std::string out;
    for (const auto& other : conversation.others) {
        out += other.name + "=" + other.value + " ";
    }
    return out;
}

inline void expect_fault(const Result<Conversation>& read, ProblemKind kind, std::string_view param) {
    ASSERT_FALSE(read) << param;
    EXPECT_EQ(read.problem().kind(), kind) << read.problem().message();
    EXPECT_EQ(read.problem().param(), param) << read.problem().message();
    EXPECT_NE(read.problem().message().find(param), std::string::npos) << read.problem().message();
}

}  // namespace gatehouse::dialect::test::openai_chat_asked

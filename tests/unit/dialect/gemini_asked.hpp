// What tests of requests for Gemini are made of: conversations, and what was written.
//
// Room: tests.
#pragma once

#include "dialect/translation_parts.hpp"
#include "gemini_models.hpp"
#include "json/json_value.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace gatehouse::dialect::test::gemini_asked {

using chat::Conversation;
using chat::Effort;
using chat::ModelFacts;
using test::gemini_20;
using test::gemini_25;
using test::gemini_3;
using test::gemini_4;
using test::JsonValue;
using test::parsed;
using testing::ElementsAre;
using testing::IsEmpty;

inline chat::Message message(chat::Role role, std::vector<chat::Part> parts, std::size_t index = 0) {
    chat::Message out;
    out.role = role;
    out.parts = std::move(parts);
    out.index = index;
    return out;
}

inline chat::Part text(std::string words) {
    return {chat::Text{std::move(words)}, {}};
}

inline chat::Part call(std::string id, std::string name, std::string arguments = "{}",
                       std::string signature = "") {
    chat::ToolCall out;
    out.id = std::move(id);
    out.name = std::move(name);
    out.arguments = std::move(arguments);
    out.signature = std::move(signature);
    return {std::move(out), {}};
}

inline chat::Part result(std::string id, std::string words, bool is_error = false) {
    chat::ToolResult out;
    out.call_id = std::move(id);
    out.parts.emplace_back(chat::Text{std::move(words)});
    out.is_error = is_error;
    return {std::move(out), {}};
}

inline chat::Tool tool(std::string name, std::string schema = "") {
    chat::Tool out;
    out.name = std::move(name);
    out.description = "d";
    out.schema = std::move(schema);
    return out;
}

inline Conversation hello() {
    Conversation out;
    out.messages.push_back(message(chat::Role::user, {text("Hi")}));
    return out;
}

inline Result<Written> write(const Conversation& conversation, const ModelFacts& facts, bool strict = false) {
    TranslateOptions options;
    options.model = "gemini-x";
    options.facts = &facts;
    options.strict = strict;
    return write_gemini(conversation, false, options);
}

inline JsonValue body(const Conversation& conversation, const ModelFacts& facts = gemini_4()) {
    const auto written = write(conversation, facts);
    if (!written) {
        ADD_FAILURE() << written.problem().message();
        return {};
    }
    auto json = parsed(written->body);
    EXPECT_FALSE(!json.is_object()) << written->body;
    return json;
}

inline std::string contents(const Conversation& conversation, const ModelFacts& facts = gemini_4()) {
    return body(conversation, facts)["contents"].dump();
}

inline std::vector<std::string> dropped(const Conversation& conversation,
                                        const ModelFacts& facts = gemini_4()) {
    const auto written = write(conversation, facts);
    if (!written) {
        ADD_FAILURE() << written.problem().message();
        return {};
    }
    const auto strict = write(conversation, facts, true);
    EXPECT_EQ(static_cast<bool>(strict), written->dropped.empty());
    if (!strict) {
        EXPECT_EQ(strict.problem().kind(), ProblemKind::unsupported_parameter);
        EXPECT_THAT(written->dropped, testing::Contains(strict.problem().param()));
    }
    return written->dropped;
}

/// The field that makes the request impossible, in lossy mode as well; empty: none does.
inline std::string refused(const Conversation& conversation, const ModelFacts& facts = gemini_4()) {
    const auto written = write(conversation, facts);
    if (written) {
        return {};
    }
    EXPECT_EQ(written.problem().kind(), ProblemKind::unsupported_parameter);
    return written.problem().param();
}

}  // namespace gatehouse::dialect::test::gemini_asked

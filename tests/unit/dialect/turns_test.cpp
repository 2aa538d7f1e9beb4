// The order of a history: alternation, system messages in the middle, calls and their results.
#include "dialect/turns.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Part;
using chat::Role;

Part text(std::string words) {
    return Part{chat::Text{std::move(words)}, {}};
}

Part call(std::string id, std::string name = "f") {
    chat::ToolCall made;
    made.id = std::move(id);
    made.name = std::move(name);
    return Part{std::move(made), {}};
}

Part result(std::string id, std::string words) {
    chat::ToolResult made;
    made.call_id = std::move(id);
    made.parts.emplace_back(chat::Text{std::move(words)});
    return Part{std::move(made), {}};
}

Part thought(std::string words) {
    chat::Reasoning made;
    made.text = std::move(words);
    return Part{std::move(made), {}};
}

chat::Conversation conversation(std::vector<std::pair<Role, std::vector<Part>>> messages) {
    chat::Conversation out;
    for (auto& [role, parts] : messages) {
        chat::Message message;
        message.role = role;
        message.parts = std::move(parts);
        message.index = out.messages.size();
        out.messages.push_back(std::move(message));
    }
    return out;
}

std::string in_words(const Part& part) {
    if (const auto* said = std::get_if<chat::Text>(&part.what)) {
        return said->text;
    }
    if (const auto* refusal = std::get_if<chat::Refusal>(&part.what)) {
        return "refusal " + refusal->text;
    }
    if (const auto* made = std::get_if<chat::ToolCall>(&part.what)) {
        return "call " + made->id;
    }
    if (const auto* media = std::get_if<chat::Media>(&part.what)) {
        return "media " + media->url;
    }
    return "thought " + std::get<chat::Reasoning>(part.what).text;
}

/// "S: rules | u: hi | a: call A | u: {A=42} thanks".
std::string in_words(const Turns& turns) {
    std::string out;
    const auto append = [&](const std::string& who, const Turn& turn) {
        out += (out.empty() ? "" : " | ") + who + ":";
        for (const auto& answered : turn.results) {
            const auto& result = std::get<chat::ToolResult>(answered.result->what);
            EXPECT_EQ(answered.made_up, result.is_error);
            EXPECT_EQ(answered.call->id, result.call_id);
            out += " {" + result.call_id + "=" + std::get<chat::Text>(result.parts.at(0)).text + "}";
        }
        for (const auto* part : turn.parts) {
            out += " " + in_words(*part);
        }
    };
    if (!turns.system.empty()) {
        append("S", Turn{Speaker::system, {}, turns.system, 0});
    }
    for (const auto& turn : turns.turns) {
        constexpr std::array names{"u", "a", "s"};
        append(names[static_cast<std::size_t>(turn.speaker)], turn);
    }
    return out;
}

std::string ordered(std::vector<std::pair<Role, std::vector<Part>>> messages, const TurnRules& rules = {}) {
    const auto said = conversation(std::move(messages));
    const auto turns = in_turns(said, rules);
    return turns ? in_words(*turns) : turns.problem().param() + " refused";
}

TEST(Turns, leading_system_messages_stand_apart) {
    EXPECT_EQ(ordered({{Role::system, {text("one"), text("two")}},
                       {Role::developer, {text("three")}},
                       {Role::user, {text("hi")}}}),
              "S: one two three | u: hi");
}

TEST(Turns, neighbours_of_one_speaker_become_one_turn) {
    EXPECT_EQ(ordered({{Role::user, {text("a")}},
                       {Role::user, {text("b")}},
                       {Role::assistant, {text("c")}},
                       {Role::assistant, {text("d")}}}),
              "u: a b | a: c d");
}

TEST(Turns, a_turn_names_the_last_message_in_it) {
    const auto said = conversation({{Role::system, {text("s")}},
                                    {Role::user, {text("a")}},
                                    {Role::user, {text("b")}},
                                    {Role::user, {}}});
    const auto turns = in_turns(said, {});
    ASSERT_TRUE(turns);
    EXPECT_EQ(turns->turns.at(0).index, 2U);
}

TEST(Turns, what_is_empty_goes_and_its_neighbours_meet) {
    EXPECT_EQ(ordered({{Role::user, {text("a"), text(" \n")}},
                       {Role::assistant, {text(""), Part{chat::Refusal{}, {}}}},
                       {Role::user, {text("b")}}}),
              "u: a b");
    TurnRules blank;
    blank.blank_text = true;
    EXPECT_EQ(ordered({{Role::user, {text("a"), text(" ")}}, {Role::assistant, {text("")}}}, blank),
              "u: a  ");
}

TEST(Turns, AWideTurnWhoseCallsShareAnIdIsAnsweredInTheOrderOfItsCalls) {
    constexpr std::size_t calls = 50'000;  // a scan of them for each would take minutes
    std::vector<Part> asked;
    std::vector<Part> answers;
    for (std::size_t i = 0; i < calls; ++i) {
        asked.push_back(call("c"));
        answers.push_back(result("c", std::to_string(i)));
    }
    answers.push_back(result("c", "again"));
    const auto said = conversation(
        {{Role::user, {text("hi")}}, {Role::assistant, std::move(asked)}, {Role::tool, std::move(answers)}});
    const auto turns = in_turns(said, {});
    ASSERT_TRUE(turns);
    const auto& answered = turns->turns.at(2).results;
    ASSERT_EQ(answered.size(), calls);
    const auto words = [&](std::size_t index) {
        return std::get<chat::Text>(std::get<chat::ToolResult>(answered[index].result->what).parts.at(0))
            .text;
    };
    EXPECT_EQ(words(0), "0");
    EXPECT_EQ(words(calls / 2), std::to_string(calls / 2));
    EXPECT_EQ(words(calls - 1), "again");
}

TEST(Turns, thoughts_stay_only_when_asked_for) {
    const std::vector<std::pair<Role, std::vector<Part>>> said{
        {Role::user, {text("a")}}, {Role::assistant, {thought("hm")}}, {Role::user, {text("b")}}};
    EXPECT_EQ(ordered(said), "u: a b");
    TurnRules thoughts;
    thoughts.reasoning = true;
    EXPECT_EQ(ordered(said, thoughts), "u: a | a: thought hm | u: b");
}

TEST(Turns, a_history_that_begins_with_the_assistant_stays_as_it_is) {
    EXPECT_EQ(ordered({{Role::assistant, {text("a")}}, {Role::user, {text("b")}}}), "a: a | u: b");
}

TEST(Turns, of_system_messages_alone_the_last_one_is_asked) {
    EXPECT_EQ(ordered({{Role::system, {text("one")}},
                       {Role::system, {text("two"), text("three")}},
                       {Role::user, {text("")}}}),
              "S: one | u: two three");
    EXPECT_EQ(ordered({{Role::system, {text("one")}}}), "u: one");
}

TEST(Turns, nothing_at_all_is_refused) {
    EXPECT_EQ(ordered({}), "messages refused");
    EXPECT_EQ(ordered({{Role::system, {text("")}}, {Role::user, {text("")}}}), "messages refused");
}

TEST(Turns, later_system_messages_are_wrapped_where_they_stand) {
    EXPECT_EQ(ordered({{Role::user, {text("a")}},
                       {Role::system, {text("s")}},
                       {Role::assistant, {text("b")}},
                       {Role::user, {text("c")}}}),
              "u: a <system>s</system> | a: b | u: c");
    EXPECT_EQ(ordered({{Role::user, {text("a")}},
                       {Role::assistant, {text("b")}},
                       {Role::developer, {text("s")}},
                       {Role::user, {text("c")}}}),
              "u: a | a: b | u: <system>s</system> c");
    EXPECT_EQ(
        ordered({{Role::user, {text("a")}}, {Role::assistant, {text("b")}}, {Role::developer, {text("s")}}}),
        "u: a | a: b | u: <system>s</system>");
}

TEST(Turns, a_wrapped_system_message_keeps_its_cache_mark) {
    auto marked = text("s");
    marked.cache = chat::CacheLifetime::one_hour;
    const auto said = conversation({{Role::user, {text("a")}}, {Role::system, {marked}}});
    const auto turns = in_turns(said, {});
    ASSERT_TRUE(turns);
    EXPECT_EQ(turns->turns.at(0).parts.at(1)->cache, chat::CacheLifetime::one_hour);
}

TEST(Turns, later_system_messages_stay_where_the_model_allows_them) {
    TurnRules rules;
    rules.later_system = true;
    EXPECT_EQ(ordered({{Role::user, {text("a")}},
                       {Role::system, {text("s")}},
                       {Role::system, {text("t")}},
                       {Role::assistant, {text("b")}},
                       {Role::user, {text("c")}},
                       {Role::system, {text("u")}}},
                      rules),
              "u: a | s: s t | a: b | u: c | s: u");
    // Before a user's message, or behind the assistant's, it cannot stand.
    EXPECT_EQ(
        ordered({{Role::user, {text("a")}}, {Role::system, {text("s")}}, {Role::user, {text("b")}}}, rules),
        "u: a <system>s</system> b");
    EXPECT_EQ(
        ordered({{Role::user, {text("a")}}, {Role::assistant, {text("b")}}, {Role::system, {text("s")}}},
                rules),
        "u: a | a: b | u: <system>s</system>");
    EXPECT_EQ(ordered({{Role::user, {text("a")}},
                       {Role::assistant, {call("A")}},
                       {Role::tool, {result("A", "1")}},
                       {Role::system, {text("s")}}},
                      rules),
              "u: a | a: call A | u: {A=1} | s: s");
}

TEST(Turns, results_come_first_in_the_order_of_the_calls) {
    EXPECT_EQ(ordered({{Role::user, {text("a")}},
                       {Role::assistant, {text("b"), call("A"), call("B")}},
                       {Role::system, {text("s")}},
                       {Role::tool, {result("B", "2")}},
                       {Role::tool, {result("A", "1")}},
                       {Role::user, {text("c")}}}),
              "u: a | a: b call A call B | u: {A=1} {B=2} <system>s</system> c");
}

TEST(Turns, calls_of_merged_messages_are_answered_together) {
    EXPECT_EQ(ordered({{Role::assistant, {call("A")}},
                       {Role::assistant, {call("B")}},
                       {Role::tool, {result("A", "1")}},
                       {Role::tool, {result("B", "2")}}}),
              "a: call A call B | u: {A=1} {B=2}");
}

TEST(Turns, calls_one_after_the_other_keep_their_own_turns) {
    EXPECT_EQ(ordered({{Role::assistant, {call("A")}},
                       {Role::tool, {result("A", "1")}},
                       {Role::assistant, {call("B")}},
                       {Role::tool, {result("B", "2")}}}),
              "a: call A | u: {A=1} | a: call B | u: {B=2}");
}

TEST(Turns, a_call_without_result_gets_an_error) {
    EXPECT_EQ(ordered({{Role::assistant, {call("A"), call("B")}},
                       {Role::tool, {result("B", "2")}},
                       {Role::assistant, {call("C", "g")}}}),
              "a: call A call B | u: {A=No result provided} {B=2} | a: call C | u: {C=No result provided}");
    const auto said = conversation({{Role::assistant, {call("C", "g")}}});
    const auto turns = in_turns(said, {});
    ASSERT_TRUE(turns);
    EXPECT_EQ(std::get<chat::ToolResult>(turns->turns.at(1).results.at(0).result->what).name, "g");
}

TEST(Turns, a_late_result_is_put_behind_its_call_instead_of_an_error) {
    EXPECT_EQ(ordered({{Role::assistant, {call("A")}},
                       {Role::user, {text("wait")}},
                       {Role::assistant, {text("ok")}},
                       {Role::tool, {result("A", "1")}},
                       {Role::user, {text("go on")}}}),
              "a: call A | u: {A=1} wait | a: ok | u: go on");
}

TEST(Turns, of_two_results_the_last_counts) {
    EXPECT_EQ(ordered({{Role::assistant, {call("A")}},
                       {Role::tool, {result("A", "1")}},
                       {Role::tool, {result("A", "2")}}}),
              "a: call A | u: {A=2}");
}

TEST(Turns, ids_that_come_again_belong_to_the_newest_call) {
    EXPECT_EQ(ordered({{Role::assistant, {call("A")}},
                       {Role::tool, {result("A", "1")}},
                       {Role::assistant, {call("A")}},
                       {Role::tool, {result("A", "2")}}}),
              "a: call A | u: {A=1} | a: call A | u: {A=2}");
    EXPECT_EQ(ordered({{Role::assistant, {call("A"), call("A")}},
                       {Role::tool, {result("A", "1")}},
                       {Role::tool, {result("A", "2")}},
                       {Role::tool, {result("A", "3")}}}),
              "a: call A call A | u: {A=1} {A=3}");
}

TEST(Turns, a_result_without_call_is_told_by_the_user) {
    auto orphan = result("X", "seen ");
    auto& parts = std::get<chat::ToolResult>(orphan.what).parts;
    chat::Media image;
    image.url = "https://example.org/a.png";
    parts.emplace_back(image);
    parts.emplace_back(chat::Text{"twice"});
    EXPECT_EQ(ordered({{Role::user, {text("a")}}, {Role::tool, {orphan}}}),
              "u: a [tool result for X] seen twice media https://example.org/a.png");
}

TEST(Turns, a_longer_history_begins_with_the_same_turns) {
    const std::vector<std::pair<Role, std::vector<Part>>> said{
        {Role::system, {text("s")}},      {Role::user, {text("a")}},
        {Role::system, {text("t")}},      {Role::assistant, {call("A"), call("B")}},
        {Role::tool, {result("B", "2")}}, {Role::tool, {result("A", "1")}},
        {Role::assistant, {text("b")}},   {Role::user, {text("c")}},
        {Role::developer, {text("u")}},   {Role::assistant, {text("d")}},
    };
    const auto whole = ordered(said);
    // Cut where a request would have been sent: behind what the user's side said.
    for (const std::size_t size : {3U, 6U, 9U}) {
        const auto prefix = ordered({said.begin(), said.begin() + static_cast<std::ptrdiff_t>(size)});
        EXPECT_TRUE(whole.starts_with(prefix)) << prefix << "\n" << whole;
    }
}

}  // namespace
}  // namespace gatehouse::dialect

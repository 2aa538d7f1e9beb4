#include "gatehouse/dialect/thoughts.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gatehouse::dialect {
namespace {

using chat::Event;
using chat::EventKind;

class Memory : public ThoughtMemory {
public:
    std::optional<KeptThoughts> find(std::string_view call_id) const override {
        const auto found = kept.find(std::string(call_id));
        return found == kept.end() ? std::nullopt : std::optional(found->second);
    }
    void keep(std::string_view call_id, KeptThoughts thoughts) override {
        kept[std::string(call_id)] = std::move(thoughts);
    }
    void forget(std::string_view call_id) override { kept.erase(std::string(call_id)); }
    std::map<std::string, KeptThoughts> kept;
};

Event said(EventKind kind, std::string_view text) {
    Event event;
    event.kind = kind;
    event.text = text;
    return event;
}

Event call(std::string_view id, std::string_view signature = {}) {
    Event event;
    event.kind = EventKind::tool_start;
    event.id = id;
    event.signature = signature;
    return event;
}

chat::Conversation turn_with(std::vector<chat::Part> parts) {
    chat::Conversation conversation;
    chat::Message message;
    message.role = chat::Role::assistant;
    message.parts = std::move(parts);
    conversation.messages.push_back(std::move(message));
    return conversation;
}

chat::Part call_part(const std::string& id) {
    chat::ToolCall made;
    made.id = id;
    return {made, std::nullopt};
}

chat::Part thought_part(std::string text, std::string signature, std::optional<chat::Vendor> origin = {}) {
    chat::Reasoning thought;
    thought.text = std::move(text);
    thought.signature = std::move(signature);
    thought.origin = origin;
    return {thought, std::nullopt};
}

/// `t(text|signature)`, `r(data)`, `c(id|signature)` in their order.
std::string in_short(const chat::Conversation& conversation) {
    std::string out;
    for (const auto& part : conversation.messages.front().parts) {
        if (const auto* thought = std::get_if<chat::Reasoning>(&part.what)) {
            out += thought->redacted.empty() ? "t(" + thought->text + "|" + thought->signature + ")"
                                             : "r(" + thought->redacted + ")";
        } else if (const auto* made = std::get_if<chat::ToolCall>(&part.what)) {
            out += "c(" + made->id + "|" + made->signature + ")";
        } else {
            out += "other";
        }
    }
    return out;
}

TEST(ThoughtKeeper, KeepsTheBlocksOfATurnWithItsFirstCall) {
    const auto memory = std::make_shared<Memory>();
    ThoughtKeeper keeper(memory);
    const std::vector<Event> events{said(EventKind::reasoning, "let "),
                                    said(EventKind::reasoning, "me"),
                                    said(EventKind::signature, "sig1"),
                                    said(EventKind::redacted, "dark"),
                                    said(EventKind::signature, "sig2"),
                                    call("a"),
                                    call("b", "g")};
    keeper.see(events);
    EXPECT_TRUE(memory->kept.empty()) << "a reply that may still fail is not remembered";
    keeper.keep();
    auto conversation = turn_with({call_part("a"), call_part("b")});
    recall_thoughts(conversation, chat::Vendor::anthropic, memory.get());
    EXPECT_EQ(in_short(conversation), "t(let me|sig1)r(dark)t(|sig2)c(a|)c(b|g)");
}

TEST(ThoughtKeeper, KeepsNothingThatHasNoSignature) {
    const auto memory = std::make_shared<Memory>();
    ThoughtKeeper keeper(memory);
    Event elsewhere = call("z", "s");
    elsewhere.choice = 1;
    const std::vector<Event> events{said(EventKind::reasoning, "hm"), call("a"), elsewhere};
    keeper.see(events);
    keeper.keep();
    EXPECT_TRUE(memory->kept.empty());
    ThoughtKeeper nowhere(nullptr);
    nowhere.see(events);
    nowhere.keep();
}

TEST(ThoughtKeeper, ForgetsWhatWasRefusedWhenItIsAnsweredWithout) {
    const auto memory = std::make_shared<Memory>();
    memory->kept["a"] = {{}, "refused"};
    memory->kept["b"] = {{}, "refused"};
    memory->kept["other"] = {{}, "of another conversation"};
    auto conversation = turn_with({thought_part("hm", "s"), call_part("a"), call_part("b"), call_part("c")});
    ThoughtKeeper keeper(memory, leave_out_thoughts(conversation));
    EXPECT_EQ(in_short(conversation), "c(a|)c(b|)c(c|)");
    keeper.see(std::vector{call("b", "new")});
    EXPECT_EQ(memory->kept.size(), 3U) << "a reply that may still fail changes nothing";
    keeper.keep();
    ASSERT_EQ(memory->kept.size(), 2U);
    EXPECT_EQ(memory->kept["b"].signature, "new");
    EXPECT_EQ(memory->kept["other"].signature, "of another conversation");
    ThoughtKeeper nowhere(nullptr, {"a"});
    nowhere.keep();
}

TEST(RecallThoughts, LetsTheClientsOwnStand) {
    Memory memory;
    memory.kept["a"] = {{chat::Reasoning{"kept", "k", {}, {}}}, "call"};
    auto brought = turn_with({thought_part("own", "o"), call_part("a")});
    recall_thoughts(brought, chat::Vendor::anthropic, &memory);
    EXPECT_EQ(in_short(brought), "t(own|o)c(a|call)");
    auto text_only = turn_with({thought_part("shown", ""), call_part("a")});
    recall_thoughts(text_only, chat::Vendor::anthropic, &memory);
    EXPECT_EQ(in_short(text_only), "t(kept|k)c(a|call)");
}

TEST(RecallThoughts, SaysWhoseModelMadeThem) {
    Memory memory;
    memory.kept["a"] = {{chat::Reasoning{"kept", "k", {}, {}}}, ""};
    auto conversation = turn_with({call_part("a")});
    recall_thoughts(conversation, chat::Vendor::openai, &memory);
    const auto& parts = conversation.messages.front().parts;
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(std::get<chat::Reasoning>(parts[0].what).origin, chat::Vendor::openai);
}

TEST(RecallThoughts, LeavesOutWhatAnotherVendorMade) {
    auto conversation = turn_with({thought_part("x", "s", chat::Vendor::gemini),
                                   thought_part("y", "s", chat::Vendor::anthropic), call_part("a")});
    recall_thoughts(conversation, chat::Vendor::anthropic, nullptr);
    EXPECT_EQ(in_short(conversation), "t(y|s)c(a|)");
}

}  // namespace
}  // namespace gatehouse::dialect

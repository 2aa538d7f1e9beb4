// The history of a conversation in the order that Anthropic and Gemini insist on: user and model in turn, and
// behind the calls of a model one user turn that answers all of them.
//
// Knows no vendor's words; a pure function of the messages, so that the turns of an unchanged prefix stay the
// same. Room: dialect, private. May include: core, chat.
#pragma once

#include "gatehouse/chat/conversation.hpp"
#include "gatehouse/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace gatehouse::dialect {

enum class Speaker : std::uint8_t { user, assistant, system };

/// A call with its result.
struct Answered {
    const chat::ToolCall* call{nullptr};
    const chat::Part* result{nullptr};  // holds a ToolResult
    bool made_up{false};                // nobody answered: an error says so
};

struct Turn {
    Speaker speaker{Speaker::user};
    /// Of a user turn: the answers to all calls of the turn before it, in the order of the calls. They come
    /// before `parts`.
    std::vector<Answered> results;
    /// Never a ToolResult; a ToolCall only of the assistant; of a system turn, text alone.
    std::vector<const chat::Part*> parts;
    std::size_t index{0};  // of the last message that has a share in it
};

/// Points into the conversation, and into itself for what had to be made.
struct Turns {
    std::vector<const chat::Part*> system;  // the texts before the first turn
    std::vector<Turn> turns;                // not empty; neighbours differ in their speaker
    std::deque<chat::Part> made;
};

struct TurnRules {
    /// System messages behind the first turn may stay where the newer models allow them: behind a user turn,
    /// and last or before one of the assistant. Elsewhere they become `<system>…</system>` in a user turn.
    bool later_system{false};
    /// They may stay anywhere, as with OpenAI, which makes turns of their own out of them.
    bool system_anywhere{false};
    bool reasoning{false};        // thoughts stay; else they are left out
    bool text_signatures{false};  // but signatures of Gemini's that stand alone: they belong to a text
    bool blank_text{false};       // text of white space alone stays
};

/// A signature of Gemini's without a thought, as its texts have them: it stands behind the text.
bool is_text_signature(const chat::Reasoning& thought) noexcept;

/// wire-formats 8.2 and 9.2. Results without a call become the user's text, calls without a result get an
/// error, of several results the last one counts. Problem: invalid_value of `messages` when nothing is left
/// to say. REQUIRES: the conversation outlives what is returned.
Result<Turns> in_turns(const chat::Conversation& conversation, const TurnRules& rules);

}  // namespace gatehouse::dialect

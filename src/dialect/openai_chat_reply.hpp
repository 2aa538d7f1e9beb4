// What chunks and whole replies of OpenAI's chat dialect have in common.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "json_out.hpp"

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/chat/event.hpp"
#include "gatehouse/chat/usage.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// Thoughts with what shows their provider that they are its own, or the opaque form of them.
struct Thought {
    std::string text;
    std::string signature;  // as it is shown
    std::string_view redacted;
};

/// The members that all objects of one reply begin with.
struct ReplyHead {
    std::string id;
    std::string model;
    std::int64_t created{0};  // seconds
    void write(JsonOut& json, std::string_view object) const;
};

/// OpenAI refuses what it did not encrypt itself, and its clients do not say whose a signature is: its own
/// are marked.
std::string shown_signature(std::optional<chat::Vendor> origin, std::string_view signature);

/// LiteLLM's form and OpenRouter's: clients know one or the other, and bring it back (wire-formats 15.4).
/// `index` is of the first.
void write_thoughts(JsonOut& json, std::span<const Thought> thoughts, std::size_t index);

/// The value of `usage`.
/// `cost`: a JSON number; empty: it is not told.
void write_usage(JsonOut& json, const chat::Usage& usage, std::string_view cost = {});

/// Google's carrier, as a member of a call; nothing for an empty signature.
void write_call_signature(JsonOut& json, std::string_view signature);

/// An element of `images`: the data URL of an image event.
void write_image(JsonOut& json, const chat::Event& event);

/// Providers do not always agree with their own calls on how an answer ended (wire-formats 11.1).
chat::Finish settled(chat::Finish finish, bool has_calls) noexcept;

/// A whole reply out of all its events. openai_chat_reply_whole.cpp.
std::string whole_chat_reply(const ReplyHead& head, bool show_reasoning, std::optional<chat::Vendor> origin,
                             std::span<const chat::Event> events, const chat::Usage& usage);

}  // namespace gatehouse::dialect

// What replies of OpenAI's chat completions are made of, whole or in chunks, as their members come.
//
// Reads only; what follows from it is for openai_chat_provider_reply.cpp. Room: dialect, private. May
// include: core, wire, chat.
#pragma once

#include "reply_words.hpp"

#include "gatehouse/chat/usage.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// A call, or the next piece of one.
struct ChatCallPiece {
    std::optional<std::int64_t> index;
    std::string_view id;
    std::string_view name;
    std::string_view arguments;
    bool custom{false};
};

/// A message, or what a delta adds to it.
struct ChatMessagePiece {
    std::vector<std::string_view> texts;
    std::string_view reasoning;
    std::string_view refusal;
    std::vector<ChatCallPiece> calls;
    std::optional<ChatCallPiece> function_call;  // from before there were tools
    std::vector<std::string_view> images;        // URLs
    std::vector<std::string_view> annotations;   // JSON
};

struct ChatChoicePiece {
    std::int64_t index{0};
    ChatMessagePiece message;
    std::string_view finish_reason;  // empty: none
    std::string_view logprobs;       // JSON: the array of its `content`; empty: none
};

/// One chunk of a stream, or a whole reply.
struct ChatReplyPiece {
    std::string_view id;
    std::string_view model;
    std::vector<ChatChoicePiece> choices;
    bool has_choices{false};  // an array, be it empty
    bool has_usage{false};
    bool error{false};
};

enum class ChatReplyKind : std::uint8_t { whole, chunk };

/// Reads all of `data`; false: it is no JSON object. `usage` is overwritten if there is one. The views live
/// as long as `data` and what `texts` keeps.
bool read_chat_reply(std::string_view data, ChatReplyKind kind, Texts& texts, chat::Usage& usage,
                     ChatReplyPiece& piece);

}  // namespace gatehouse::dialect

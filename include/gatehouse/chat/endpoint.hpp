// The things a caller can ask for, and the vendor's words it asks in.
// Room: chat.
#pragma once

#include <cstdint>
#include <string_view>

namespace gatehouse::chat {

enum class Endpoint : std::uint8_t {
    chat_completions,
    completions,
    embeddings,
    responses,
    moderations,
    images_generations,
    audio_speech,
    audio_transcriptions,
    audio_translations,
    count_response_tokens,
    // Anthropic's
    messages,
    count_message_tokens,
    // Gemini's; its streams are a path of their own, `Request::stream` says which
    generate_content,
    count_content_tokens,
    embed_content,
    batch_embed_contents,
};

enum class Vendor : std::uint8_t { openai, anthropic, gemini };

/// Whose words a request to this endpoint is said in.
Vendor vendor_of(Endpoint endpoint) noexcept;
/// Is it one of the four ways to ask for the next turn of a conversation?
bool is_conversation(Endpoint endpoint) noexcept;

/// `chat.completions`, `embeddings`, `messages` …: the label in logs and metrics.
std::string_view name_of(Endpoint endpoint) noexcept;

}  // namespace gatehouse::chat

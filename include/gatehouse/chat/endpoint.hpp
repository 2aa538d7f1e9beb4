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
};

enum class Vendor : std::uint8_t { openai, anthropic, gemini };

/// `chat.completions`, `embeddings` …: the label in logs and metrics.
std::string_view name_of(Endpoint endpoint) noexcept;

}  // namespace gatehouse::chat

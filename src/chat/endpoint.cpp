#include "gatehouse/chat/endpoint.hpp"

namespace gatehouse::chat {

std::string_view name_of(Endpoint endpoint) noexcept {
    switch (endpoint) {
        case Endpoint::chat_completions:
            return "chat.completions";
        case Endpoint::completions:
            return "completions";
        case Endpoint::embeddings:
            return "embeddings";
        case Endpoint::responses:
            return "responses";
        case Endpoint::moderations:
            return "moderations";
        case Endpoint::images_generations:
            return "images.generations";
        case Endpoint::audio_speech:
            return "audio.speech";
        case Endpoint::audio_transcriptions:
            return "audio.transcriptions";
        case Endpoint::audio_translations:
            return "audio.translations";
        case Endpoint::count_response_tokens:
            return "responses.input_tokens";
        case Endpoint::messages:
            return "messages";
        case Endpoint::count_message_tokens:
            return "messages.count_tokens";
        case Endpoint::generate_content:
            return "generate_content";
        case Endpoint::count_content_tokens:
            return "count_tokens";
        case Endpoint::embed_content:
            return "embed_content";
        case Endpoint::batch_embed_contents:
            return "batch_embed_contents";
    }
    return "unknown";
}

Vendor vendor_of(Endpoint endpoint) noexcept {
    switch (endpoint) {
        case Endpoint::messages:
        case Endpoint::count_message_tokens:
            return Vendor::anthropic;
        case Endpoint::generate_content:
        case Endpoint::count_content_tokens:
        case Endpoint::embed_content:
        case Endpoint::batch_embed_contents:
            return Vendor::gemini;
        default:
            return Vendor::openai;
    }
}

bool is_conversation(Endpoint endpoint) noexcept {
    return endpoint == Endpoint::chat_completions || endpoint == Endpoint::responses ||
           endpoint == Endpoint::messages || endpoint == Endpoint::generate_content;
}

}  // namespace gatehouse::chat

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
    }
    return "unknown";
}

}  // namespace gatehouse::chat

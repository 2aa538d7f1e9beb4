#include "gatehouse/chat/usage.hpp"

namespace gatehouse::chat {

// `auto` and `on_demand` are what compatible servers call their only way.
Service service_named(std::string_view word) noexcept {
    if (word == "default" || word == "standard" || word.empty() || word == "auto" || word == "on_demand") {
        return Service::standard;
    }
    if (word == "priority") {
        return Service::priority;
    }
    if (word == "flex") {
        return Service::flex;
    }
    if (word == "batch") {
        return Service::batch;
    }
    return word == "fast" ? Service::fast : Service::other;
}

Usage& Usage::operator+=(const Usage& other) noexcept {
    input += other.input;
    cached_input += other.cached_input;
    cache_write += other.cache_write;
    cache_write_1h += other.cache_write_1h;
    input_image += other.input_image;
    input_audio += other.input_audio;
    input_video += other.input_video;
    output += other.output;
    reasoning += other.reasoning;
    output_audio += other.output_audio;
    output_image += other.output_image;
    service = other.service;
    known = known || other.known;
    parts = other.parts;
    unbilled = other.unbilled;
    return *this;
}

}  // namespace gatehouse::chat

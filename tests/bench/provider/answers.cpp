#include "answers.hpp"

#include "clock.hpp"

#include <array>
#include <charconv>

namespace gatehouse::bench {

void append_message(std::string& out, int status, std::string_view type, std::string_view body) {
    out.append("HTTP/1.1 ").append(std::to_string(status)).append(status == 200 ? " OK" : " Mock");
    out.append("\r\ncontent-type: ")
        .append(type)
        .append("\r\ncontent-length: ")
        .append(std::to_string(body.size()));
    out.append("\r\n\r\n").append(body);
}

void append_stream_head(std::string& out, std::string_view type) {
    out.append("HTTP/1.1 200 OK\r\ncontent-type: ").append(type);
    out.append("\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n");
}

void append_http_chunk(std::string& out, std::string_view payload) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), payload.size(), 16);
    out.append(digits.data(), end.ptr).append("\r\n").append(payload).append("\r\n");
}

void append_last_http_chunk(std::string& out) {
    out.append("0\r\n\r\n");
}

std::string filler(int size) {
    constexpr std::string_view words = "the quick brown fox jumps over a lazy dog while counting tokens ";
    std::string text(static_cast<std::size_t>(size), ' ');
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] = words[i % words.size()];
    }
    return text;
}

std::string marked_text(int sequence, std::string_view filler) {
    std::string text = "@" + std::to_string(sequence) + ":" + std::to_string(now_ns()) + ";";
    return text.append(filler);
}

std::size_t tokens_of(std::size_t bytes) {
    constexpr std::size_t bytes_per_token = 4;
    return bytes / bytes_per_token;
}

std::string_view text_after(std::string_view body, std::string_view key) {
    const std::size_t at = body.find(key);
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = body.substr(at + key.size());
    return rest.substr(0, rest.find('"'));
}

}  // namespace gatehouse::bench

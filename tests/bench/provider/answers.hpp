// What the provider writes: OpenAI chat, whole or as SSE in HTTP chunks, the shapes of OpenAI's own API.
#pragma once

#include "plan.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::bench {

struct Asked {
    std::string model;
    std::size_t body_size{0};
    std::uint64_t id{0};
    bool stream{false};
    bool usage{false};  // stream_options.include_usage
};

void append_message(std::string& out, int status, std::string_view type, std::string_view body);
std::string whole_answer(const Asked& asked, const Plan& plan);
std::string error_answer(int status);

void append_stream_head(std::string& out, const Asked& asked);
/// Its text holds `@SEQUENCE:SENT_NS;`, so that a reader can check order, loss and delay.
void append_stream_chunk(std::string& out, const Asked& asked, int sequence, std::string_view filler);
void append_stream_done(std::string& out, const Asked& asked, int chunks);
void append_stream_error(std::string& out);
void append_last_http_chunk(std::string& out);
std::string filler(int size);

}  // namespace gatehouse::bench

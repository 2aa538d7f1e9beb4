// What answers of every API are made of: the frame around them, and the text in them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatehouse::bench {

void append_message(std::string& out, int status, std::string_view type, std::string_view body);
void append_stream_head(std::string& out, std::string_view type);
void append_http_chunk(std::string& out, std::string_view payload);
void append_last_http_chunk(std::string& out);

std::string filler(int size);
/// `@SEQUENCE:NOW_NS;` and the filler: so a reader can check order, loss and delay.
std::string marked_text(int sequence, std::string_view filler);
/// How many tokens these bytes are held to be.
std::size_t tokens_of(std::size_t bytes);

/// The value of a string member, `key` with quotes and colon; empty when there is none.
std::string_view text_after(std::string_view body, std::string_view key);

}  // namespace gatehouse::bench

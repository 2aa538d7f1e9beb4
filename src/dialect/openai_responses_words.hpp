// What replies of OpenAI's Responses are made of, whole or event by event, as their members come.
//
// Reads only; what follows from it is for openai_responses_provider_reply.cpp. Room: dialect, private. May
// include: core, wire, chat.
#pragma once

#include "reply_words.hpp"

#include "gatehouse/chat/usage.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// A part of a message, of a summary or of thoughts.
struct ResponsePartPiece {
    std::string_view text;
    std::string_view refusal;
    std::vector<std::string_view> annotations;  // JSON
};

/// An item of any type; each has some of these.
struct ResponseItemPiece {
    std::string_view type;
    std::string_view id;
    std::string_view phase;
    std::string_view call_id;
    std::string_view name;
    std::string_view arguments;  // or the input of a custom tool
    std::string_view encrypted;
    std::string_view image;  // base64
    std::string_view image_format;
    std::vector<ResponsePartPiece> content;
    std::vector<ResponsePartPiece> summary;
};

/// A response object: the body of a whole reply, or what some events carry.
struct ResponsePiece {
    std::string_view id;
    std::string_view model;
    std::string_view status;
    std::string_view reason;  // why it is incomplete
    std::vector<ResponseItemPiece> output;
    bool has_output{false};  // an array, be it empty
    bool error{false};
};

struct ResponseEventPiece {
    std::string_view type;
    std::string_view item_id;
    std::optional<std::int64_t> output_index;
    std::int64_t part{0};  // of the item's content or summary
    std::string_view delta;
    std::string_view text;        // all of it: text, refusal, arguments or input
    std::string_view annotation;  // JSON; empty: none
    std::optional<ResponseItemPiece> item;
    ResponsePiece response;
    bool error{false};
};

/// Both read all of `data`; false: it is no JSON object. `usage` is overwritten if there is one. The views
/// live as long as `data` and what `texts` keeps.
bool read_response(std::string_view data, Texts& texts, chat::Usage& usage, ResponsePiece& piece);
bool read_response_event(std::string_view data, Texts& texts, chat::Usage& usage, ResponseEventPiece& piece);

}  // namespace gatehouse::dialect

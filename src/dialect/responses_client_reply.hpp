// What the writer of Responses is made of: the settings a response repeats, and its items while neutral
// events bring them.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "json_out.hpp"

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/chat/event.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// The settings of a request that its response repeats (openai-stateful-apis.md 3), with what stands for
/// those that were not sent. Each on one line, as events must be.
class ResponseSettings {
public:
    ResponseSettings(std::string_view request, std::string_view previous_response);
    /// As members of an object that has begun.
    void write(JsonOut& json) const;
    /// The client wants thoughts in the form that it can bring back.
    bool wants_encrypted() const noexcept { return wants_encrypted_; }

private:
    std::map<std::string, std::string, std::less<>> said_;
    bool wants_encrypted_{false};
};

enum class ResponseItemKind : std::uint8_t { text, refusal, reasoning, call, custom_call, image };

struct ResponseItem {
    ResponseItemKind kind{ResponseItemKind::text};
    std::uint32_t tool{0};
    std::int64_t text_before{0};  // characters in the texts of the items before
    std::string id;
    std::string call_id;
    std::string name;
    std::string text;                      // text, refusal, summary, arguments or base64, all of it
    std::string format;                    // of an image: `png`, `jpeg`, `webp`
    std::string encrypted;                 // of thoughts
    std::vector<std::string> annotations;  // JSON
    std::string logprobs;                  // elements of a JSON array
    bool ended{false};
    bool cut{false};  // the answer ended at its limit, in this item
};

class ResponseItems {
public:
    /// `id`: what the ids of items are made from. `origin`: whose model answers; nothing: its thoughts cannot
    /// be brought back. `show`: the client wants to read them, `encrypted`: to bring them back.
    ResponseItems(std::string_view id, std::optional<chat::Vendor> origin, bool show, bool encrypted)
        : id_(id), origin_(origin), show_(show), encrypted_(encrypted && origin) {}

    /// A text that others began, under their name for it. Before all else.
    void resume(std::string_view item, std::string_view text);
    /// Takes an event of the first choice in. True: an item has changed.
    bool see(const chat::Event& event);
    /// Every item ends; `cut`: the last one in the middle.
    void end(bool cut);

    std::deque<ResponseItem>& items() noexcept { return items_; }

private:
    bool see_said(ResponseItemKind kind, std::string_view text);
    bool see_one(const chat::Event& event);
    bool see_signature(std::string_view signature);
    bool tell_late_signature();
    bool see_redacted(std::string_view redacted);
    bool see_call(const chat::Event& event);
    bool see_image(const chat::Event& event);
    bool see_citation(std::string_view annotation);
    ResponseItem& begin(ResponseItemKind kind, std::string_view prefix);
    ResponseItem* open(ResponseItemKind kind);
    ResponseItem* call(std::uint32_t tool);
    static void end(ResponseItem& item);

    std::string id_;
    std::optional<chat::Vendor> origin_;
    bool show_;
    bool encrypted_;
    std::deque<ResponseItem> items_;
    std::string late_signature_;  // of a text that is open: its citations may still come
    std::int64_t text_told_{0};   // characters of texts that have ended
};

/// An item as it is at its end, or, `begun`, at its beginning.
void write_response_item(JsonOut& json, const ResponseItem& item, bool begun);
/// The one part of a message's content.
void write_response_part(JsonOut& json, const ResponseItem& item, bool begun);

}  // namespace gatehouse::dialect

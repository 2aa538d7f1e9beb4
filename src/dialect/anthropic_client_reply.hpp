// What streams and whole replies for Anthropic's clients have in common.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "json_out.hpp"
#include "translation_parts.hpp"

#include "gatehouse/chat/event.hpp"
#include "gatehouse/chat/usage.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// What all of a reply agrees on.
struct MessageHead {
    std::string id;
    std::string model;
    std::optional<chat::Vendor> origin;  // whose model answers
    bool show_thoughts{false};           // else blocks of thoughts hold their signature alone

    explicit MessageHead(const ReplyIdentity& identity);

    /// Thoughts of others than Anthropic go out under a signature of the gateway's, signed or not: no client
    /// can take them to Anthropic by it.
    bool carries() const noexcept { return origin && *origin != chat::Vendor::anthropic; }
    /// A provider's signature, or its opaque thoughts, as the client gets and brings them back.
    std::string shown_signature(std::string_view signature) const;
    /// Gemini signs text too, and does not want that back. Without visible thoughts it would be taken for the
    /// signature of the call behind it.
    bool drops_bare_signatures() const noexcept { return origin == chat::Vendor::gemini; }
    /// The mark of the gateway's own citations.
    std::string citation_mark() const;
};

/// How an answer ended, in Anthropic's words.
struct MessageEnd {
    chat::Finish finish{chat::Finish::stop};
    std::string refusal;  // the model's words
    bool called{false};   // a tool

    bool refused() const noexcept { return !refusal.empty() || finish == chat::Finish::content_filter; }
    /// `stop_reason`, `stop_sequence` and `stop_details`: members of the open object.
    void write(JsonOut& json) const;
};

/// The counts that a stream's last event has: members of the open object.
void write_message_counts(JsonOut& json, const chat::Usage& usage);

/// A whole reply out of all its events. anthropic_client_reply_whole.cpp.
std::string whole_message(const MessageHead& head, std::span<const chat::Event> events,
                          const chat::Usage& usage);

}  // namespace gatehouse::dialect

// Which members of a request's body mean what to whoever asks whether two requests have one answer.
//
// Facts of the vendors' documentation, as tables. Room: dialect, private. May include: chat.
#pragma once

#include "gatehouse/chat/endpoint.hpp"

#include <cstdint>
#include <string_view>

namespace gatehouse::dialect {

/// What a member of the body is for.
enum class BodyMember : std::uint8_t {
    setting,       // anything else: it counts, whatever it is
    no_matter,     // changes no word of the answer
    conversation,  // its messages, or what stands for them
    settings,      // Gemini's object of settings
    tools,
    requests,   // of several embeddings
    media,      // text, or what may hold pictures and documents
    elsewhere,  // what the answer depends on is not in the body; null, false and an empty list are as good as
                // none
};

/// `name` as its vendor's documentation writes it.
BodyMember body_member(chat::Endpoint endpoint, std::string_view name) noexcept;

/// Is it a tool that the client runs, or that nobody does, so that a call of it is all that the answer says?
/// `type`: the tool's; empty: it has none.
bool is_clients_tool(chat::Vendor vendor, std::string_view type) noexcept;

/// A member of a message or part in which a picture, a sound or a document may come by a link.
bool may_hold_link(std::string_view name) noexcept;
/// Does a value there lead out of the request, to what may change? Ids and data do not, nor do Google's own
/// files.
bool leads_elsewhere(std::string_view link) noexcept;

}  // namespace gatehouse::dialect

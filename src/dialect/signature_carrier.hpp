// Signatures of one provider's thoughts, carried in the words of another vendor's clients
// (wire-formats 15.4): `gh1.<origin>.<base64>`, or `gh1.<origin>-redacted.<base64>` for thoughts that are
// not shown, where the client's words have one place for both.
//
// Room: dialect, private. May include: wire, chat.
#pragma once

#include "gatehouse/chat/conversation.hpp"
#include "gatehouse/chat/endpoint.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// What every carried signature begins with. No provider's own does.
inline constexpr std::string_view carrier_mark = "gh1.";

/// The same as Gemini's clients get it: their signatures are base64.
inline constexpr std::string_view carrier_mark_in_base64 = "Z2gxL";

/// Google's word in the place of a signature, for calls of a history that another model made.
inline constexpr std::string_view no_signature_check = "skip_thought_signature_validator";

struct CarriedSignature {
    std::optional<chat::Vendor> origin;  // nothing: a carrier that is broken, or newer than this gateway
    std::string signature;
    bool redacted{false};
};

std::string carry_signature(chat::Vendor origin, std::string_view signature);
std::string carry_redacted(chat::Vendor origin, std::string_view redacted);
/// Nothing if `text` is no carrier.
std::optional<CarriedSignature> carried_signature(std::string_view text);

/// A thought of Gemini's that is a signature alone belongs to the call behind it: it came from there.
void give_signatures_to_calls(std::vector<chat::Part>& parts);

}  // namespace gatehouse::dialect

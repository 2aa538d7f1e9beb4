#include "gemini_client_request.hpp"
#include "signature_carrier.hpp"

#include "gatehouse/wire/encodings.hpp"

#include <array>

namespace gatehouse::dialect {
namespace {

constexpr std::string_view mark = "gh1.";

struct Origin {
    std::string_view name;
    chat::Vendor vendor;
    bool redacted;
};
constexpr std::array origins{Origin{"openai", chat::Vendor::openai, false},
                             Origin{"anthropic", chat::Vendor::anthropic, false},
                             Origin{"gemini", chat::Vendor::gemini, false},
                             Origin{"openai-redacted", chat::Vendor::openai, true},
                             Origin{"anthropic-redacted", chat::Vendor::anthropic, true},
                             Origin{"gemini-redacted", chat::Vendor::gemini, true}};

}  // namespace

std::string wrapped_signature(chat::Vendor origin, std::string_view signature, bool redacted) {
    if (origin == chat::Vendor::gemini && !redacted) {
        return std::string(signature);
    }
    std::string text(mark);
    for (const auto& each : origins) {
        if (each.vendor == origin && each.redacted == redacted) {
            text += each.name;
        }
    }
    text += '.';
    text += signature;
    return wire::to_base64(text);
}

chat::Reasoning unwrapped_signature(std::string signature) {
    chat::Reasoning thought;
    if (signature.empty() || signature == no_signature_check) {
        return thought;
    }
    thought.origin = chat::Vendor::gemini;
    // What does not begin so need not be decoded.
    const auto text =
        signature.starts_with(carrier_mark_in_base64) ? wire::from_base64(signature) : std::nullopt;
    if (!text || !text->starts_with(mark)) {
        thought.signature = std::move(signature);
        return thought;
    }
    const auto dot = text->find('.', mark.size());
    const auto name = std::string_view(*text).substr(mark.size(), dot - mark.size());
    for (const auto& each : origins) {
        if (dot != std::string::npos && each.name == name) {
            thought.origin = each.vendor;
            (each.redacted ? thought.redacted : thought.signature) = text->substr(dot + 1);
        }
    }
    return thought;
}

}  // namespace gatehouse::dialect

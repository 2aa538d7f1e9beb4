#include "signature_carrier.hpp"

#include "gatehouse/wire/encodings.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gatehouse::dialect {
namespace {

// In the order of chat::Vendor.
constexpr std::array<std::string_view, 3> carrier_origins{"openai", "anthropic", "gemini"};
constexpr std::string_view redacted_mark = "-redacted";

}  // namespace

std::string carry_signature(chat::Vendor origin, std::string_view signature) {
    std::string out(carrier_mark);
    out.append(carrier_origins[static_cast<std::size_t>(origin)])
        .append(".")
        .append(wire::to_base64(signature));
    return out;
}

std::string carry_redacted(chat::Vendor origin, std::string_view redacted) {
    auto out = carry_signature(origin, redacted);
    return out.insert(out.find('.', carrier_mark.size()), redacted_mark);
}

std::optional<CarriedSignature> carried_signature(std::string_view text) {
    if (!text.starts_with(carrier_mark)) {
        return std::nullopt;
    }
    text.remove_prefix(carrier_mark.size());
    const std::size_t dot = text.find('.');
    auto name = text.substr(0, dot);
    const bool redacted = name.ends_with(redacted_mark);
    name.remove_suffix(redacted ? redacted_mark.size() : 0);
    const auto* const origin = std::find(carrier_origins.begin(), carrier_origins.end(), name);
    if (dot == std::string_view::npos || origin == carrier_origins.end()) {
        return CarriedSignature{};
    }
    auto signature = wire::from_base64(text.substr(dot + 1));
    if (!signature || !wire::valid_utf8(*signature)) {
        return CarriedSignature{};
    }
    return CarriedSignature{static_cast<chat::Vendor>(origin - carrier_origins.begin()),
                            *std::move(signature), redacted};
}

void give_signatures_to_calls(std::vector<chat::Part>& parts) {
    for (std::size_t i = 0; i + 1 < parts.size();) {
        auto* thought = std::get_if<chat::Reasoning>(&parts[i].what);
        auto* call = std::get_if<chat::ToolCall>(&parts[i + 1].what);
        const bool belongs = thought != nullptr && call != nullptr && thought->text.empty() &&
                             thought->origin == chat::Vendor::gemini && call->signature.empty();
        if (belongs) {
            call->signature = std::move(thought->signature);
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
}

}  // namespace gatehouse::dialect

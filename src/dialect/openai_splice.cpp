#include "openai_parts.hpp"
#include "splices.hpp"

#include <utility>

namespace gatehouse::dialect {
namespace {

constexpr std::string_view usage_member = "\"include_usage\":true";

/// Sees to it that the provider is asked for usage. Chat and legacy completions alone know the option.
void ask_for_usage(const chat::Original& original, Splices& splices) {
    const auto& options = original.stream_options;
    if (options.size() == 0) {
        splices.add({original.object_begin, original.object_begin},
                    "\"stream_options\":{\"include_usage\":true},");
    } else if (original.bytes[options.begin] != '{') {
        splices.add(options, "{\"include_usage\":true}");
    } else if (original.include_usage.size() == 0) {
        std::string member(usage_member);
        if (!original.stream_options_is_empty_object) {
            member += ',';
        }
        splices.add({options.begin + 1, options.begin + 1}, std::move(member));
    } else {
        splices.add(original.include_usage, "true");
    }
}

bool knows_stream_usage(chat::Endpoint endpoint) noexcept {
    return endpoint == chat::Endpoint::chat_completions || endpoint == chat::Endpoint::completions;
}

}  // namespace

BodyPieces splice_openai_request(const chat::Request& request, const EncodeOptions& options) {
    const auto& original = request.original;
    Splices splices;
    if (!original.content_type.empty()) {
        if (request.model != options.model) {
            splices.add(original.model, std::string(options.model));
        }
        return std::move(splices).apply(original.bytes);
    }
    if (original.model.size() == 0) {
        splices.add({original.object_begin, original.object_begin},
                    "\"model\":" + wire::json_string(options.model) + ",");
    } else if (request.model != options.model) {
        splices.add(original.model, wire::json_string(options.model));
    }
    for (const auto& cut : original.foreign) {
        splices.add(cut, {});
    }
    if (!options.takes_carriers) {
        for (const auto& cut : original.carriers) {
            splices.add(cut, {});
        }
    }
    if (request.stream && options.stream_usage && !request.wants_usage &&
        knows_stream_usage(request.endpoint)) {
        ask_for_usage(original, splices);
    }
    return std::move(splices).apply(original.bytes);
}

}  // namespace gatehouse::dialect

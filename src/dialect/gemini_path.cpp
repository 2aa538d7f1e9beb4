#include "gatehouse/dialect/gemini_path.hpp"

#include <array>

namespace gatehouse::dialect {
namespace {

constexpr std::string_view models = "models/";
constexpr std::string_view tuned = "tunedModels/";

/// Percent-encoded but for what no path segment needs to escape. `:` would end the model's name.
std::string path_segment(std::string_view name) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~' || c == '@';
        if (plain) {
            out.push_back(c);
        } else {
            out += {'%', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return out;
}

}  // namespace

std::optional<GeminiPath> read_gemini_path(std::string_view rest) {
    GeminiPath path;
    if (const auto colon = rest.rfind(':'); colon != std::string_view::npos) {
        path.verb = rest.substr(colon + 1);
        rest = rest.substr(0, colon);
    }
    if (rest.starts_with(models)) {
        path.model = rest.substr(models.size());
    } else if (rest.starts_with(tuned)) {
        path.model = rest;
    }
    if (path.model.empty() || path.model == models || path.model == tuned) {
        return std::nullopt;
    }
    return path;
}

std::optional<GeminiVerb> gemini_verb(std::string_view verb) noexcept {
    struct Known {
        std::string_view name;
        GeminiVerb verb;
    };
    using chat::Endpoint;
    static constexpr std::array known{
        Known{"generateContent", {Endpoint::generate_content, false}},
        Known{"streamGenerateContent", {Endpoint::generate_content, true}},
        Known{"countTokens", {Endpoint::count_content_tokens, false}},
        Known{"embedContent", {Endpoint::embed_content, false}},
        Known{"batchEmbedContents", {Endpoint::batch_embed_contents, false}},
    };
    for (const auto& each : known) {
        if (each.name == verb) {
            return each.verb;
        }
    }
    return std::nullopt;
}

std::string gemini_model_resource(std::string_view model) {
    std::string resource(model.starts_with(models) || model.starts_with(tuned) ? std::string_view() : models);
    return resource += model;
}

std::string gemini_path(std::string_view model, std::string_view verb) {
    std::string path = "/";
    const auto kind = model.starts_with(tuned) ? tuned : models;
    path += kind;
    if (model.starts_with(kind)) {
        model.remove_prefix(kind.size());
    }
    path += path_segment(model);
    path += ':';
    path += verb;
    return path;
}

}  // namespace gatehouse::dialect

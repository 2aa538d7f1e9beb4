#include "model_pages.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/json_reader.hpp"
#include "gatehouse/wire/query.hpp"

#include <algorithm>

namespace gatehouse::server {
namespace {

/// The start of 2026. Clients want a time here, and one that changed at a reload or differed between
/// instances would look like another model.
constexpr std::string_view created = "1767225600";
constexpr std::string_view created_at = "2026-01-01T00:00:00Z";

constexpr std::size_t largest_page = 1000;

void append_openai(std::string& out, const ShownModel& model) {
    out += "{\"id\":";
    out += wire::json_string(model.name);
    out += ",\"object\":\"model\",\"created\":";
    out += created;
    out += ",\"owned_by\":";
    out += wire::json_string(model.provider);
    out += '}';
}

void append_number(std::string& out, std::string_view key, const std::optional<std::int64_t>& value) {
    if (value) {
        out += ",\"";
        out += key;
        out += "\":";
        out += std::to_string(*value);
    }
}

void append_anthropic(std::string& out, const ShownModel& model) {
    out += "{\"type\":\"model\",\"id\":";
    out += wire::json_string(model.name);
    out += ",\"display_name\":";
    out += wire::json_string(model.name);
    out += ",\"created_at\":\"";
    out += created_at;
    out += '"';
    append_number(out, "max_input_tokens", model.max_input);
    append_number(out, "max_tokens", model.max_output);
    out += '}';
}

void append_gemini(std::string& out, const ShownModel& model) {
    out += "{\"name\":";
    out += wire::json_string("models/" + model.name);
    out += ",\"displayName\":";
    out += wire::json_string(model.name);
    append_number(out, "inputTokenLimit", model.max_input);
    append_number(out, "outputTokenLimit", model.max_output);
    out += R"(,"supportedGenerationMethods":["generateContent","streamGenerateContent","countTokens",)"
           R"("embedContent","batchEmbedContents"]})";
}

void append_model(std::string& out, const ShownModel& model, chat::Vendor vendor) {
    switch (vendor) {
        case chat::Vendor::openai:
            append_openai(out, model);
            break;
        case chat::Vendor::anthropic:
            append_anthropic(out, model);
            break;
        case chat::Vendor::gemini:
            append_gemini(out, model);
            break;
    }
}

void append_models(std::string& out, std::span<const ShownModel> models, chat::Vendor vendor) {
    for (std::size_t i = 0; i < models.size(); ++i) {
        out += i == 0 ? "" : ",";
        append_model(out, models[i], vendor);
    }
}

std::size_t page_size(std::string_view query, std::string_view name, std::size_t usual) {
    const auto asked = parse_unsigned(wire::query_parameter(query, name).value_or(""));
    if (!asked || *asked == 0) {
        return usual;
    }
    return std::min(static_cast<std::size_t>(*asked), largest_page);
}

/// Where a model of that name stands; the size if there is none.
std::size_t place_of(std::span<const ShownModel> models, const std::optional<std::string>& name) {
    const auto found = std::find_if(models.begin(), models.end(),
                                    [&](const ShownModel& model) { return name && model.name == *name; });
    return static_cast<std::size_t>(found - models.begin());
}

std::string anthropic_page(std::span<const ShownModel> models, std::string_view query) {
    const auto size = page_size(query, "limit", 20);
    std::size_t begin = 0;
    std::size_t end = models.size();
    bool more = false;
    if (const auto before = place_of(models, wire::query_parameter(query, "before_id"));
        before < models.size()) {
        end = before;
        begin = end - std::min(size, end);
        more = begin > 0;
    } else {
        const auto after = place_of(models, wire::query_parameter(query, "after_id"));
        begin = after < models.size() ? after + 1 : 0;
        end = std::min(begin + size, models.size());
        more = end < models.size();
    }
    const auto page = models.subspan(begin, end - begin);
    std::string out = "{\"data\":[";
    append_models(out, page, chat::Vendor::anthropic);
    out += "],\"has_more\":";
    out += more ? "true" : "false";
    out += ",\"first_id\":";
    out += page.empty() ? "null" : wire::json_string(page.front().name);
    out += ",\"last_id\":";
    out += page.empty() ? "null" : wire::json_string(page.back().name);
    out += '}';
    return out;
}

std::string gemini_page(std::span<const ShownModel> models, std::string_view query) {
    const auto size = page_size(query, "pageSize", 50);
    const auto last = place_of(models, wire::query_parameter(query, "pageToken"));
    const auto begin = last < models.size() ? last + 1 : 0;
    const auto end = std::min(begin + size, models.size());
    std::string out = "{\"models\":[";
    append_models(out, models.subspan(begin, end - begin), chat::Vendor::gemini);
    out += ']';
    if (end < models.size()) {
        out += ",\"nextPageToken\":";
        out += wire::json_string(models[end - 1].name);
    }
    out += '}';
    return out;
}

}  // namespace

std::string model_body(const ShownModel& model, chat::Vendor vendor) {
    std::string out;
    append_model(out, model, vendor);
    return out;
}

std::string models_page(std::span<const ShownModel> models, chat::Vendor vendor, std::string_view query) {
    switch (vendor) {
        case chat::Vendor::anthropic:
            return anthropic_page(models, query);
        case chat::Vendor::gemini:
            return gemini_page(models, query);
        case chat::Vendor::openai:
            break;
    }
    std::string out = "{\"object\":\"list\",\"data\":[";
    append_models(out, models, vendor);
    out += "]}";
    return out;
}

}  // namespace gatehouse::server

#include "body_fallbacks.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <cstddef>
#include <utility>

namespace gatehouse::server {
namespace {

using wire::JsonReader;
using wire::JsonType;

constexpr std::size_t most_fallbacks = 10;
constexpr std::string_view name = "fallbacks";

Problem wrong_type(std::string path, std::string_view wanted) {
    return Problem(ProblemKind::invalid_type,
                   "Invalid type for '" + path + "': expected " + std::string(wanted) + ".")
        .with_param(std::move(path));
}

Result<std::vector<std::string>> read_models(JsonReader& json) {
    if (json.peek() != JsonType::array) {
        return wrong_type(std::string(name), "an array of model names");
    }
    std::vector<std::string> models;
    json.begin_array();
    while (json.next_element()) {
        if (models.size() == most_fallbacks) {
            return Problem(ProblemKind::invalid_value, "Invalid value for 'fallbacks': at most " +
                                                           std::to_string(most_fallbacks) + " models.")
                .with_param(std::string(name));
        }
        if (json.peek() != JsonType::string) {
            return wrong_type(std::string(name) + "[" + std::to_string(models.size()) + "]", "a model name");
        }
        models.push_back(json.string());
    }
    return models;
}

/// The comma behind a first member goes with it.
std::size_t behind_comma(std::string_view body, std::size_t at) noexcept {
    const auto next = body.find_first_not_of(" \t\r\n", at);
    return next != std::string_view::npos && body[next] == ',' ? next + 1 : at;
}

}  // namespace

Result<BodyFallbacks> take_fallbacks(std::string_view body, wire::JsonLimits limits) {
    JsonReader json(body, limits);
    BodyFallbacks taken;
    std::size_t before = body.find('{') + 1;  // the end of the member before, or just behind the brace
    bool first = true;
    wire::ByteRange cut;
    json.begin_object();
    while (json.next_member()) {
        if (json.key() != name) {
            before = json.skip().end;
            first = false;
            continue;
        }
        const auto range = json.skip();
        cut = {before, first ? behind_comma(body, range.end) : range.end};
        before = range.end;
        first = false;
        JsonReader value(body.substr(range.begin, range.size()), limits);
        auto models = read_models(value);
        if (!models) {
            return std::move(models.problem());
        }
        taken.models = std::move(*models);
    }
    if (!json.finish()) {
        return json.problem();
    }
    taken.body.reserve(body.size() - cut.size());
    taken.body.append(body.substr(0, cut.begin));
    taken.body.append(body.substr(cut.end));
    return taken;
}

}  // namespace gatehouse::server

#include "replay_json.hpp"

#include "openai_words.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace gatehouse::dialect {

std::optional<ReplayJson> parsed_answer(std::string_view text) {
    wire::JsonReader json(text, reply_limits);
    json.skip();
    if (!json.finish()) {
        return std::nullopt;
    }
    auto value = ReplayJson::parse(text, nullptr, false);
    return value.is_discarded() ? std::nullopt : std::optional(std::move(value));
}

std::string written_answer(const ReplayJson& value) {
    return value.dump(-1, ' ', false, ReplayJson::error_handler_t::replace);
}

std::string answer_text(const ReplayJson& object, const char* name) {
    if (!object.is_object()) {
        return {};
    }
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace gatehouse::dialect

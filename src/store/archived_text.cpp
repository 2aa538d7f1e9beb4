#include "archived_text.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>

namespace gatehouse::store {
namespace {

using nlohmann::json;

/// Every number of a usage, in the order in which they lie there.
template <class Usage>
auto numbers_of(Usage& usage) {
    return std::array{&usage.input,       &usage.cached_input, &usage.cache_write, &usage.cache_write_1h,
                      &usage.input_image, &usage.input_audio,  &usage.input_video, &usage.output,
                      &usage.reasoning,   &usage.output_audio, &usage.output_image};
}

std::string text_in(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int64_t> number_in(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_number_integer() ? std::optional(found->get<std::int64_t>())
                                                               : std::nullopt;
}

bool flag_in(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

bool read_numbers(const json& list, chat::Usage& usage) {
    const auto numbers = numbers_of(usage);
    if (!list.is_array() || list.size() != numbers.size()) {
        return false;
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (!list[i].is_number_integer()) {
            return false;
        }
        *numbers[i] = TokenCount(list[i].get<std::int64_t>());
    }
    return true;
}

}  // namespace

std::string archived_text(const KeptAnswer& answer) {
    json tokens = json::array();
    for (const auto* const number : numbers_of(answer.usage)) {
        tokens.push_back(number->value());
    }
    const auto& origin = *answer.origin;
    json about = {{"endpoint", static_cast<int>(answer.endpoint)},
                  {"stream", answer.stream},
                  {"question", answer.question},
                  {"key", origin.key},
                  {"model", origin.model},
                  {"tags", origin.tags},
                  {"provider", origin.provider},
                  {"upstream_model", origin.upstream_model},
                  {"finish_reason", origin.finish_reason},
                  {"dropped_params", origin.dropped_params},
                  {"route", origin.route},
                  {"routed", origin.routed},
                  {"tokens", std::move(tokens)},
                  {"known", answer.usage.known},
                  {"estimated", answer.usage_estimated}};
    if (!answer.question.empty()) {
        about["partition"] = to_hex(answer.partition);
    }
    if (answer.cost) {
        about["cost"] = answer.cost->value();
    }
    return about.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<KeptAnswer> answer_of(std::string_view text, OriginShelf& origins) {
    const auto about = json::parse(text, nullptr, false);
    constexpr auto last = static_cast<std::int64_t>(chat::Endpoint::batch_embed_contents);
    if (!about.is_object()) {
        return std::nullopt;
    }
    const auto endpoint = number_in(about, "endpoint");
    if (!endpoint || *endpoint < 0 || *endpoint > last) {
        return std::nullopt;
    }
    KeptAnswer answer;
    AnswerOrigin origin;
    const auto tokens = about.find("tokens");
    if (tokens == about.end() || !read_numbers(*tokens, answer.usage)) {
        return std::nullopt;
    }
    answer.endpoint = static_cast<chat::Endpoint>(*endpoint);
    answer.stream = flag_in(about, "stream");
    answer.question = text_in(about, "question");
    answer.partition = digest_from_hex(text_in(about, "partition")).value_or(Digest());
    origin.key = text_in(about, "key");
    origin.model = text_in(about, "model");
    origin.provider = text_in(about, "provider");
    origin.upstream_model = text_in(about, "upstream_model");
    origin.finish_reason = text_in(about, "finish_reason");
    origin.dropped_params = text_in(about, "dropped_params");
    origin.route = text_in(about, "route");
    origin.routed = text_in(about, "routed");
    answer.usage.known = flag_in(about, "known");
    answer.usage_estimated = flag_in(about, "estimated");
    if (const auto cost = number_in(about, "cost")) {
        answer.cost = PicoUsd(*cost);
    }
    const auto tags = about.find("tags");
    if (tags != about.end() && tags->is_array()) {
        for (const auto& tag : *tags) {
            if (tag.is_array() && tag.size() == 2 && tag[0].is_string() && tag[1].is_string()) {
                origin.tags.emplace_back(tag[0].get<std::string>(), tag[1].get<std::string>());
            }
        }
    }
    auto place = origins.put(std::move(origin));
    answer.origin = std::move(place.origin);
    answer.owns_origin = place.made;
    return answer;
}

}  // namespace gatehouse::store

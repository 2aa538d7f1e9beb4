#include "gatehouse/dialect/response_state.hpp"

#include "json_out.hpp"
#include "kept_json.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/json_reader.hpp"
#include "gatehouse/wire/query.hpp"

#include <algorithm>
#include <array>

namespace gatehouse::dialect {
namespace {

std::string message_item(std::string_view text_json, std::string_view id) {
    std::string out;
    JsonOut json(out);
    json.begin_object().key("id").string(id).key("type").string("message").key("role").string("user");
    json.key("content").begin_array().begin_object().key("type").string("input_text");
    json.key("text").raw(text_json).end_object().end_array().end_object();
    return out;
}

/// What ids of items of a type begin with; the provider refuses others.
std::string_view id_prefix(std::string_view type) noexcept {
    struct Prefix {
        std::string_view type;
        std::string_view prefix;
    };
    constexpr std::array prefixes{
        Prefix{"reasoning", "rs_"},
        Prefix{"function_call", "fc_"},
        Prefix{"function_call_output", "fco_"},
        Prefix{"custom_tool_call", "ctc_"},
        Prefix{"custom_tool_call_output", "ctco_"},
        Prefix{"compaction", "cmp_"},
        Prefix{"web_search_call", "ws_"},
        Prefix{"file_search_call", "fs_"},
        Prefix{"code_interpreter_call", "ci_"},
        Prefix{"image_generation_call", "ig_"},
        Prefix{"computer_call", "cu_"},
        Prefix{"mcp_call", "mcp_"},
    };
    const auto* const known =
        std::find_if(prefixes.begin(), prefixes.end(), [&](const Prefix& each) { return each.type == type; });
    return known == prefixes.end() ? "msg_" : known->prefix;
}

/// An item as it came, with an id if it had none; some clients write `"id":null`.
std::string with_id(std::string_view item, std::string_view id) {
    if (!item.starts_with('{') || !string_of(member_of(item, "id")).empty()) {
        return std::string(item);
    }
    std::string out;
    JsonOut written(out);
    written.begin_object().key("id").string(id);
    auto json = kept_reader(item);
    json.begin_object();
    while (json.next_member()) {
        const std::string key(json.key());
        const auto value = text_at(item, json.skip());
        if (key != "id") {
            written.any_key(key).raw(value);
        }
    }
    written.end_object();
    return out;
}

}  // namespace

ResponseAsk read_response_ask(std::string_view body, std::string_view id) {
    ResponseAsk ask;
    ask.previous_id = string_of(member_of(body, "previous_response_id"));
    ask.store = member_of(body, "store") != "false";
    const auto input = member_of(body, "input");
    std::size_t count = 0;
    const auto next_id = [&](std::string_view type) {
        std::string made(id_prefix(type));
        made += id;
        made += '_';
        made += std::to_string(count++);
        return made;
    };
    if (input.starts_with('"')) {
        ask.input = message_item(input, next_id("message"));
    }
    for (const auto item : elements_of(input)) {
        append_elements(ask.input, with_id(item, next_id(string_of(member_of(item, "type")))));
    }
    return ask;
}

std::string to_json(const KeptResponse& kept) {
    std::string out = "{\"input\":[";
    out += kept.input;
    out += "],\"response\":";
    out += kept.response;
    out += '}';
    return out;
}

KeptResponse kept_response(std::string_view json) {
    KeptResponse kept;
    kept.input = inside_of(member_of(json, "input"));
    kept.response = member_of(json, "response");
    return kept;
}

std::string history_of(const KeptResponse& kept) {
    std::string items = kept.input;
    append_elements(items, inside_of(member_of(kept.response, "output")));
    return items;
}

std::string with_history(std::string_view body, std::string_view history, std::string_view input) {
    std::string items(history);
    append_elements(items, input);
    std::string out;
    JsonOut written(out);
    written.begin_object();
    auto json = kept_reader(body);
    json.begin_object();
    while (json.next_member()) {
        const std::string key(json.key());
        const auto value = text_at(body, json.skip());
        if (key != "input" && key != "previous_response_id") {
            written.any_key(key).raw(value);
        }
    }
    std::string array = "[";
    array += items;
    array += ']';
    written.key("input").raw(array).end_object();
    return out;
}

std::string unstored(std::string_view body) {
    std::string out;
    JsonOut written(out);
    written.begin_object();
    auto json = kept_reader(body);
    json.begin_object();
    while (json.next_member()) {
        const std::string key(json.key());
        const auto value = text_at(body, json.skip());
        if (key != "store") {
            written.any_key(key).raw(value);
        }
    }
    written.key("store").boolean(false).end_object();
    return out;
}

std::string_view response_in(std::string_view event_data) {
    const auto type = string_of(member_of(event_data, "type"));
    if (type != "response.completed" && type != "response.incomplete") {
        return {};
    }
    return member_of(event_data, "response");
}

std::string response_id(std::string_view response) {
    return string_of(member_of(response, "id"));
}

Result<std::string> input_items_page(std::string_view input, std::string_view query) {
    const auto wrong = [](std::string_view name, std::string_view what) {
        return Problem(ProblemKind::invalid_value,
                       "Invalid value for '" + std::string(name) + "': " + std::string(what) + ".")
            .with_param(std::string(name));
    };
    std::string array = "[";
    array += input;
    array += ']';
    auto items = elements_of(array);
    const auto order = wire::query_parameter(query, "order").value_or("desc");
    if (order != "asc" && order != "desc") {
        return wrong("order", "it is `asc` or `desc`");
    }
    if (order == "desc") {
        std::reverse(items.begin(), items.end());
    }
    std::size_t limit = 20;
    if (const auto asked = wire::query_parameter(query, "limit")) {
        limit = parse_unsigned(*asked).value_or(0);
        if (limit < 1 || limit > 100) {
            return wrong("limit", "it is a number from 1 to 100");
        }
    }
    if (const auto after = wire::query_parameter(query, "after")) {
        const auto found = std::find_if(items.begin(), items.end(), [&](std::string_view item) {
            return string_of(member_of(item, "id")) == *after;
        });
        if (found == items.end()) {
            return wrong("after", "there is no such item");
        }
        items.erase(items.begin(), found + 1);
    }
    const bool more = items.size() > limit;
    items.resize(std::min(items.size(), limit));
    std::string out;
    JsonOut json(out);
    json.begin_object().key("object").string("list").key("data").begin_array();
    for (const auto item : items) {
        json.raw(item);
    }
    json.end_array();
    const auto id_or_null = [&](std::string_view key, bool first) {
        json.key(key);
        if (items.empty()) {
            json.null();
        } else {
            json.string(string_of(member_of(first ? items.front() : items.back(), "id")));
        }
    };
    id_or_null("first_id", true);
    id_or_null("last_id", false);
    json.key("has_more").boolean(more).end_object();
    return out;
}

}  // namespace gatehouse::dialect

#include "gatehouse/dialect/response_so_far.hpp"

#include "json_out.hpp"
#include "kept_json.hpp"
#include "reply_words.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::dialect {

struct ResponseSoFar::Said {
    std::string type;
    std::string delta;
    std::string_view response;
    std::string_view item;
    std::string_view part;
    std::int64_t number{-1};  // negative: none was said
    std::int64_t output_index{-1};
    std::int64_t part_index{-1};
    bool of_summary{false};
};

namespace {

/// The API's own codes: its clients match on them. What is wrong with the request keeps its word.
std::string_view failure_code(const ErrorView& error) noexcept {
    if (error.status == 429) {
        return "rate_limit_exceeded";
    }
    if (error.status >= 500) {
        return "server_error";
    }
    return error.code.empty() ? "invalid_prompt" : error.code;
}

std::int64_t read_position(wire::JsonReader& json) {
    if (json.peek() != wire::JsonType::number) {
        json.skip();
        return -1;
    }
    return json.integer().value_or(-1);
}

std::string read_string(wire::JsonReader& json) {
    if (json.peek() != wire::JsonType::string) {
        json.skip();
        return {};
    }
    return json.string();
}

template <class Parts>
std::string array_of(const Parts& parts, std::string (*json_of)(const typename Parts::mapped_type&)) {
    std::string out = "[";
    for (const auto& [index, part] : parts) {
        out += out.size() == 1 ? "" : ",";
        out += json_of(part);
    }
    return out += ']';
}

/// The object with other values for some of its members. `value_for(key)`: empty keeps what is there.
template <class ValueFor>
void write_changed(JsonOut& out, std::string_view object, const ValueFor& value_for) {
    auto json = kept_reader(object);
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        const std::string key(json.key());
        const auto value = read_json(json, object);
        const std::string other = value_for(key);
        out.any_key(key).raw(other.empty() ? value : other);
    }
}

}  // namespace

bool ResponseSoFar::fits(std::size_t size) noexcept {
    size_ += size;
    return size_ <= limit_;
}

void ResponseSoFar::see(std::string_view data) {
    Said said;
    auto json = kept_reader(data);
    if (!begin_object(json)) {
        return;
    }
    while (json.next_member()) {
        const std::string_view key = json.key();
        if (key == "type") {
            said.type = read_string(json);
        } else if (key == "sequence_number") {
            said.number = read_position(json);
        } else if (key == "output_index") {
            said.output_index = read_position(json);
        } else if (key == "content_index" || key == "summary_index") {
            said.of_summary = key == "summary_index";
            said.part_index = read_position(json);
        } else if (key == "delta") {
            said.delta = read_string(json);
        } else if (key == "response") {
            said.response = read_json(json, data);
        } else if (key == "item") {
            said.item = read_json(json, data);
        } else if (key == "part") {
            said.part = read_json(json, data);
        } else {
            json.skip();
        }
    }
    if (!json.finish()) {
        return;
    }
    next_number_ = std::max(next_number_, said.number) + 1;
    if (said.response.starts_with('{')) {
        response_ = said.response;
    } else if (said.item.starts_with('{')) {
        see_item(said);
    } else if (const auto found = items_.find(said.output_index); found != items_.end()) {
        see_inside(said, found->second);
    }
}

void ResponseSoFar::see_item(const Said& said) {
    if (!fits(said.item.size())) {
        return;
    }
    Item item;
    item.json = said.item;
    item.ended = said.type == "response.output_item.done";
    items_.insert_or_assign(said.output_index, std::move(item));
}

void ResponseSoFar::see_inside(const Said& said, Item& item) {
    if (item.ended || !fits(said.part.size() + said.delta.size())) {
        return;
    }
    auto& parts = said.of_summary ? item.summary : item.content;
    if (!said.part.empty()) {
        parts.insert_or_assign(said.part_index, Part{std::string(said.part), {}});
    } else if (said.part_index < 0) {
        item.text += said.delta;
    } else if (const auto found = parts.find(said.part_index); found != parts.end()) {
        found->second.text += said.delta;
    }
}

std::string ResponseSoFar::json_of(const Part& part) {
    if (part.text.empty()) {
        return part.json;
    }
    std::string out;
    JsonOut json(out);
    json.begin_object();
    write_changed(json, part.json, [&](std::string_view key) {
        const bool text = key == "text" || key == "refusal";
        return text ? wire::json_string(part.text) : std::string();
    });
    json.end_object();
    return out;
}

std::string ResponseSoFar::json_of(const Item& item) {
    if (item.ended) {
        return item.json;
    }
    std::string out;
    JsonOut json(out);
    json.begin_object();
    write_changed(json, item.json, [&](std::string_view key) {
        if (key == "status") {
            return std::string("\"incomplete\"");
        }
        if (key == "content" && !item.content.empty()) {
            return array_of(item.content, &ResponseSoFar::json_of);
        }
        if (key == "summary" && !item.summary.empty()) {
            return array_of(item.summary, &ResponseSoFar::json_of);
        }
        const bool text = (key == "arguments" || key == "input") && !item.text.empty();
        return text ? wire::json_string(item.text) : std::string();
    });
    json.end_object();
    return out;
}

std::string ResponseSoFar::last_words(const ErrorView& error) const {
    const std::string_view type = response_.empty() ? "error" : "response.failed";
    std::string out = "event: ";
    out += type;
    out += "\ndata: ";
    JsonOut json(out);
    json.begin_object().key("type").string(type).key("sequence_number").integer(next_number_);
    if (response_.empty()) {
        const auto body = openai_error_body(error);
        json.key("error").raw(member_of(body, "error"));
    } else {
        json.key("response").raw(failed(error));
    }
    json.end_object();
    out += "\n\n";
    return out;
}

std::string ResponseSoFar::failed(const ErrorView& error) const {
    const auto output = array_of(items_, &ResponseSoFar::json_of);
    std::string out;
    JsonOut json(out);
    json.begin_object();
    auto members = kept_reader(response_);
    members.begin_object();
    while (members.next_member()) {
        const std::string key(members.key());
        const auto value = read_json(members, response_);
        if (key != "status" && key != "error" && key != "output") {
            json.any_key(key).raw(value);
        }
    }
    json.key("status").string("failed").key("error").begin_object();
    json.key("code").string(failure_code(error)).key("message").string(error.message).end_object();
    json.key("output").raw(output).end_object();
    return out;
}

}  // namespace gatehouse::dialect

#include "kept_json.hpp"

namespace gatehouse::dialect {

std::string_view inside_of(std::string_view container) {
    return container.size() < 2 ? std::string_view() : container.substr(1, container.size() - 2);
}

std::vector<std::string_view> elements_of(std::string_view array) {
    std::vector<std::string_view> elements;
    auto json = kept_reader(array);
    if (json.peek() != wire::JsonType::array) {
        return elements;
    }
    json.begin_array();
    while (json.next_element()) {
        elements.push_back(text_at(array, json.skip()));
    }
    return elements;
}

std::string_view member_of(std::string_view object, std::string_view name) {
    auto json = kept_reader(object);
    std::string_view found;
    if (json.peek() != wire::JsonType::object) {
        return found;
    }
    json.begin_object();
    while (json.next_member()) {
        const bool wanted = json.key() == name;
        const auto value = text_at(object, json.skip());
        if (wanted) {
            found = value;
        }
    }
    return found;
}

std::string string_of(std::string_view value) {
    auto json = kept_reader(value);
    return json.peek() == wire::JsonType::string ? json.string() : std::string();
}

bool is_blank_json(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

void append_elements(std::string& inside, std::string_view elements) {
    if (is_blank_json(elements)) {
        return;
    }
    inside += is_blank_json(inside) ? "" : ",";
    inside += elements;
}

}  // namespace gatehouse::dialect

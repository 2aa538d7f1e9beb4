#include "json_value.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <ostream>
#include <utility>

namespace gatehouse::dialect::test {

using Json = nlohmann::ordered_json;

JsonValue::JsonValue() : json_(std::make_shared<const Json>()) {}
JsonValue::JsonValue(std::string_view text) : json_(std::make_shared<const Json>(text)) {}
JsonValue::JsonValue(double number) : json_(std::make_shared<const Json>(number)) {}

JsonValue JsonValue::of_integer(std::int64_t number) {
    return JsonValue(std::make_shared<const Json>(number));
}

JsonValue JsonValue::of_truth(bool truth) {
    return JsonValue(std::make_shared<const Json>(truth));
}

JsonValue JsonValue::parsed(std::string_view text) {
    return JsonValue(std::make_shared<const Json>(Json::parse(text, nullptr, false)));
}

JsonValue JsonValue::golden(const std::string& path) {
    std::ifstream file(std::string(GATEHOUSE_SOURCE_DIR) + "/tests/golden/" + path);
    return parsed(std::string(std::istreambuf_iterator<char>(file), {}));
}

JsonValue JsonValue::operator[](const char* member) const {
    const auto found = json_->is_object() ? json_->find(member) : json_->end();
    return found == json_->end() ? JsonValue() : JsonValue({json_, &*found});
}

JsonValue JsonValue::operator[](std::size_t element) const {
    return json_->is_array() && element < json_->size() ? JsonValue({json_, &(*json_)[element]})
                                                        : JsonValue();
}

bool JsonValue::contains(std::string_view member) const {
    return json_->contains(member);
}

std::vector<std::string> JsonValue::members() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : json_->items()) {
        names.push_back(name);
    }
    return names;
}

std::vector<JsonValue> JsonValue::elements() const {
    std::vector<JsonValue> all;
    for (std::size_t i = 0; json_->is_array() && i < json_->size(); ++i) {
        all.push_back((*this)[i]);
    }
    return all;
}

std::size_t JsonValue::size() const {
    return json_->size();
}

JsonValue JsonValue::without(const char* member) const {
    auto json = *json_;
    json.erase(member);
    return JsonValue(std::make_shared<const Json>(std::move(json)));
}

JsonValue JsonValue::with(const char* member, const JsonValue& value) const {
    auto json = *json_;
    json[member] = *value.json_;
    return JsonValue(std::make_shared<const Json>(std::move(json)));
}

JsonValue JsonValue::sorted() const {
    if (!json_->is_structured()) {
        return *this;
    }
    auto names = members();  // of a list: its numbers, and they are not looked at
    std::sort(names.begin(), names.end());
    std::string out;
    for (std::size_t i = 0; i < size(); ++i) {
        out += out.empty() ? "" : ",";
        out += json_->is_array()
                   ? (*this)[i].sorted().dump()
                   : JsonValue(names[i]).dump() + ":" + (*this)[names[i].c_str()].sorted().dump();
    }
    return parsed(json_->is_array() ? "[" + out + "]" : "{" + out + "}");
}

bool JsonValue::is_object() const {
    return json_->is_object();
}

bool JsonValue::is_array() const {
    return json_->is_array();
}

bool JsonValue::is_string() const {
    return json_->is_string();
}

bool JsonValue::is_null() const {
    return json_->is_null();
}

std::string JsonValue::text() const {
    return json_->is_string() ? json_->get<std::string>() : dump();
}

std::vector<std::string> JsonValue::texts() const {
    std::vector<std::string> all;
    for (const auto& element : elements()) {
        all.push_back(element.text());
    }
    return all;
}

std::int64_t JsonValue::integer() const {
    return json_->is_number() ? json_->get<std::int64_t>() : 0;
}

bool JsonValue::truth() const {
    return json_->is_boolean() && json_->get<bool>();
}

std::string JsonValue::dump(int indent) const {
    return json_->is_discarded() ? "no JSON" : json_->dump(indent);
}

bool operator==(const JsonValue& left, const JsonValue& right) {
    return !left.json_->is_discarded() && *left.json_ == *right.json_;
}

void PrintTo(const JsonValue& value, std::ostream* out) {
    *out << value.dump();
}

}  // namespace gatehouse::dialect::test

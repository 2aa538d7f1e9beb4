#include "json_out.hpp"

#include "gatehouse/wire/json_reader.hpp"

#include <array>
#include <charconv>

namespace gatehouse::dialect {

void JsonOut::separate() {
    if (!first_) {
        out_.push_back(',');
    }
    first_ = false;
}

JsonOut& JsonOut::open(char bracket) {
    separate();
    out_.push_back(bracket);
    first_ = true;
    return *this;
}

JsonOut& JsonOut::close(char bracket) {
    out_.push_back(bracket);
    first_ = false;
    return *this;
}

/// In one piece: the checks of an append cost more than a key has bytes.
JsonOut& JsonOut::key(std::string_view name) {
    std::array<char, 48> text{};
    constexpr std::size_t around = 4;  // comma, quotes and colon
    if (name.size() > text.size() - around) {
        return any_key(name);
    }
    char* at = text.data();
    *at = ',';
    at += first_ ? 0 : 1;
    *at++ = '"';
    at += name.copy(at, name.size());
    *at++ = '"';
    *at++ = ':';
    out_.append(text.data(), static_cast<std::size_t>(at - text.data()));
    first_ = true;
    return *this;
}

JsonOut& JsonOut::any_key(std::string_view name) {
    separate();
    out_.push_back('"');
    wire::append_json_escaped(out_, name);
    out_ += "\":";
    first_ = true;
    return *this;
}

JsonOut& JsonOut::string(std::string_view text) {
    separate();
    out_.push_back('"');
    wire::append_json_escaped(out_, text);
    out_.push_back('"');
    return *this;
}

JsonOut& JsonOut::integer(std::int64_t number) {
    std::array<char, 24> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    return raw(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
}

JsonOut& JsonOut::number(double number) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    return raw(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
}

JsonOut& JsonOut::boolean(bool value) {
    return raw(value ? "true" : "false");
}

JsonOut& JsonOut::null() {
    return raw("null");
}

JsonOut& JsonOut::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

}  // namespace gatehouse::dialect

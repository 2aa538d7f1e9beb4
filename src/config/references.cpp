#include "references.hpp"

#include "findings.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::config {
namespace {

constexpr std::string_view opening = "${";
constexpr std::string_view file_prefix = "file:";

bool is_variable_name(std::string_view name) noexcept {
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
    return !name.empty() && letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool is_one_line(std::string_view value) noexcept {
    return std::none_of(value.begin(), value.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20U || byte == 0x7FU;
    });
}

void trim_line_break(std::string& text) {
    if (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    if (!text.empty() && text.back() == '\r') {
        text.pop_back();
    }
}

/// The value of one reference; `name` is what stands between the braces.
Expanded look_up(std::string_view name, const Sources& sources) {
    Expanded result;
    std::string described;
    if (name.substr(0, file_prefix.size()) == file_prefix) {
        const std::string path(name.substr(file_prefix.size()));
        if (path.empty()) {
            result.malformed = "`${file:}` names no file";
            return result;
        }
        described = fmt::format("file {}", quote(path));
        result.value = sources.file(path);
        if (!result.value) {
            result.unset = described + " cannot be read";
            return result;
        }
        trim_line_break(*result.value);
    } else {
        if (!is_variable_name(name)) {
            result.malformed = fmt::format("{} is not the name of an environment variable", quote(name));
            return result;
        }
        described = fmt::format("environment variable {}", quote(name));
        result.value = sources.environment(std::string(name));
        if (!result.value) {
            result.unset = described + " is not set";
            return result;
        }
    }
    if (result.value->empty()) {
        result.value.reset();
        result.unset = described + " is empty";
    } else if (!is_one_line(*result.value)) {
        result.value.reset();
        result.malformed = described + " holds a line break or another control character";
    }
    return result;
}

}  // namespace

bool holds_reference(std::string_view text) noexcept {
    return text.find(opening) != std::string_view::npos;
}

Expanded expand(std::string_view text, const Sources& sources) {
    Expanded result;
    std::string value;
    while (true) {
        const std::size_t start = text.find(opening);
        value += text.substr(0, start);
        if (start == std::string_view::npos) {
            result.value = std::move(value);
            return result;
        }
        result.by_reference = true;
        const std::size_t end = text.find('}', start);
        if (end == std::string_view::npos) {
            result.malformed = "`${` without `}`";
            return result;
        }
        const std::size_t name = start + opening.size();
        Expanded one = look_up(text.substr(name, end - name), sources);
        if (!one.value) {
            one.by_reference = true;
            return one;
        }
        value += *one.value;
        text.remove_prefix(end + 1);
    }
}

}  // namespace gatehouse::config

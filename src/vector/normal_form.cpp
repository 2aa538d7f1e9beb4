#include "normal_form.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace gatehouse::vector {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

struct FreeText {
    void operator()(utf8proc_uint8_t* text) const noexcept { std::free(text); }
};

const utf8proc_uint8_t* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

bool is_ascii(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string valid_utf8(std::string_view text) {
    std::string valid;
    valid.reserve(text.size());
    while (!text.empty()) {
        utf8proc_int32_t code_point = 0;
        const auto taken =
            utf8proc_iterate(bytes_of(text), static_cast<utf8proc_ssize_t>(text.size()), &code_point);
        valid += taken > 0 ? text.substr(0, static_cast<std::size_t>(taken)) : replacement;
        text.remove_prefix(taken > 0 ? static_cast<std::size_t>(taken) : 1);
    }
    return valid;
}

std::string composed(const std::string& valid) {
    utf8proc_uint8_t* made = nullptr;
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE);
    const auto size =
        utf8proc_map(bytes_of(valid), static_cast<utf8proc_ssize_t>(valid.size()), &made, options);
    const std::unique_ptr<utf8proc_uint8_t, FreeText> owned(made);
    if (size < 0) {
        return valid;  // no memory for it: what is left is a text all the same
    }
    return std::string(reinterpret_cast<const char*>(made), static_cast<std::size_t>(size));
}

}  // namespace

std::string normal_form(std::string_view text) {
    std::string normal = is_ascii(text) ? std::string(text) : composed(valid_utf8(text));
    for (char& c : normal) {
        if (c >= '\t' && c <= '\r') {
            c = ' ';
        }
    }
    return normal;
}

}  // namespace gatehouse::vector

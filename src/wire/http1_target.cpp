#include "http1_target.hpp"

#include "characters.hpp"

#include "gatehouse/core/text.hpp"
#include "gatehouse/wire/encodings.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace gatehouse::wire {
namespace {

bool has_dot_segment(std::string_view path) noexcept {
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view segment = path.substr(0, end);
        if (segment == "." || segment == "..") {
            return true;
        }
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return false;
}

/// Graphic ASCII without `%`, `\\`, `.`, `?` and `#`: a path of these alone means what it says.
constexpr std::array<bool, 256> plain_path_characters = [] {
    std::array<bool, 256> table{};
    for (unsigned char c = '!'; c <= '~'; ++c) {
        table[c] = std::string_view("%\\.?#").find(static_cast<char>(c)) == std::string_view::npos;
    }
    return table;
}();

bool is_plain_path(std::string_view target) noexcept {
    for (const char c : target) {
        if (!plain_path_characters[static_cast<unsigned char>(c)]) {
            return false;
        }
    }
    return target.starts_with('/');
}

constexpr std::array<bool, 256> host_characters = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("-._~!$&'()*+,;=0123456789abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}();

/// Decoded exactly once, before both authorisation and routing, so that the two see the same path.
bool decode_path(std::string_view raw, std::string& path) {
    path.clear();
    bool ascii = true;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        char c = raw[i];
        if (c == '%') {
            const int high = i + 2 < raw.size() ? hex_value(raw[i + 1]) : -1;
            const int low = i + 2 < raw.size() ? hex_value(raw[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || c == '\\') {
            return false;
        }
        ascii = ascii && byte < 0x80;
        path.push_back(c);
    }
    return !has_dot_segment(path) && (ascii || valid_utf8(path));
}

bool valid_port(std::string_view port) noexcept {
    const auto number = parse_unsigned(port);
    return number && port.size() <= 5 && *number <= 65535;
}

bool valid_ipv6(std::string_view text) noexcept {
    char terminated[INET6_ADDRSTRLEN] = {};
    if (text.empty() || text.size() >= sizeof terminated) {
        return false;
    }
    std::memcpy(terminated, text.data(), text.size());
    in6_addr address;
    return inet_pton(AF_INET6, terminated, &address) == 1;
}

bool valid_name(std::string_view name) noexcept {
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        if (c == '%') {
            if (i + 2 >= name.size() || hex_value(name[i + 1]) < 0 || hex_value(name[i + 2]) < 0) {
                return false;
            }
            i += 2;
            continue;
        }
        if (!host_characters[static_cast<unsigned char>(c)]) {
            return false;
        }
    }
    return !name.empty();
}

}  // namespace

bool valid_host(std::string_view host) noexcept {
    if (host.starts_with('[')) {
        const std::size_t close = host.find(']');
        if (close == std::string_view::npos || !valid_ipv6(host.substr(1, close - 1))) {
            return false;
        }
        const std::string_view after = host.substr(close + 1);
        return after.empty() || (after.front() == ':' && valid_port(after.substr(1)));
    }
    const std::size_t colon = host.find(':');
    if (colon == std::string_view::npos) {
        return valid_name(host);
    }
    return valid_name(host.substr(0, colon)) && valid_port(host.substr(colon + 1));
}

bool read_target(std::string_view method, std::string_view target, std::string& path, std::string& query) {
    query.clear();
    if (is_plain_path(target)) {
        path.assign(target);
        return true;
    }
    for (const char c : target) {
        if (c <= ' ' || c > '~' || c == '#') {
            return false;
        }
    }
    if (target == "*") {
        path.assign(target);
        return method == "OPTIONS";
    }
    if (!target.starts_with('/')) {
        const std::size_t scheme = target.find("://");
        if (scheme == std::string_view::npos || (!equals_ignoring_case(target.substr(0, scheme), "http") &&
                                                 !equals_ignoring_case(target.substr(0, scheme), "https"))) {
            return false;
        }
        target.remove_prefix(scheme + 3);
        const std::size_t authority = std::min(target.find_first_of("/?"), target.size());
        if (!valid_host(target.substr(0, authority))) {
            return false;
        }
        target.remove_prefix(authority);
    }
    const std::size_t mark = target.find('?');
    if (mark != std::string_view::npos) {
        query.assign(target.substr(mark + 1));
        target = target.substr(0, mark);
    }
    return decode_path(target.empty() ? std::string_view("/") : target, path);
}

}  // namespace gatehouse::wire

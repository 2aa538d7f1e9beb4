#include "gatehouse/core/text.hpp"
#include "gatehouse/net/http_client.hpp"

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>

namespace gatehouse::net {
namespace {

Problem bad(std::string_view url, std::string_view why) {
    std::string message = "not a base URL: ";
    message.append(without_controls(std::string_view(url).substr(0, 200)))
        .append(" (")
        .append(why)
        .append(")");
    return Problem(ProblemKind::invalid_configuration, std::move(message));
}

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_name_char(char c) {
    return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
}

/// RFC 3986, 3.3: pchar without percent-encoding, which no base path needs, and '/'.
bool is_path_char(char c) {
    return is_alphanumeric(c) || std::string_view("/-._~!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

bool has_dot_segment(std::string_view path) {
    const std::string closed = std::string(path) + "/";
    return closed.find("/./") != std::string::npos || closed.find("/../") != std::string::npos;
}

}  // namespace

std::string Origin::authority() const {
    std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (port != (tls ? 443 : 80)) {
        text.append(":").append(std::to_string(port));
    }
    return text;
}

Result<BaseUrl> parse_base_url(std::string_view url) {
    BaseUrl parsed;
    std::string_view rest = url;
    if (rest.size() > 8 && equals_ignoring_case(rest.substr(0, 8), "https://")) {
        rest.remove_prefix(8);
    } else if (rest.size() > 7 && equals_ignoring_case(rest.substr(0, 7), "http://")) {
        rest.remove_prefix(7);
        parsed.origin.tls = false;
        parsed.origin.port = 80;
    } else {
        return bad(url, "expected http:// or https://");
    }
    const std::size_t slash = rest.find('/');
    std::string_view authority = rest.substr(0, slash);
    std::string_view path = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);

    std::string_view host = authority;
    std::string_view port;
    bool has_port = false;
    if (authority.starts_with('[')) {
        const std::size_t end = authority.find(']');
        if (end == std::string_view::npos) {
            return bad(url, "the address lacks its ']'");
        }
        host = authority.substr(1, end - 1);
        const std::string_view after = authority.substr(end + 1);
        has_port = after.starts_with(':');
        if (!after.empty() && !has_port) {
            return bad(url, "expected a port after ']'");
        }
        port = has_port ? after.substr(1) : std::string_view();
        boost::system::error_code error;
        boost::asio::ip::make_address_v6(std::string(host), error);
        if (error) {
            return bad(url, "not an IPv6 address");
        }
    } else {
        const std::size_t colon = authority.find(':');
        has_port = colon != std::string_view::npos;
        host = authority.substr(0, colon);
        port = has_port ? authority.substr(colon + 1) : std::string_view();
        if (host.empty() || host.size() > 253 || !std::all_of(host.begin(), host.end(), is_name_char)) {
            return bad(url, "not a host name; user names and queries have no place here");
        }
    }
    if (has_port) {
        const std::optional<std::uint64_t> number = parse_unsigned(port);
        if (!number || *number == 0 || *number > 65535) {
            return bad(url, "not a port");
        }
        parsed.origin.port = static_cast<std::uint16_t>(*number);
    }
    if (!std::all_of(path.begin(), path.end(), is_path_char) || has_dot_segment(path)) {
        return bad(url, "the path may hold neither query, fragment, escapes nor dot segments");
    }
    while (path.ends_with('/')) {
        path.remove_suffix(1);
    }
    parsed.origin.host = to_lower(host);
    parsed.path = std::string(path);
    return parsed;
}

}  // namespace gatehouse::net

#include "doors.hpp"

#include "gatehouse/core/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

namespace gatehouse::server {
namespace {

/// `host:port`, `[v6]:port` or `host` without its port and brackets.
std::string_view host_of(std::string_view authority) noexcept {
    if (authority.starts_with('[')) {
        return authority.substr(1, authority.find(']') - 1);
    }
    return authority.substr(0, authority.find(':'));
}

bool is_address(std::string_view host) {
    const std::string text(host);
    std::array<unsigned char, 16> address{};
    return inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
           inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

}  // namespace

Status check_admin_host(const wire::RequestHead& head, const ServerOptions& options) {
    const auto authority = head.fields.find("host");
    if (!authority) {
        return done();  // HTTP/1.0: no browser
    }
    const auto host = host_of(*authority);
    const bool listed =
        std::any_of(options.admin_hosts.begin(), options.admin_hosts.end(),
                    [&](const std::string& each) { return equals_ignoring_case(each, host); });
    if (!listed && !equals_ignoring_case(host, "localhost") && !is_address(host)) {
        return Problem(ProblemKind::permission_denied,
                       "This host name is not served here: see server.admin_hosts.");
    }
    const auto origin = head.fields.find("origin");
    const bool only_reads = head.method == "GET" || head.method == "HEAD" || head.method == "OPTIONS";
    if (origin && !only_reads && !origin->ends_with("://" + std::string(*authority))) {
        return Problem(ProblemKind::permission_denied,
                       "Pages of another origin may not change anything here.");
    }
    return done();
}

bool is_loopback(std::string_view listen) {
    const auto colon = listen.rfind(':');
    auto host = listen.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    return host == "::1" || equals_ignoring_case(host, "localhost") ||
           (host.starts_with("127.") && is_address(host));
}

}  // namespace gatehouse::server

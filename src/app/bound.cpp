#include "bound.hpp"

#include <algorithm>

namespace gatehouse::app {

std::vector<std::string> keep_bound(server::ServerOptions& wanted, const server::ServerOptions& bound) {
    std::vector<std::string> kept;
    const auto keep = [&kept](auto& value, const auto& bound_value, const char* key) {
        if (value != bound_value) {
            value = bound_value;
            kept.emplace_back(key);
        }
    };
    keep(wanted.listen, bound.listen, "server.listen");
    keep(wanted.admin_listen, bound.admin_listen, "server.admin_listen");
    keep(wanted.lanes, bound.lanes, "server.lanes");
    // Which certificate may change, whether there is one may not: half of the clients would be locked out.
    if (wanted.tls.has_value() != bound.tls.has_value()) {
        wanted.tls = bound.tls;
        kept.emplace_back("server.tls");
    }
    return kept;
}

std::size_t lane_count(const server::ServerOptions& options, std::size_t cores) noexcept {
    return options.lanes != 0 ? options.lanes : std::max<std::size_t>(1, cores);
}

}  // namespace gatehouse::app

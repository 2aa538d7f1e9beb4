// One call of a running gateway's admin listener, for the command line.
// Room: app.
#pragma once

#include "gatehouse/core/result.hpp"
#include "gatehouse/core/secret.hpp"

#include <string>
#include <string_view>

namespace gatehouse::app {

struct AdminAddress {
    std::string url{"http://127.0.0.1:9464"};
    std::string ca_file;  // trust anchors beside the system's, PEM; empty: none
};

struct AdminAnswer {
    int status{0};
    std::string body;
};

/// Waits for the answer, with an event loop of its own. An empty key is not sent. `body` is JSON, or empty.
/// Problems: invalid_configuration (the address, the key), and those of a call that gets no answer.
Result<AdminAnswer> ask_admin(const AdminAddress& address, const Secret& key, std::string_view method,
                              std::string_view target, std::string_view body);

/// For one segment of a path.
std::string percent_encoded(std::string_view text);

}  // namespace gatehouse::app

// The whole gateway in this process, on ports of its own, with a configuration file, a log and a provider to
// talk to.
#pragma once

#include "support/raw_client.hpp"

#include "gatehouse/app/gatehouse.hpp"
#include "gatehouse/telemetry/log.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::integration {

inline constexpr std::string_view client_key = "gh-canary-of-the-caller-0123456789abcdef";
inline constexpr std::string_view operator_key = "gh-canary-of-the-operator-0123456789abcdef";
inline constexpr std::string_view provider_key = "sk-canary-of-the-provider-0123456789abcdef";

/// What a test changes of the usual configuration. Each text is YAML.
struct Plan {
    std::string base_url{"http://127.0.0.1:1/v1"};
    std::size_t lanes{1};
    std::string server;    // members of `server`, in flow style: "drain: 1s, lanes: 2"
    std::string provider;  // members of the provider `up`, in flow style
    std::string caller;    // members of the caller's key, in flow style
    // `alias` is the provider's `real`; every other name goes as it is.
    std::string models{
        "  alias: {targets: [{provider: up, model: real}]}\n"
        "  \"*\": {targets: [{provider: up, model: \"*\"}]}\n"};
    std::string more_providers;  // lines beside `up` and `sim`
    std::string rest;            // further top-level lines
    std::string data_dir;        // one of the house's own if empty
};

class House {
public:
    /// Throws when the gateway does not start.
    explicit House(Plan plan);
    ~House();
    House(const House&) = delete;
    House& operator=(const House&) = delete;

    app::Gateway& gateway() { return *gateway_; }
    std::uint16_t port() const { return gateway_->port(); }
    std::uint16_t admin_port() const { return gateway_->admin_port(); }

    /// Replaces the configuration file, as an editor would. The gateway sees it when it looks.
    void write(const Plan& plan);
    /// Replaces it with any text.
    void write_text(std::string_view yaml);
    /// Loads the file anew and waits for the end of that.
    Status reload();

    /// A request's bytes with the caller's key.
    static std::string post(std::string_view path, std::string_view body, std::string_view more_fields = {});
    /// Sends it on a connection of its own.
    test::RawResponse ask(std::string_view path, std::string_view body, std::string_view more_fields = {});
    /// Asks the admin listener, with the operator's key.
    test::RawResponse admin(std::string_view path);
    /// The same with a JSON body.
    test::RawResponse admin_post(std::string_view path, std::string_view body);
    /// One number of /metrics: of the line that begins with `series` and a blank.
    double metric(std::string_view series);
    /// All that was logged so far.
    std::string log_text();

private:
    std::string yaml(const Plan& plan) const;

    std::filesystem::path directory_;
    int log_descriptor_{-1};
    std::unique_ptr<telemetry::Log> log_;
    std::unique_ptr<app::Gateway> gateway_;
};

/// A chat body with that model; `more` is further members with a leading comma.
std::string chat(std::string_view model, std::string_view more = {});

}  // namespace gatehouse::integration

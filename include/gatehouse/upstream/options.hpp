// Options of the upstream room: providers.
#pragma once

#include "gatehouse/core/secret.hpp"
#include "gatehouse/net/options.hpp"
#include "gatehouse/policy/account.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::upstream {

enum class ProviderKind : std::uint8_t { openai, anthropic, gemini, simulated };

struct SimulatedOptions {
    std::chrono::milliseconds first_token{20};  // yaml: providers.*.simulate.first_token
    std::chrono::milliseconds per_token{10};    // yaml: providers.*.simulate.per_token
};

struct ProviderOptions {
    std::string name;
    ProviderKind kind{ProviderKind::openai};
    std::string base_url;                                      // yaml: providers.*.base_url
    std::vector<Secret> api_keys;                              // yaml: providers.*.api_keys
    std::vector<std::pair<std::string, std::string>> headers;  // yaml: providers.*.headers
    net::Timeouts timeouts;                                    // yaml: providers.*.timeouts
    std::size_t response_limit{128 * 1024 * 1024};             // yaml: providers.*.limits.response
    policy::LimitOptions limits{};                             // yaml: providers.*.limits
    bool stream_usage{true};                                   // yaml: providers.*.stream_usage
    std::vector<std::string> betas;                            // yaml: providers.*.betas
    std::string ca_file;                                       // yaml: providers.*.ca_file
    SimulatedOptions simulate;
};

}  // namespace gatehouse::upstream

// Options of the upstream room: providers.
#pragma once

#include "gatehouse/core/secret.hpp"
#include "gatehouse/net/options.hpp"
#include "gatehouse/policy/account.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::upstream {

enum class ProviderKind : std::uint8_t {
    openai,
    anthropic,
    gemini,
    simulated,
    local,  // the embedding model in process
};

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

enum class EmbedderKind : std::uint8_t { local, provider };

struct EmbedderOptions {
    std::string name;
    EmbedderKind kind{EmbedderKind::local};
    std::string path{};           // yaml: embedders.*.path; empty: the usual places
    std::string provider{};       // yaml: embedders.*.provider
    std::string model{};          // yaml: embedders.*.model; upstream name
    std::uint32_t dimensions{0};  // yaml: embedders.*.dimensions
};

/// The embedder that is always there, and that providers of kind `local` answer with.
inline constexpr std::string_view local_embedder = "local";

}  // namespace gatehouse::upstream

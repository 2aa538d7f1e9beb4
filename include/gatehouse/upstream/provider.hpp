// A provider at run time: where it is, which credentials it takes, what it speaks.
//
// Immutable; made anew at each configuration load and pinned by the requests that use it.
// Room: upstream. May include: core, wire, chat, dialect, policy, telemetry, net.
#pragma once

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/chat/model_facts.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/net/http_client.hpp"
#include "gatehouse/policy/cost.hpp"
#include "gatehouse/policy/model_match.hpp"
#include "gatehouse/policy/slow_stream.hpp"
#include "gatehouse/upstream/health.hpp"
#include "gatehouse/upstream/options.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gatehouse::upstream {

class LocalModel;

class Provider {
public:
    /// `local`: what a provider of kind local answers with. Problem invalid_configuration when the base URL
    /// is none.
    static Result<std::shared_ptr<const Provider>> make(ProviderOptions options,
                                                        std::shared_ptr<const LocalModel> local = nullptr);

    const std::string& name() const noexcept { return options_.name; }
    const ProviderOptions& options() const noexcept { return options_; }
    /// Whose words it understands.
    chat::Vendor vendor() const noexcept { return vendor_; }
    const net::Origin& origin() const noexcept { return base_.origin; }
    /// Path of the base URL joined with the path of an endpoint.
    std::string target(std::string_view path) const;
    /// What tells its credentials apart: one for each of `api_keys`, or one that stands for none.
    std::span<const Digest> credentials() const noexcept { return credentials_; }
    /// One credential and the configured fields, "name: value\r\n" each: the only place where a provider's
    /// key is written.
    const std::string& fields(std::size_t credential) const noexcept { return fields_[credential]; }
    /// Does a beta that a client opts in to go on to it? Those of message threads always do: their requests
    /// mean nothing without.
    bool passes_beta(std::string_view beta) const noexcept;
    bool simulated() const noexcept { return options_.kind == ProviderKind::simulated; }
    /// Does it answer in this process, without network?
    bool in_process() const noexcept { return simulated() || options_.kind == ProviderKind::local; }
    /// Of a provider of kind local; may be null.
    const std::shared_ptr<const LocalModel>& local_model() const noexcept { return local_; }

private:
    Provider(ProviderOptions options, net::BaseUrl base, std::shared_ptr<const LocalModel> local);
    ProviderOptions options_;
    std::shared_ptr<const LocalModel> local_;
    net::BaseUrl base_;
    chat::Vendor vendor_;
    std::vector<Digest> credentials_;
    std::vector<std::string> fields_;  // with each of them
    policy::ModelAllowList betas_;
};

/// One place a request can be sent to.
struct Target {
    std::shared_ptr<const Provider> provider;
    std::string model;  // upstream name
    net::Timeouts timeouts;
    /// What is known of the model; null: nothing. They live as long as the settings that made the plan.
    const chat::ModelFacts* facts{nullptr};
    /// The limits that the client has set below the configured ones.
    struct Narrowed {
        std::optional<std::chrono::milliseconds> first_token{};
        std::optional<std::chrono::milliseconds> total{};
    };
    Narrowed narrowed{};
    /// Does it go on with answers that others have begun? Absent: if it is Anthropic's, and the model is
    /// known to. What others are known to is to take such a message: some begin a new answer after it.
    std::optional<bool> continues{};
    bool goes_on() const noexcept {
        const bool known =
            provider->vendor() == chat::Vendor::anthropic && facts != nullptr && facts->prefill;
        return continues.value_or(known);
    }
    /// When a stream is too slow; absent: never.
    std::optional<policy::SlowStreamOptions> slow_stream{};
    /// What its calls cost; good as long as the settings.
    policy::TargetRates rates{};
    /// How it has been answering.
    std::shared_ptr<TargetHealth> health{};
};

}  // namespace gatehouse::upstream

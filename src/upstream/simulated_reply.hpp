// Replies as scripts: whole bodies, errors and event streams with the pauses that a provider would make.
// Room: upstream.
#pragma once

#include "simulated_script.hpp"
#include "simulated_text.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace gatehouse::upstream {

/// An error object in OpenAI's form. An empty `param` or `code` is null.
struct SimulatedError {
    int status{400};
    std::string message;
    std::string type{"invalid_request_error"};
    std::string code{};
    std::string param{};
};
SimulatedScript error_reply(const SimulatedError& error, std::uint64_t seed);
/// What OpenAI would say with that status.
SimulatedScript error_reply(int status, std::uint64_t seed);

/// A body whose head comes after `takes`, as from a provider that thinks first.
SimulatedScript whole_reply(const nlohmann::ordered_json& body, Milliseconds takes,
                            const SimulatedOrders& orders, std::uint64_t seed);

/// How long `tokens` take.
Milliseconds time_for(std::int64_t tokens, const SimulatedOptions& pace);

/// Builds an event stream. Once the orders say that it ends here, what is added is left out.
class StreamScript {
public:
    StreamScript(const SimulatedOptions& pace, const SimulatedOrders& orders, std::uint64_t seed);

    /// An event without a pause before it. `name` empty: only a data line.
    void event(std::string_view name, const nlohmann::ordered_json& data);
    /// An event that carries a token: the next token's pause comes before it.
    void token(std::string_view name, const nlohmann::ordered_json& data);
    /// Chat's last event, `[DONE]`.
    void terminator();
    SimulatedScript finish();

private:
    bool ended() const noexcept { return script_.end != SimulatedEnd::complete; }
    void add(Milliseconds after, std::string_view name, std::string_view data);

    SimulatedOptions pace_;
    SimulatedEnd ordered_end_;
    SimulatedScript script_;
    int tokens_{0};
};

}  // namespace gatehouse::upstream

// The endpoints of the simulation: each reads its body and writes its script. Room: upstream.
#pragma once

#include "simulated_script.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>

namespace gatehouse::upstream {

/// A body that is a JSON object, what was sent with it, and the seed of all that looks random in the reply.
struct SimulatedTask {
    const nlohmann::ordered_json& body;
    const SimulatedCall& call;
    std::uint64_t seed;
};

SimulatedScript simulate_chat(const SimulatedTask& task);
SimulatedScript simulate_completions(const SimulatedTask& task);
SimulatedScript simulate_responses(const SimulatedTask& task);
SimulatedScript simulate_embeddings(const SimulatedTask& task);
SimulatedScript simulate_moderations(const SimulatedTask& task);

}  // namespace gatehouse::upstream

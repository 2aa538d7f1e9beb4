// What a simulated provider is going to say, and when: decided at once from the bytes of the request, then
// played.
//
// Pure: no clock, no waiting. The same request at the same second gives the same script. Room: upstream.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/upstream/options.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::upstream {

/// Bytes of the body, and the pause before them.
struct SimulatedStep {
    Milliseconds after{0};
    std::string bytes;
};

/// How the body ends: properly, with a lost connection, or with silence until somebody's patience is over.
enum class SimulatedEnd : std::uint8_t { complete, cut, stall };

struct SimulatedScript {
    int status{200};
    std::vector<std::pair<std::string, std::string>> fields;
    Milliseconds head_after{0};
    std::vector<SimulatedStep> steps;
    SimulatedEnd end{SimulatedEnd::complete};
    bool sized{true};  // a whole reply with its length; false for a stream
};

struct SimulatedCall {
    std::string_view method;
    std::string_view target;
    std::string_view body;
    std::int64_t created{0};  // seconds since 1970, for the `created` fields
    SimulatedOptions pace;
};

/// The reply to a call, whatever it is: an unknown path or a bad body is answered like everything else.
SimulatedScript simulate(const SimulatedCall& call);

}  // namespace gatehouse::upstream

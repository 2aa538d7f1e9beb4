// The simulated provider: an OpenAI-compatible provider in process, deterministic, without network.
//
// It takes the very bytes that a real provider would get and gives back the very bytes that one would send,
// so everything above it runs as in production. It says in its answers that it is simulated. Room: upstream.
// May include: core, wire, net.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/net/http_client.hpp"
#include "gatehouse/upstream/options.hpp"

#include <memory>

namespace gatehouse::upstream {

/// Speaks POST /chat/completions, /completions, /embeddings, /responses, /moderations; other paths answer 404
/// in OpenAI's error form. What it can be asked for, faults included, is in docs/simulated-provider.md. It
/// keeps to the timeouts of the call as a connection would: first_byte, idle and total.
class SimulatedProvider : public net::HttpCaller {
public:
    SimulatedProvider(Clock& clock, SimulatedOptions options);
    Task<Result<std::unique_ptr<net::HttpReply>>> send(const net::Origin& origin,
                                                       net::HttpCall& call) override;

private:
    Clock& clock_;
    SimulatedOptions options_;
};

}  // namespace gatehouse::upstream

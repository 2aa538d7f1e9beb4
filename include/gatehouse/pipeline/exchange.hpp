// Exchange: everything about one request on its way through the stages.
// Room: pipeline.
#pragma once

#include "gatehouse/chat/reply_sink.hpp"
#include "gatehouse/chat/request.hpp"
#include "gatehouse/chat/usage.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/pipeline/request_facts.hpp"
#include "gatehouse/pipeline/settings.hpp"
#include "gatehouse/policy/key_check.hpp"
#include "gatehouse/telemetry/trail.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::pipeline {

struct Exchange {
    std::shared_ptr<const policy::Caller> caller;
    std::shared_ptr<const Settings> settings;
    chat::Request request;
    chat::ReplySink& sink;
    telemetry::Trail& trail;
    // What the client narrowed (x-gatehouse-timeout, x-gatehouse-ttft-timeout); never widened.
    std::optional<Milliseconds> total_timeout{};
    std::optional<Milliseconds> first_token_timeout{};
    bool fallback_off{false};  // x-gatehouse-fallback: off
    // Decided on the way.
    std::optional<ModelMatch> model{};
    std::vector<upstream::Target> plan{};
    // What the client filed the request under; rules may ask for it.
    RequestLabels labels{};
    // Asked before another target goes on with a stream that broke off: a call that costs money on top of
    // what was foreseen. False: it is not made. Empty: it may be.
    std::function<bool()> may_spend_again{};
};

/// What a request that succeeded used.
struct Outcome {
    chat::Usage usage;
};

}  // namespace gatehouse::pipeline

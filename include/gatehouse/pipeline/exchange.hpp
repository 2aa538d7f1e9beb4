// Exchange: everything about one request on its way through the stages.
// Room: pipeline.
#pragma once

#include "gatehouse/chat/reply_sink.hpp"
#include "gatehouse/chat/request.hpp"
#include "gatehouse/chat/usage.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/pipeline/request_facts.hpp"
#include "gatehouse/pipeline/request_identity.hpp"
#include "gatehouse/pipeline/settings.hpp"
#include "gatehouse/pipeline/spend_guard.hpp"
#include "gatehouse/policy/account.hpp"
#include "gatehouse/policy/cache_wish.hpp"
#include "gatehouse/policy/key_check.hpp"
#include "gatehouse/telemetry/trail.hpp"
#include "gatehouse/upstream/call_watch.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <cstdint>
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
    bool fallback_off{false};       // x-gatehouse-fallback: off
    policy::CacheWish cache{};      // Cache-Control, x-gatehouse-cache and its neighbours
    std::uint64_t longest_body{0};  // bytes, that bodies of forms without a length never exceed
    // Decided on the way.
    std::optional<ModelMatch> model{};
    std::vector<upstream::Target> plan{};
    // What the client filed the request under; rules may ask for it.
    RequestLabels labels{};
    // The accounts that it meets and that limit anything, and what it is taken to need of their tokens and of
    // its providers'; absent: nobody asks.
    policy::AccountSet accounts{};
    std::optional<std::int64_t> tokens{};
    // What is known of it, while the stages that know more are running; null: nothing yet.
    ExchangeFacts* facts{nullptr};
    // Null: nobody counts its money.
    SpendGuard* spend{nullptr};
    // What it costs is settled with all of `accounts`.
    bool settles{false};
    // Set by whoever needs it first.
    std::optional<RequestIdentity> identity{};
    // Its calls are made by an exchange of their own, which pays for them.
    bool shares_call{false};
    // A provider was called for it, or an answer was there: also where its own trail has no attempt.
    bool was_served{false};
    // Hears of its calls as they begin, where they are made one by one; null: nobody does.
    upstream::CallWatch* watch{nullptr};
    // Hears the reply on its way to `sink` and passes it on; null: nobody does.
    chat::ReplySink* listener{nullptr};

    /// Where those who have a reply push it.
    chat::ReplySink& way_out() const noexcept { return listener != nullptr ? *listener : sink; }
};

/// What a request that succeeded used.
struct Outcome {
    chat::Usage usage;
};

}  // namespace gatehouse::pipeline

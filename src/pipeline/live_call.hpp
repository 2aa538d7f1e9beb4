// One shared call while it is made: its own exchange, taken over from the request that opened it.
//
// It owes nothing to that request's coroutine, and ends when it is done or nobody reads it any more. Room:
// pipeline, private.
#pragma once

#include "call_account.hpp"
#include "call_sink.hpp"
#include "shared_call.hpp"

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/secret.hpp"
#include "gatehouse/pipeline/coalescing_table.hpp"
#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/pipeline/stage.hpp"
#include "gatehouse/upstream/call_watch.hpp"

#include <memory>

namespace gatehouse::pipeline {

class LiveCall : private upstream::CallWatch {
public:
    /// Takes the request out of the opener's exchange. `table` outlives the call.
    LiveCall(Exchange& opener, std::shared_ptr<SharedCall> call, CoalescingTable& table, const Digest& key);
    LiveCall(const LiveCall&) = delete;
    LiveCall& operator=(const LiveCall&) = delete;
    /// Whatever happened: the key is free, the account is settled, and the readers know the end.
    ~LiveCall() override;

    const std::shared_ptr<CallAccount>& account() const noexcept { return account_; }

    /// Runs the stages, unless the last reader leaves. `began`: when its costs count. To be spawned.
    static Task<void> run(std::unique_ptr<LiveCall> live, Next next, WallTime began);

private:
    void call_began() noexcept override;

    std::shared_ptr<SharedCall> call_;
    CoalescingTable& table_;
    Digest key_;
    std::shared_ptr<CallAccount> account_;
    CallSink sink_;
    Exchange x_;
    Result<Outcome> outcome_;
};

}  // namespace gatehouse::pipeline

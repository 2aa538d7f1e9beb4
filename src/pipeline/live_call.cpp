#include "live_call.hpp"

#include "gatehouse/net/lane.hpp"
#include "gatehouse/net/unless.hpp"
#include "gatehouse/pipeline/spent_note.hpp"
#include "gatehouse/telemetry/log.hpp"

#include <exception>
#include <utility>

namespace gatehouse::pipeline {

LiveCall::LiveCall(Exchange& opener, std::shared_ptr<SharedCall> call, CoalescingTable& table,
                   const Digest& key)
    : call_(std::move(call)),
      table_(table),
      key_(key),
      account_(std::make_shared<CallAccount>(opener.trail)),
      sink_(*call_, account_->trail()),
      x_{opener.caller, opener.settings, std::move(opener.request), sink_, account_->trail()},
      outcome_(Problem(ProblemKind::shutting_down, "The gateway is shutting down.")) {  // if it is cut off
    x_.total_timeout = opener.total_timeout;
    x_.first_token_timeout = opener.first_token_timeout;
    x_.fallback_off = opener.fallback_off;
    x_.cache = opener.cache;
    x_.longest_body = opener.longest_body;
    x_.model = opener.model;
    x_.labels = opener.labels;
    x_.accounts = opener.accounts;
    x_.identity = std::move(opener.identity);
    // Heads may leave before there is any of a stream, and of nothing else.
    x_.watch = x_.request.stream ? this : nullptr;
}

LiveCall::~LiveCall() {
    table_.remove(key_, *call_);
    call_->end(std::move(outcome_), account_->trail());
    try {
        account_->settle();
    } catch (const std::exception& error) {
        telemetry::note_escaped(error.what());  // the opener's row is lost, the readers are not
    }
}

void LiveCall::call_began() noexcept {
    try {
        call_->announce(std::make_shared<const telemetry::Trail>(account_->trail()));
    } catch (const std::exception& error) {
        telemetry::note_escaped(error.what());  // an early head says less
    }
}

Task<void> LiveCall::run(std::unique_ptr<LiveCall> live, Next next, WallTime began) {
    const SpentNote spent(live->x_, began);
    try {
        auto work = next(live->x_);
        auto abandoned = live->call_->abandoned();
        auto outcome = co_await net::unless(std::move(work), std::move(abandoned));
        if (outcome) {
            live->outcome_ = std::move(*outcome);
        } else {
            live->outcome_ = Problem(ProblemKind::client_gone, "All clients have closed their connections.");
        }
    } catch (const std::exception& error) {
        if (!net::is_cancellation(error)) {
            live->outcome_ = failed_here();
        }
        throw;
    } catch (...) {
        live->outcome_ = failed_here();
        throw;
    }
}

}  // namespace gatehouse::pipeline

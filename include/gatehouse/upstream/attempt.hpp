// One attempt: one call to one target, its reply pushed into the sink.
//
// Nothing reaches the sink before first content, and a whole reply is read and validated to its end before
// any byte of it goes out; so a Problem from an attempt that sent no content may be tried elsewhere. Room:
// upstream. May include: core, wire, chat, dialect, policy, tokens, telemetry, net.
#pragma once

#include "gatehouse/chat/reply_sink.hpp"
#include "gatehouse/chat/request.hpp"
#include "gatehouse/chat/usage.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/policy/failover.hpp"
#include "gatehouse/telemetry/trail.hpp"
#include "gatehouse/tokens/estimate.hpp"
#include "gatehouse/upstream/call_cost.hpp"
#include "gatehouse/upstream/call_watch.hpp"
#include "gatehouse/upstream/followed_stream.hpp"
#include "gatehouse/upstream/provider.hpp"
#include "gatehouse/upstream/stand_ins.hpp"
#include "gatehouse/upstream/thought_store.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::upstream {

class CallMeter;
class Speech;

/// What an attempt gave: the whole reply has been pushed.
struct Answer {
    chat::Usage usage;  // of its own calls, also where it goes on with the answer of others
    std::string finish_reason;
};

/// The callers of one lane: real connections, and the providers in this process.
class Callers {
public:
    /// `thoughts` and `counter` are shared by all lanes; null: none are kept, nothing is counted here.
    Callers(Clock& clock, net::HttpCaller& network, ThoughtStore* thoughts = nullptr,
            const tokens::TokenCounter* counter = nullptr)
        : clock_(clock), network_(network), thoughts_(thoughts), counter_(counter) {}
    ThoughtStore* thoughts() noexcept { return thoughts_; }
    const tokens::TokenCounter* counter() const noexcept { return counter_; }
    Clock& clock() noexcept { return clock_; }
    /// The caller for a provider: the network, or one that answers in this process (`own` keeps it).
    net::HttpCaller& of(const Provider& provider, std::unique_ptr<net::HttpCaller>& own);

private:
    Clock& clock_;
    net::HttpCaller& network_;
    ThoughtStore* thoughts_;
    const tokens::TokenCounter* counter_;
};

/// What an attempt is to know beside the request.
struct AttemptTerms {
    std::string_view caller{};  // the name of the key, whose thoughts nobody else gets
    std::size_t credential{0};  // of the provider's
    policy::CallReason reason{policy::CallReason::first};
    /// Who could take its place, if its stream is too slow; null: nobody.
    StandIns* others{nullptr};
    /// The stream that it goes on with; nothing: it begins one.
    std::optional<BrokenStream> goes_on{};
    const SpentBeside* beside{nullptr};  // null: all calls of the request are on the trail
    CallWatch* watch{nullptr};           // null: nobody wants to hear of its calls
};

/// Audio endpoints may answer with any media type: their bytes are relayed as they come.
class Attempt {
public:
    Attempt(Callers& callers, const Target& target, telemetry::Trail& trail, const AttemptTerms& terms = {});
    ~Attempt();
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

    /// Can the request be said to the target at all? Without a call; the problem is that of `run`.
    static Status can_be_asked(const chat::Request& request, const Target& target);

    /// Makes the call. A request that cannot be said to this provider is refused without one. The trail gets
    /// one AttemptRecord of a call in every case, cancellation included, with what it costs, and the usage:
    /// the provider's, or an estimate of what came.
    Task<Result<Answer>> run(const chat::Request& request, chat::ReplySink& sink);

    /// May the same request be tried again? Not once something of the reply, or of a body that is still
    /// arriving, has gone its way.
    bool can_be_repeated() const noexcept { return !said_ && !rest_begun_; }
    /// The calls that have been made to get the answer: those that bring further parts of it are no more.
    int calls() const noexcept { return calls_; }
    /// From the last call's beginning to the first content of its stream.
    std::optional<Milliseconds> first_content_after() const noexcept { return first_content_after_; }
    /// The provider's failure, where the question was answered here all the same.
    const std::optional<Problem>& overlooked() const noexcept { return overlooked_; }
    /// Nothing more of the call is wanted: it costs what it costs now.
    void settle() noexcept;
    /// What the present call costs, as if it ended now; nothing: not known.
    std::optional<PicoUsd> cost_so_far() const noexcept;
    /// The provider says that this credential has no calls of this model left for so long.
    std::optional<Milliseconds> exhausted_for() const noexcept { return exhausted_for_; }

private:
    /// Answers a question for a number of tokens without the provider, whose API has none for it.
    Task<Result<Answer>> count_here(const chat::Request& request, chat::ReplySink& sink);
    Task<Result<Answer>> call(const chat::Request& request, const Speech& speech, chat::ReplySink& sink);
    Task<Result<Answer>> receive(net::HttpReply& reply, const chat::Request& request, const Speech& speech,
                                 chat::ReplySink& sink);
    Task<Result<Answer>> whole(net::HttpReply& reply, const chat::Request& request, const Speech& speech,
                               chat::ReplySink& sink);
    /// The reply of a provider that was asked for a stream, said as one.
    Task<Result<Answer>> whole_as_stream(net::HttpReply& reply, const Speech& speech, std::string_view body,
                                         chat::ReplySink& sink);
    Task<Result<Answer>> stream(net::HttpReply& reply, const chat::Request& request, const Speech& speech,
                                chat::ReplySink& sink);
    Task<Result<Answer>> opaque(net::HttpReply& reply, chat::ReplySink& sink);
    Task<Result<Answer>> refused(net::HttpReply& reply);
    /// The reply's next bytes, with the time that the provider took for them on the trail.
    Task<Result<std::string>> body_of(net::HttpReply& reply, std::size_t limit);

    Callers& callers_;
    const Target& target_;
    telemetry::Trail& trail_;
    AttemptTerms terms_;
    Instant began_{};
    std::unique_ptr<CallMeter> meter_;  // of the last call; null: there was none
    int calls_{0};
    std::optional<Milliseconds> first_content_after_;
    std::optional<Milliseconds> exhausted_for_;
    std::optional<Problem> overlooked_;
    bool said_{false};        // something reached the sink: it cannot be said again
    bool rest_begun_{false};  // of a body that is still arriving
};

}  // namespace gatehouse::upstream

// Two attempts at one reply: a second one is begun when the first is slow, the first content wins, and the
// other is cancelled.
//
// Nothing of the loser reaches the client; its call stands on the trail as cancelled. Room: upstream. May
// include: core, chat, telemetry, net.
#pragma once

#include "gatehouse/chat/reply_sink.hpp"
#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/net/signal.hpp"
#include "gatehouse/telemetry/trail.hpp"
#include "gatehouse/upstream/attempt.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>

namespace gatehouse::upstream {

class HedgedAttempt {
public:
    struct Contender {
        const Target* target{nullptr};
        AttemptTerms terms;
    };
    /// How one of the two ended; no answer: it was cancelled, or never begun.
    struct Ending {
        std::optional<Result<Answer>> answer;
        int calls{0};
        int status{0};  // of the last call's reply; 0: none came
        bool can_be_repeated{true};
        std::optional<Milliseconds> first_content_after;
        std::optional<Milliseconds> exhausted_for;
        std::optional<Problem> overlooked;  // the provider's, where the answer was made here
        Instant began{};
    };
    /// Told at once, while the winner's reply may still take long.
    class Observer {
    public:
        virtual ~Observer() = default;
        /// This side has content.
        virtual void won(std::size_t side) = 0;
        /// This side was cancelled, the other one has content.
        virtual void lost(std::size_t side) = 0;
        /// The first side is slow: who is called beside it? Nothing: nobody.
        virtual std::optional<Contender> second() = 0;
    };
    using Endings = std::array<Ending, 2>;

    /// The second is asked for after `after` without content of the first.
    HedgedAttempt(Callers& callers, telemetry::Trail& trail, const Contender& first, Milliseconds after,
                  Observer& observer);
    ~HedgedAttempt();
    HedgedAttempt(const HedgedAttempt&) = delete;
    HedgedAttempt& operator=(const HedgedAttempt&) = delete;

    /// Returns when one has answered, or when all that were begun have failed. REQUIRES: the request's body
    /// is there in full.
    Task<Endings> run(const chat::Request& request, chat::ReplySink& sink);

private:
    class Gate;
    struct Side;
    class OtherCalls;

    void begin(std::size_t side, const Contender& contender, chat::ReplySink& sink);
    Task<void> contend(std::size_t side, const chat::Request& request);
    Task<void> run_first(const chat::Request& request);
    Task<void> run_second(const chat::Request& request, chat::ReplySink& sink);
    /// The side has content: the other one ends. False: it is the other one.
    bool claim(std::size_t side);
    void tell_trail();
    /// Of all calls but those of one side.
    std::optional<PicoUsdSum> spent_beside(std::size_t side) const;
    bool has_failed(std::size_t side) const noexcept;

    Callers& callers_;
    telemetry::Trail& trail_;
    std::size_t calls_before_;
    std::chrono::nanoseconds time_before_;
    Instant began_;
    Contender first_;
    Milliseconds after_;
    Observer& observer_;
    std::array<std::unique_ptr<Side>, 2> sides_;
    std::optional<std::size_t> winner_;
    net::Signal over_;  // one who waits for the other
};

}  // namespace gatehouse::upstream

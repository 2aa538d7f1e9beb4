// A call to providers whose reply several requests read, each at its own pace and on its own lane.
//
// The reply is written once, by the call's own coroutine, and kept from its beginning as long as others may
// join. The reader that is furthest paces the call; one that falls behind by more than what is kept ends
// alone. When the last reader leaves, the call is abandoned. Room: pipeline, private.
#pragma once

#include "gatehouse/chat/reply_sink.hpp"
#include "gatehouse/core/guarded.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/net/bell.hpp"
#include "gatehouse/net/lane.hpp"
#include "gatehouse/pipeline/coalescing_table.hpp"
#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/telemetry/trail.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gatehouse::pipeline {

/// What clients are told when a call ends by an exception.
Problem failed_here();

/// Functions may be called from any thread, where nothing else is said.
class SharedCall : public std::enable_shared_from_this<SharedCall> {
public:
    /// One run of deltas as the stages pushed it.
    struct Piece {
        std::unique_ptr<char[]> bytes;
        std::vector<chat::Delta> run;                     // of `bytes`
        std::unique_ptr<char[]> unpaid_bytes{};           // with another cost in them
        std::vector<chat::Delta> unpaid_run{};            // for who does not pay; empty: the same
        std::size_t size{0};                              // in memory
        std::optional<chat::ReplyHead> head{};            // with the first
        std::shared_ptr<const telemetry::Trail> trail{};  // the call's by then; null: not much has changed
    };
    struct Ending {
        Result<Outcome> outcome;
        telemetry::Trail trail;
    };
    class Reader;
    enum class Pays : std::uint8_t { yes, no };

    /// `lane`: of the call's coroutine.
    SharedCall(net::Lane& lane, SharedCallLimits limits, std::shared_ptr<KeptBytes> of_all);
    SharedCall(const SharedCall&) = delete;
    SharedCall& operator=(const SharedCall&) = delete;
    ~SharedCall();

    /// Null: it is over or all of its reply is there, it is abandoned, or longer than what is kept. `lane`:
    /// the reader's.
    std::unique_ptr<Reader> join(net::Lane& lane, Pays pays = Pays::yes);

    // Of the call's coroutine.
    /// What is known of the call before there is any of its reply; takes the place of what was said before.
    void announce(std::shared_ptr<const telemetry::Trail> trail);
    void append(Piece piece);
    /// Returns when the furthest reader is near.
    Task<void> wait_for_readers();
    /// Returns when the last reader has left, or the coroutine that waits for it is cancelled.
    Task<void> abandoned() { return abandoned_->wait(net::WhenCancelled::returns); }
    /// For good: later ends are none. Where there is no memory to tell it with, the readers are told less of
    /// the trail.
    void end(Result<Outcome> outcome, const telemetry::Trail& trail) noexcept;
    /// Ends a call that nobody has begun, as one that the gateway failed to make; needs no memory.
    void give_up() noexcept;

private:
    struct Seat {
        std::shared_ptr<net::Bell> bell;
        std::uint64_t next{0};   // the number of the first piece that it has not got
        std::uint64_t taken{0};  // bytes of those before
        bool waits{false};
    };
    using Seats = std::list<Seat>;
    using Pieces = std::deque<std::shared_ptr<const Piece>>;
    struct State {
        Pieces pieces;
        std::uint64_t first{0};     // the number of the one in front
        std::uint64_t produced{0};  // bytes, also of those that are gone
        std::size_t kept{0};        // bytes
        std::shared_ptr<const telemetry::Trail> announced;
        Seats seats;
        std::uint64_t furthest{0};  // bytes that one of them has taken
        bool open{true};            // to more readers
        bool call_waits{false};
        std::shared_ptr<const Ending> ending;
    };

    /// To `dropped`, which is taken down outside the lock.
    void drop_pieces(State& state, Pieces& dropped) const;
    /// Of readers that are to look again: they wait no more.
    static std::vector<std::shared_ptr<net::Bell>> waiting_bells(State& state);
    /// One of them; null: none waits.
    static std::shared_ptr<net::Bell> next_waiting_bell(State& state) noexcept;
    void tell_ending() noexcept;
    bool is_far_ahead(const State& state) const noexcept {
        return state.produced - state.furthest > limits_.ahead && !state.seats.empty();
    }
    void leave(Seats::iterator seat) noexcept;

    const SharedCallLimits limits_;
    const std::shared_ptr<KeptBytes> of_all_;
    const std::shared_ptr<net::Bell> readers_moved_;
    const std::shared_ptr<net::Bell> abandoned_;
    const std::shared_ptr<Ending> ending_;  // there from the beginning, so that no end lacks memory
    Guarded<State> state_;
};

/// One request's place at a shared call; leaves it in its destructor. On the request's lane only.
class SharedCall::Reader {
public:
    enum class Look : std::uint8_t { pieces, nothing_yet, ended, fell_behind };

    /// Has no place yet: only the call gives it one.
    Reader(std::shared_ptr<SharedCall> call, net::Lane& lane, Pays pays);
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader();

    /// Goes on to what has come since; what it gave before counts as taken.
    Look look();
    /// After nothing_yet: returns when another look is worth it.
    Task<void> wait() { return seat_->bell->wait(); }

    /// After pieces: all deltas that were there, some of them or more; valid until the next look.
    std::span<const chat::Delta> run() const noexcept { return run_; }
    /// Null: it has been given before.
    const chat::ReplyHead* head() const noexcept;
    /// The newest that came with the pieces; null: none.
    const telemetry::Trail* trail() const noexcept;
    /// What was announced last; null: nothing.
    std::shared_ptr<const telemetry::Trail> announced() const;
    /// Null: it has not got there.
    const Ending* ending() const noexcept { return ending_.get(); }

private:
    friend SharedCall;
    Look take(State& state);

    std::shared_ptr<SharedCall> call_;
    Seats outside_;  // with the seat, until it is among the call's
    Seats::iterator seat_;
    const Pays pays_;
    std::vector<std::shared_ptr<const Piece>> pieces_;
    std::vector<chat::Delta> run_;
    std::uint64_t bytes_{0};  // of the pieces
    std::shared_ptr<const Ending> ending_;
};

}  // namespace gatehouse::pipeline

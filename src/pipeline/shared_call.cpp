#include "shared_call.hpp"

#include "gatehouse/telemetry/log.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace gatehouse::pipeline {
namespace {

// One write of a reader that catches up.
constexpr std::size_t most_pieces_at_once = 64;
constexpr std::size_t most_bytes_at_once = std::size_t{256} * 1024;

/// Is that all of the reply? What comes behind it is known to the gateway only.
bool is_last(const SharedCall::Piece& piece) noexcept {
    const auto kind = piece.run.empty() ? chat::DeltaKind::opening : piece.run.back().kind;
    return kind == chat::DeltaKind::whole || kind == chat::DeltaKind::end;
}

void ring_all(const std::vector<std::shared_ptr<net::Bell>>& bells) {
    for (const auto& bell : bells) {
        bell->ring();
    }
}

}  // namespace

Problem failed_here() {
    return {ProblemKind::internal, "The gateway failed to handle the request."};
}

SharedCall::SharedCall(net::Lane& lane, SharedCallLimits limits, std::shared_ptr<KeptBytes> of_all)
    : limits_(limits),
      of_all_(std::move(of_all)),
      readers_moved_(net::Bell::on(lane)),
      abandoned_(net::Bell::on(lane)),
      ending_(std::make_shared<Ending>(Ending{failed_here(), {}})) {}

SharedCall::~SharedCall() {
    of_all_->take_off(state_.with([](const State& state) { return state.kept; }));
}

std::unique_ptr<SharedCall::Reader> SharedCall::join(net::Lane& lane, Pays pays) {
    auto reader = std::make_unique<Reader>(shared_from_this(), lane, pays);
    const bool joined = state_.with([&](State& state) {
        if (state.open) {
            state.seats.splice(state.seats.end(), reader->outside_);
        }
        return state.open;
    });
    return joined ? std::move(reader) : nullptr;
}

/// From the front: those that nobody needs any more, and others past what is kept. The last one stays.
void SharedCall::drop_pieces(State& state, Pieces& dropped) const {
    std::uint64_t slowest = state.first + state.pieces.size();
    for (const auto& seat : state.seats) {
        slowest = std::min(slowest, seat.next);
    }
    while (state.pieces.size() > 1 && (state.first < slowest || state.kept > limits_.kept)) {
        dropped.push_back(state.pieces.front());
        state.pieces.pop_front();
        const auto size = dropped.back()->size;
        state.kept -= size;
        of_all_->take_off(size);
        ++state.first;
    }
}

std::vector<std::shared_ptr<net::Bell>> SharedCall::waiting_bells(State& state) {
    std::vector<std::shared_ptr<net::Bell>> bells;
    for (auto& seat : state.seats) {
        if (std::exchange(seat.waits, false)) {
            bells.push_back(seat.bell);
        }
    }
    return bells;
}

void SharedCall::announce(std::shared_ptr<const telemetry::Trail> trail) {
    // What was there before is the caller's now, and taken down outside the lock.
    state_.with([&](State& state) { state.announced.swap(trail); });
}

void SharedCall::append(Piece piece) {
    const auto size = piece.size;
    const bool last = is_last(piece);
    auto shared = std::make_shared<const Piece>(std::move(piece));
    Pieces dropped;
    const auto to_wake = state_.with([&](State& state) {
        state.pieces.push_back(std::move(shared));
        state.produced += size;
        state.kept += size;
        of_all_->add(size);
        state.open = state.open && !last && state.kept <= limits_.joinable && !of_all_->too_many();
        if (!state.open) {
            drop_pieces(state, dropped);
        }
        return waiting_bells(state);
    });
    ring_all(to_wake);
}

Task<void> SharedCall::wait_for_readers() {
    while (true) {
        const bool waits = state_.with([this](State& state) {
            state.call_waits = is_far_ahead(state);
            return state.call_waits;
        });
        if (!waits) {
            co_return;
        }
        co_await readers_moved_->wait();
    }
}

std::shared_ptr<net::Bell> SharedCall::next_waiting_bell(State& state) noexcept {
    for (auto& seat : state.seats) {
        if (std::exchange(seat.waits, false)) {
            return seat.bell;
        }
    }
    return nullptr;
}

void SharedCall::end(Result<Outcome> outcome, const telemetry::Trail& trail) noexcept {
    const bool is_over = state_.with([](const State& state) { return state.ending != nullptr; });
    if (is_over) {
        return;
    }
    ending_->outcome = std::move(outcome);
    try {
        ending_->trail = trail;
    } catch (const std::exception& error) {
        telemetry::note_escaped(error.what());
    }
    tell_ending();
}

void SharedCall::give_up() noexcept {
    tell_ending();
}

void SharedCall::tell_ending() noexcept {
    state_.with([this](State& state) {
        state.open = false;
        state.ending = ending_;
    });
    // One by one: that needs no memory of its own.
    while (const auto bell = state_.with(next_waiting_bell)) {
        try {
            bell->ring();
        } catch (const std::exception& error) {
            telemetry::note_escaped(error.what());
        }
    }
}

void SharedCall::leave(Seats::iterator seat) noexcept {
    Seats left;  // taken down outside the lock
    const bool nobody_reads = state_.with([&](State& state) {
        left.splice(left.begin(), state.seats, seat);
        state.furthest = 0;
        for (const auto& other : state.seats) {
            state.furthest = std::max(state.furthest, other.taken);
        }
        state.open = state.open && !state.seats.empty();
        return state.seats.empty() && state.ending == nullptr;
    });
    if (nobody_reads) {
        abandoned_->ring();
    }
}

SharedCall::Reader::Reader(std::shared_ptr<SharedCall> call, net::Lane& lane, Pays pays)
    : call_(std::move(call)), pays_(pays) {
    outside_.push_back(Seat{net::Bell::on(lane)});
    seat_ = outside_.begin();
}

SharedCall::Reader::~Reader() {
    if (outside_.empty()) {
        call_->leave(seat_);
    }
}

SharedCall::Reader::Look SharedCall::Reader::look() {
    bool frees = false;
    const auto look = call_->state_.with([&](State& state) {
        seat_->taken += std::exchange(bytes_, 0);
        state.furthest = std::max(state.furthest, seat_->taken);
        frees = state.call_waits && !call_->is_far_ahead(state);
        state.call_waits = state.call_waits && !frees;
        return take(state);
    });
    if (frees) {
        call_->readers_moved_->ring();
    }
    if (look == Look::pieces) {
        run_.clear();
        for (const auto& piece : pieces_) {
            const bool unpaid = pays_ == Pays::no && !piece->unpaid_run.empty();
            const auto& run = unpaid ? piece->unpaid_run : piece->run;
            run_.insert(run_.end(), run.begin(), run.end());
        }
    }
    return look;
}

SharedCall::Reader::Look SharedCall::Reader::take(State& state) {
    pieces_.clear();
    if (seat_->next < state.first) {
        return Look::fell_behind;
    }
    auto place = static_cast<std::size_t>(seat_->next - state.first);
    for (; place < state.pieces.size(); ++place) {
        const auto size = state.pieces[place]->size;
        const bool full = pieces_.size() == most_pieces_at_once || bytes_ + size > most_bytes_at_once;
        if (full && !pieces_.empty()) {
            break;
        }
        pieces_.push_back(state.pieces[place]);
        bytes_ += size;
        ++seat_->next;
    }
    if (!pieces_.empty()) {
        return Look::pieces;
    }
    if (state.ending != nullptr) {
        ending_ = state.ending;
        return Look::ended;
    }
    seat_->waits = true;
    return Look::nothing_yet;
}

const chat::ReplyHead* SharedCall::Reader::head() const noexcept {
    const auto& head = pieces_.front()->head;
    return head ? &*head : nullptr;
}

std::shared_ptr<const telemetry::Trail> SharedCall::Reader::announced() const {
    return call_->state_.with([](const State& state) { return state.announced; });
}

const telemetry::Trail* SharedCall::Reader::trail() const noexcept {
    const auto found = std::find_if(pieces_.rbegin(), pieces_.rend(),
                                    [](const auto& piece) { return piece->trail != nullptr; });
    return found == pieces_.rend() ? nullptr : (*found)->trail.get();
}

}  // namespace gatehouse::pipeline

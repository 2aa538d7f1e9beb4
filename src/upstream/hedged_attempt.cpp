#include "gatehouse/upstream/hedged_attempt.hpp"

#include "gatehouse/net/unless.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::upstream {

/// Lets the winner's pieces through and nobody else's.
class HedgedAttempt::Gate : public chat::ReplySink {
public:
    Gate(HedgedAttempt& race, std::size_t side, chat::ReplySink& sink)
        : race_(race), side_(side), sink_(sink) {}

    void head(chat::ReplyHead head) override { head_ = std::move(head); }
    Task<Status> push(std::span<const chat::Delta> run) override {
        if (!race_.claim(side_)) {
            co_return Problem(ProblemKind::cancelled, "Another call was quicker.");
        }
        if (head_) {
            sink_.head(*std::exchange(head_, std::nullopt));
        }
        if (!run.empty() && run.back().kind == chat::DeltaKind::end) {
            race_.tell_trail();  // a debug report stands before the end
        }
        co_return co_await sink_.push(run);
    }
    // Whoever runs the pipeline ends the reply.
    Task<Status> finish() override { return sink_.finish(); }
    Task<Status> fail(const Problem& problem) override { return sink_.fail(problem); }
    bool content_sent() const noexcept override { return sink_.content_sent(); }

private:
    HedgedAttempt& race_;
    std::size_t side_;
    chat::ReplySink& sink_;
    std::optional<chat::ReplyHead> head_;
};

/// What one side does not have on its trail.
class HedgedAttempt::OtherCalls : public SpentBeside {
public:
    OtherCalls(const HedgedAttempt& race, std::size_t side) : race_(race), side_(side) {}
    std::optional<PicoUsdSum> spent() const override { return race_.spent_beside(side_); }
    AttemptTerms with(AttemptTerms terms) const {
        terms.beside = this;
        return terms;
    }

private:
    const HedgedAttempt& race_;
    std::size_t side_;
};

struct HedgedAttempt::Side {
    Side(HedgedAttempt& race, std::size_t number, const Contender& contender, chat::ReplySink& sink)
        : others(race, number),
          gate(race, number, sink),
          attempt(race.callers_, *contender.target, trail, others.with(contender.terms)),
          began(race.callers_.clock().now()) {
        trail.traceparent = race.trail_.traceparent;
    }
    telemetry::Trail trail;  // of this side alone
    OtherCalls others;
    Gate gate;
    Attempt attempt;
    Instant began;
    net::Signal lost;
    bool ended{false};
    Instant ended_at{};
    std::optional<Result<Answer>> answer;
};

HedgedAttempt::HedgedAttempt(Callers& callers, telemetry::Trail& trail, const Contender& first,
                             Milliseconds after, Observer& observer)
    : callers_(callers),
      trail_(trail),
      calls_before_(trail.attempts.size()),
      time_before_(trail.upstream_time),
      began_(callers.clock().now()),
      first_(first),
      after_(after),
      observer_(observer) {}

// Also when the client leaves: what was called stands on the trail.
HedgedAttempt::~HedgedAttempt() {
    tell_trail();
}

bool HedgedAttempt::claim(std::size_t side) {
    if (!winner_) {
        winner_ = side;
        if (sides_[1 - side]) {
            sides_[1 - side]->attempt.settle();  // what it has not said is not heard any more
        }
        tell_trail();  // the head is about to be written
        observer_.won(side);
        if (sides_[1 - side]) {
            sides_[1 - side]->lost.raise();
        }
    }
    return *winner_ == side;
}

void HedgedAttempt::tell_trail() {
    trail_.attempts.resize(calls_before_);
    for (const auto& side : sides_) {
        if (side) {
            trail_.attempts.insert(trail_.attempts.end(), side->trail.attempts.begin(),
                                   side->trail.attempts.end());
        }
    }
    add_up_cost(trail_);
    const auto shown = winner_.value_or(sides_[1] && !has_failed(1) ? 1 : 0);
    if (!sides_[shown]) {
        return;
    }
    const auto& side = *sides_[shown];
    const auto& part = side.trail;
    trail_.provider = part.provider;
    trail_.upstream_model = part.upstream_model;
    trail_.dropped_params = part.dropped_params;
    trail_.finish_reason = part.finish_reason;
    trail_.input_tokens = part.input_tokens;
    trail_.cached_input_tokens = part.cached_input_tokens;
    trail_.cache_write_tokens = part.cache_write_tokens;
    trail_.token_parts = part.token_parts;
    trail_.output_tokens = part.output_tokens;
    trail_.reasoning_tokens = part.reasoning_tokens;
    trail_.usage_known = part.usage_known;
    trail_.usage_estimated = part.usage_estimated;
    trail_.translated = part.translated;
    trail_.upstream_replied = part.upstream_replied;
    if (trail_.upstream_began == Instant{}) {
        trail_.upstream_began = began_;
    }
    // The winner may have been begun late: until then it was the other that was waited for.
    trail_.upstream_time = time_before_ + (side.began - began_) + part.upstream_time;
    for (const auto& each : sides_) {
        if (!winner_ && each && each->ended) {
            trail_.upstream_time = std::max(trail_.upstream_time, time_before_ + (each->ended_at - began_));
        }
    }
}

std::optional<PicoUsdSum> HedgedAttempt::spent_beside(std::size_t side) const {
    PicoUsdSum sum;
    const auto add = [&](const std::optional<PicoUsd>& cost) {
        sum += cost.value_or(PicoUsd(0));
        return cost.has_value();
    };
    for (std::size_t i = 0; i < calls_before_; ++i) {
        if (!add(trail_.attempts[i].cost)) {
            return std::nullopt;
        }
    }
    const auto* other = sides_[1 - side].get();
    if (other == nullptr) {
        return sum;
    }
    const auto& calls = other->trail.attempts;
    for (std::size_t i = 0; i + 1 < calls.size(); ++i) {
        if (!add(calls[i].cost)) {
            return std::nullopt;
        }
    }
    const bool known = calls.empty() || add(other->attempt.cost_so_far());
    return known ? std::optional(sum) : std::nullopt;
}

bool HedgedAttempt::has_failed(std::size_t side) const noexcept {
    return sides_[side] && sides_[side]->answer && !*sides_[side]->answer;
}

void HedgedAttempt::begin(std::size_t side, const Contender& contender, chat::ReplySink& sink) {
    sides_[side] = std::make_unique<Side>(*this, side, contender, sink);
}

Task<void> HedgedAttempt::contend(std::size_t side, const chat::Request& request) {
    Side& mine = *sides_[side];
    auto work = mine.attempt.run(request, mine.gate);
    auto lost = mine.lost.wait(net::WhenCancelled::returns);
    auto ended = co_await net::unless(std::move(work), std::move(lost));
    mine.answer = std::move(ended);
    mine.ended = true;
    mine.ended_at = callers_.clock().now();
    if (!mine.answer) {
        tell_trail();  // as cancelled, while the other goes on
        observer_.lost(side);
    }
}

Task<void> HedgedAttempt::run_first(const chat::Request& request) {
    co_await contend(0, request);
    over_.raise();
    const bool second_decides = sides_[1] && !sides_[1]->ended && winner_ != std::size_t{0};
    if (second_decides) {
        over_.reset();
        co_await over_.wait();
    }
}

Task<void> HedgedAttempt::run_second(const chat::Request& request, chat::ReplySink& sink) {
    co_await callers_.clock().sleep_until(began_ + after_);
    // Content that waits to show its pace is no silence: whoever judges that pace sees to what follows.
    const bool answers = winner_ || sides_[0]->attempt.first_content_after();
    const auto chosen = answers ? std::nullopt : observer_.second();
    if (chosen) {
        begin(1, *chosen, sink);
        co_await contend(1, request);
    }
    const bool first_decides = !sides_[0]->ended && winner_ != std::size_t{1};
    if (first_decides) {
        co_await over_.wait();
    }
    over_.raise();
}

Task<HedgedAttempt::Endings> HedgedAttempt::run(const chat::Request& request, chat::ReplySink& sink) {
    begin(0, first_, sink);
    auto first = run_first(request);
    auto second = run_second(request, sink);
    co_await net::first_of(std::move(first), std::move(second));
    Endings endings;
    for (std::size_t i = 0; i < endings.size(); ++i) {
        if (!sides_[i]) {
            continue;
        }
        auto& side = *sides_[i];
        endings[i].calls = side.attempt.calls();
        endings[i].status = side.trail.attempts.empty() ? 0 : side.trail.attempts.back().status;
        endings[i].can_be_repeated = side.attempt.can_be_repeated();
        endings[i].first_content_after = side.attempt.first_content_after();
        endings[i].exhausted_for = side.attempt.exhausted_for();
        endings[i].overlooked = side.attempt.overlooked();
        endings[i].began = side.began;
        endings[i].answer = std::move(side.answer);
    }
    co_return endings;
}

}  // namespace gatehouse::upstream

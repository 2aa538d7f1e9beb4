#include "journey.hpp"

#include <array>
#include <utility>

namespace gatehouse::pipeline {

namespace {

int decisiveness(const upstream::HedgedAttempt::Ending& ending) noexcept {
    if (*ending.answer) {
        return 3;
    }
    if (!ending.can_be_repeated) {
        return 2;
    }
    const bool final_answer =
        ending.calls > 0 && !policy::consequence_of(ending.answer->problem()).next_target;
    return final_answer ? 1 : 0;
}

}  // namespace

/// The two calls of a race, for those who keep their books.
class Journey::Race : public upstream::HedgedAttempt::Observer, public upstream::StandIns {
public:
    using Contender = upstream::HedgedAttempt::Contender;

    explicit Race(Journey& journey) : journey_(journey) {}
    Contender enter(std::size_t side, const policy::Call& chosen) {
        targets[side] = chosen.target;
        in_flight[side].emplace(journey_.begin(chosen.target, chosen.reason));
        const auto credential = in_flight[side]->credential();
        const auto& x = journey_.x_;
        Contender contender{&x.plan[chosen.target], {x.caller->name, credential, chosen.reason}};
        // The second one takes the place of one that is slow: it is not replaced for the same.
        contender.terms.others = side == 0 ? this : nullptr;
        return contender;
    }
    /// For the first one; its own calls are not on the trail yet.
    std::optional<Instant> replaceable_until() override {
        const bool two = in_flight[1].has_value();
        return journey_.replaceable_until(two ? std::optional(targets[1]) : std::nullopt, two ? 2 : 1);
    }
    void won(std::size_t side) override { in_flight[side]->answering(); }
    void lost(std::size_t side) override {
        in_flight[side]->give_up();
        in_flight[side].reset();
    }
    std::optional<Contender> second() override {
        const auto other = journey_.hedge_target();
        if (!other) {
            return std::nullopt;
        }
        return enter(1, policy::Call{*other, journey_.now(), policy::CallReason::hedge});
    }

    std::array<std::size_t, 2> targets{};
    std::array<std::optional<upstream::CallInFlight>, 2> in_flight;

private:
    Journey& journey_;
};

std::optional<Milliseconds> Journey::hedge_after(const policy::Call& chosen) {
    const auto& hedge = resilience_.hedge;
    const bool may =
        hedge && chosen.reason == policy::CallReason::first && x_.request.original.rest == nullptr;
    if (!may) {
        return std::nullopt;
    }
    x_.settings->health()->first_call(now());
    return hedge->after ? hedge->after
                        : x_.plan[chosen.target].health->quantile(form(), hedge->quantile, now());
}

std::optional<std::size_t> Journey::hedge_target() {
    take_standings();
    const auto other = failover_.beside(standings_, now());
    const bool may = other && x_.settings->health()->take_hedge(*resilience_.hedge, now());
    constexpr std::size_t running = 1;
    return may && take_room_and_money(*other, running) ? other : std::nullopt;
}

Task<Result<upstream::Answer>> Journey::call_hedged(const policy::Call& chosen, Milliseconds after) {
    Race race(*this);
    const auto first = race.enter(0, chosen);
    std::optional<upstream::HedgedAttempt> attempt;
    attempt.emplace(callers_, x_.trail, first, after, race);
    auto endings = co_await attempt->run(x_.request, sink());
    attempt.reset();
    std::vector<std::size_t> order;
    for (std::size_t side = 0; side < endings.size(); ++side) {
        if (endings[side].answer) {
            order.push_back(side);
        } else if (endings[side].calls > 0) {
            failover_.spent(race.targets[side], endings[side].calls);
        }
    }
    // What decides most comes last, and is the answer.
    if (order.size() == 2 && decisiveness(endings[order[0]]) > decisiveness(endings[order[1]])) {
        std::swap(order[0], order[1]);
    }
    for (const auto side : order) {
        settle(race.targets[side], *race.in_flight[side], endings[side]);
    }
    co_return std::move(*endings[order.back()].answer);
}

}  // namespace gatehouse::pipeline

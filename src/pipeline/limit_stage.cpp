#include "refusals.hpp"

#include "gatehouse/pipeline/routing.hpp"
#include "gatehouse/pipeline/stages.hpp"

#include <optional>

namespace gatehouse::pipeline {
namespace {

/// One request and one place of every account; the places are given back in the end, whatever that is.
class Admission {
public:
    explicit Admission(Exchange& x, Clock& clock) : x_(x), clock_(clock), book_(*x.settings->accounts()) {}
    Admission(const Admission&) = delete;
    Admission& operator=(const Admission&) = delete;
    ~Admission() {
        if (entered_) {
            book_.with([this](policy::AccountBook& book) { book.leave(x_.accounts); });
        }
    }

    std::optional<policy::Refusal> enter() {
        const auto now = clock_.now();
        return book_.with([&](policy::AccountBook& book) {
            auto refusal = book.enter(x_.accounts, now);
            entered_ = !refusal;
            note_rates(book, x_.accounts, now, x_.trail);
            return refusal;
        });
    }

    /// The request was refused further on, before anybody was called: it has used nothing.
    void give_back_request() {
        const auto now = clock_.now();
        book_.with([&](policy::AccountBook& book) {
            book.give_back_request(x_.accounts, now);
            note_rates(book, x_.accounts, now, x_.trail);
        });
    }

private:
    Exchange& x_;
    Clock& clock_;
    SharedAccounts& book_;
    bool entered_{false};
};

bool is_refusal(const Result<Outcome>& outcome, const Exchange& x) noexcept {
    return !outcome && x.trail.attempts.empty() && !x.was_served &&
           outcome.problem().kind() != ProblemKind::client_gone;
}

}  // namespace

// Not a coroutine: where nothing is limited it costs no frame.
Task<Result<Outcome>> LimitStage::run(Exchange& x, Next next) {
    x.accounts = accounts_of(x);
    return x.accounts.empty() ? next(x) : limited(x, next);
}

Task<Result<Outcome>> LimitStage::limited(Exchange& x, Next next) {
    Admission admission(x, clock_);
    const auto refusal = admission.enter();
    if (refusal) {
        co_return refused(*refusal, clock_.wall(), x.trail);
    }
    auto outcome = co_await next(x);
    if (is_refusal(outcome, x)) {
        admission.give_back_request();
    }
    co_return outcome;
}

}  // namespace gatehouse::pipeline

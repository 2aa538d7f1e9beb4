#include "gatehouse/upstream/simulated.hpp"

#include "simulated_script.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::upstream {

namespace {

constexpr std::size_t most_body = 64 * 1024 * 1024;

/// A pause as a length of time that cannot overflow an instant.
Instant after(Instant from, Milliseconds pause) {
    return pause >= std::chrono::hours(24 * 365) ? never : from + pause;
}

Problem too_slow(std::string_view what) {
    return Problem(ProblemKind::upstream_timeout, "the simulated provider was too slow: " + std::string(what),
                   Retry::same_place);
}

class SimulatedReply : public net::HttpReply {
public:
    SimulatedReply(Clock& clock, SimulatedScript script, const net::Timeouts& timeouts, Instant total)
        : clock_(clock), script_(std::move(script)), idle_(timeouts.idle), total_(total) {
        head_.status = script_.status;
        for (const auto& [name, value] : script_.fields) {
            head_.fields.add(name, value);
        }
        head_.body.kind = wire::BodyKind::chunked;
        if (script_.sized) {
            head_.body.kind = wire::BodyKind::sized;
            for (const auto& step : script_.steps) {
                head_.body.size += step.bytes.size();
            }
        }
    }

    const wire::ResponseHead& head() const noexcept override { return head_; }
    void read_by(Instant when) noexcept override { read_by_ = when; }

    Task<Result<std::string_view>> next() override {
        const bool over = step_ == script_.steps.size();
        const auto now = clock_.now();
        const Instant deadline = std::min({after(now, idle_), total_, read_by_});
        Instant ready = now;
        if (!over) {
            ready = after(now, script_.steps[step_].after);
        } else if (script_.end == SimulatedEnd::stall) {
            ready = never;
        }
        if (ready > deadline) {
            co_await clock_.sleep_until(deadline);
            co_return too_slow("nothing came in time");
        }
        if (ready > now) {
            co_await clock_.sleep_until(ready);
        }
        if (!over) {
            co_return std::string_view(script_.steps[step_++].bytes);
        }
        if (script_.end == SimulatedEnd::cut) {
            co_return Problem(ProblemKind::upstream_lost, "the simulated provider lost the connection",
                              Retry::same_place);
        }
        co_return std::string_view();
    }

private:
    Clock& clock_;
    SimulatedScript script_;
    wire::ResponseHead head_;
    Milliseconds idle_;
    Instant total_;
    Instant read_by_{never};
    std::size_t step_{0};
};

std::int64_t seconds_of(WallTime time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

SimulatedProvider::SimulatedProvider(Clock& clock, SimulatedOptions options)
    : clock_(clock), options_(options) {}

Task<Result<std::unique_ptr<net::HttpReply>>> SimulatedProvider::send(const net::Origin&,
                                                                      net::HttpCall& call) {
    std::string body;
    for (const auto piece : call.body) {
        body += piece;
    }
    while (call.rest != nullptr) {
        const auto more = co_await call.rest->next();
        if (!more) {
            co_return more.problem();
        }
        if (more->empty()) {
            break;
        }
        if (body.size() + more->size() > most_body) {
            co_return Problem(ProblemKind::upstream_rejected,
                              "the simulated provider takes bodies up to 64 MiB");
        }
        body += *more;
    }
    const auto began = clock_.now();
    const Instant total = after(began, call.timeouts.total);
    const SimulatedCall simulated{call.method, call.target, body, seconds_of(clock_.wall()), options_};
    auto script = simulate(simulated);
    const Instant ready = after(began, script.head_after);
    const Instant deadline = std::min(after(began, call.timeouts.first_byte), total);
    if (ready > deadline) {
        co_await clock_.sleep_until(deadline);
        co_return too_slow("no response head in time");
    }
    if (ready > began) {
        co_await clock_.sleep_until(ready);
    }
    std::unique_ptr<net::HttpReply> reply =
        std::make_unique<SimulatedReply>(clock_, std::move(script), call.timeouts, total);
    co_return reply;
}

}  // namespace gatehouse::upstream

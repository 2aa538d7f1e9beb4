#include "plan.hpp"

#include "gatehouse/upstream/conversation_key.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gatehouse::pipeline {

namespace {

/// A chain of fallbacks is as long as the file makes it; nobody waits for more than so many.
constexpr std::size_t most_targets = 64;

/// A bound on what a request becomes, about: four bytes are a token, and an answer is a page.
constexpr std::int64_t bytes_per_token = 4;
constexpr std::int64_t usual_answer = 512;

std::optional<PicoUsd> cost_of(const Exchange& x, const upstream::Target& target, WallTime wall) {
    chat::Usage usual;
    usual.input =
        TokenCount(static_cast<std::int64_t>(x.request.original.bytes.size()) / bytes_per_token + 1);
    usual.output = TokenCount(usual_answer);
    usual.known = true;
    return policy::cost_of(usual, target.rates.asked(), wall);
}

policy::Contender contender(const Exchange& x, const upstream::Target& target, double weight,
                            policy::Strategy strategy, Instant now) {
    policy::Contender seen;
    seen.weight = weight;
    switch (strategy) {
        case policy::Strategy::least_latency: {
            const auto load = target.health->load(now);
            seen.latency = x.request.stream ? load.first_token : load.whole;
            break;
        }
        case policy::Strategy::least_busy:
            seen.in_flight = target.health->load(now).in_flight;
            break;
        case policy::Strategy::cheapest:
            seen.cost = cost_of(x, target, x.settings->loaded_at());
            break;
        case policy::Strategy::sticky:
            seen.identity = policy::stable_hash(target.model, policy::stable_hash(target.provider->name()));
            break;
        case policy::Strategy::ordered:
        case policy::Strategy::weighted:
            break;
    }
    return seen;
}

std::uint64_t sticky_key(const Exchange& x) {
    return policy::stable_hash(upstream::conversation_key(x.request), policy::stable_hash(x.caller->name));
}

/// The limit that the client has set, if it is one.
std::optional<Milliseconds> narrow(std::chrono::milliseconds& timeout,
                                   const std::optional<Milliseconds>& by) {
    if (!by || *by >= timeout) {
        return std::nullopt;
    }
    timeout = *by;
    return by;
}

class Planner {
public:
    Planner(const Exchange& x, Instant now, Random& random) : x_(x), now_(now), random_(random) {}

    /// Adds the targets of a model, then its fallbacks.
    void add(const ModelMatch& model) {
        // One entry may stand for many models: what its pattern matched counts too.
        const auto same = [&](const ModelMatch& seen) {
            return seen.options == model.options && seen.matched == model.matched;
        };
        const bool known = std::any_of(seen_.begin(), seen_.end(), same);
        if (known || plan_.size() >= most_targets) {
            return;
        }
        seen_.push_back(model);
        add_targets(model);
        // What the client names stands in for what the file says.
        const bool asked = seen_.size() == 1 && !x_.request.fallbacks.empty();
        add_models(asked ? x_.request.fallbacks : model.options->fallbacks);
    }

    void add_models(const std::vector<std::string>& names) {
        for (const auto& name : names) {
            if (const auto match = x_.settings->find_model(name)) {
                add(*match);
            }
        }
    }

    std::vector<upstream::Target> take() {
        if (plan_.size() > most_targets) {
            plan_.resize(most_targets);
        }
        return std::move(plan_);
    }

private:
    void add_targets(const ModelMatch& model) {
        auto targets = x_.settings->targets(model);
        const auto strategy = model.options->strategy;
        if (strategy == policy::Strategy::ordered || targets.size() < 2) {
            plan_.insert(plan_.end(), std::make_move_iterator(targets.begin()),
                         std::make_move_iterator(targets.end()));
            return;
        }
        std::vector<policy::Contender> contenders;
        contenders.reserve(targets.size());
        for (std::size_t i = 0; i < targets.size(); ++i) {
            contenders.push_back(contender(x_, targets[i], model.options->targets[i].weight, strategy, now_));
        }
        const auto key = strategy == policy::Strategy::sticky ? sticky_key(x_) : 0;
        for (const auto i : policy::order_of(strategy, contenders, key, random_)) {
            plan_.push_back(std::move(targets[i]));
        }
    }

    const Exchange& x_;
    Instant now_;
    Random& random_;
    std::vector<ModelMatch> seen_;
    std::vector<upstream::Target> plan_;
};

}  // namespace

std::vector<upstream::Target> plan_of(const Exchange& x, Instant now, Random& random) {
    Planner planner(x, now, random);
    planner.add(*x.model);
    auto plan = planner.take();
    if (x.fallback_off && plan.size() > 1) {
        plan.resize(1);
    }
    return plan;
}

std::vector<upstream::Target> plan_of_models(const Exchange& x, const std::vector<std::string>& names,
                                             Instant now, Random& random) {
    Planner planner(x, now, random);
    planner.add_models(names);
    auto plan = planner.take();
    if (x.spend != nullptr) {
        std::erase_if(plan, [&](const upstream::Target& target) { return !x.spend->covers(target); });
    }
    return plan;
}

void narrow_timeouts(const Exchange& x, std::vector<upstream::Target>& plan) {
    for (auto& target : plan) {
        target.narrowed.total = narrow(target.timeouts.total, x.total_timeout);
        target.narrowed.first_token = narrow(target.timeouts.first_token, x.first_token_timeout);
    }
}

}  // namespace gatehouse::pipeline

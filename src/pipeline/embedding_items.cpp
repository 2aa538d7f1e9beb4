#include "embedding_items.hpp"

#include "answer_keeping.hpp"
#include "answer_usage.hpp"
#include "client_time.hpp"
#include "lent.hpp"
#include "shared_call.hpp"

#include "gatehouse/core/shares.hpp"
#include "gatehouse/upstream/embedding_items.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::pipeline {
namespace {

using Looks = std::vector<CacheLook>;

/// Bytes of replies that are taken apart or put together at one time: it is the lane's time, some 8 ms for
/// each of these MiB. Longer ones are passed on as they come, and not kept.
constexpr std::size_t most_joined = std::size_t{8} * 1024 * 1024;
/// Inputs that stand there before are asked for again where they are more: their vectors are written once for
/// each, whoever sends them.
constexpr std::size_t most_repeated = 256;

std::size_t kept_bytes(const Looks& looks) noexcept {
    std::size_t sum = 0;
    for (const auto& look : looks) {
        sum += look.answer ? look.answer->bytes.size() : 0;
    }
    return sum;
}

/// That was kept last; null: none is.
const store::KeptAnswer* newest_of(const Looks& looks) noexcept {
    const store::KeptAnswer* newest = nullptr;
    for (const auto& look : looks) {
        if (look.answer && (newest == nullptr || look.answer->stored_at > newest->stored_at)) {
            newest = look.answer.get();
        }
    }
    return newest;
}

/// For each input, those of one model: of the one that answered last.
Looks look_for_each(const Exchange& x, store::AnswerSource& answers, WallTime now) {
    Looks looks;
    looks.reserve(x.identity->inputs.size());
    for (const auto& input : x.identity->inputs) {
        looks.push_back(look_for_exactly(x, input, answers, now));
    }
    const auto* const newest = newest_of(looks);
    for (auto& look : looks) {
        // What a provider of the same model leaves out of the request may change the vector as well.
        if (look.answer && (look.answer->origin->upstream_model != newest->origin->upstream_model ||
                            look.answer->origin->dropped_params != newest->origin->dropped_params)) {
            look = CacheLook{};
            look.refusal = "other_model";
        }
    }
    return looks;
}

/// What vectors took and what each time they are given saves.
struct VectorsBill {
    chat::Usage usage{};
    std::optional<PicoUsd> cost{};
};

void add_to(VectorsBill& bill, const chat::Usage& usage, std::optional<PicoUsd> cost) {
    bill.usage += usage;
    if (cost) {
        bill.cost = (PicoUsdSum(bill.cost.value_or(PicoUsd())) + *cost).clamped();
    }
}

/// REQUIRES: all are there.
CacheLook joined_looks(const Exchange& x, const Looks& looks) {
    if (looks.size() == 1) {
        return looks.front();
    }
    CacheLook all;
    if (kept_bytes(looks) > most_joined) {
        all.refusal = "too_long";
        return all;
    }
    const auto& newest = *newest_of(looks);
    std::vector<std::string_view> replies;
    replies.reserve(looks.size());
    VectorsBill bill;
    bool estimated = false;
    for (const auto& look : looks) {
        replies.emplace_back(look.answer->bytes);
        add_to(bill, look.answer->usage, look.answer->cost);
        estimated = estimated || look.answer->usage_estimated;
        all.age = std::max(all.age, look.age);
    }
    auto bytes = upstream::join_vectors(x.request.endpoint, newest.bytes, replies);
    if (!bytes) {
        return all;
    }
    store::KeptAnswer answer(newest);
    answer.bytes = std::move(*bytes);
    answer.usage = std::move(bill.usage);
    answer.usage_estimated = estimated;
    answer.cost = bill.cost;
    all.answer = std::make_shared<const store::KeptAnswer>(std::move(answer));
    all.tier = policy::CacheTier::exact;
    return all;
}

/// Of the calls that gave the answer, from the `first` on the trail; where its provider takes fewer inputs at
/// one time than there are, it took several.
std::optional<PicoUsd> cost_of_calls(const telemetry::Trail& trail, std::size_t first) {
    PicoUsdSum sum;
    for (std::size_t i = first; i < trail.attempts.size(); ++i) {
        const auto& attempt = trail.attempts[i];
        const bool runs = attempt.began != Instant{};  // until then it may yet be cut off
        if ((attempt.problem && !runs) || attempt.provider != trail.provider ||
            attempt.model != trail.upstream_model) {
            continue;
        }
        if (!attempt.cost) {
            return std::nullopt;
        }
        sum += *attempt.cost;
    }
    return sum.clamped();
}

/// What each input took of what all of them did.
std::vector<VectorsBill> shared_bills(const telemetry::Trail& trail, std::size_t first_attempt,
                                      const std::vector<std::int64_t>& weights) {
    const auto usage = usage_on(trail);
    const auto cost = cost_of_calls(trail, first_attempt);
    std::vector<VectorsBill> bills(weights.size());
    if (bills.size() == 1) {
        bills.front() = {usage, cost};
        return bills;
    }
    const auto tokens = shares_of(usage.prompt().value(), weights);
    const auto costs = cost ? shares_of(cost->value(), weights) : std::vector<std::int64_t>();
    for (std::size_t i = 0; i < bills.size(); ++i) {
        bills[i].usage.input = TokenCount(tokens[i]);
        bills[i].usage.known = usage.known;
        if (cost) {
            bills[i].cost = PicoUsd(costs[i]);
        }
    }
    return bills;
}

Task<Status> not_pushed(Problem problem) {
    co_return std::move(problem);
}

Task<Status> nothing_pushed() {
    co_return done();
}

/// One request on its way to a provider and back: without the inputs that need not be asked for, and with
/// their vectors again.
class InputsCall : public chat::ReplySink {
public:
    /// All outlive it. Has the request ask for less, until it goes. REQUIRES: the request's identity has
    /// inputs.
    InputsCall(Exchange& x, const CacheParts& parts, store::OriginShelf& origins, Clock& clock)
        : x_(x), parts_(parts), first_attempt_(x.trail.attempts.size()) {
        inputs_ =
            upstream::embedding_inputs(x.request.endpoint, body()).value_or(upstream::EmbeddingInputs());
        looks_ = x.cache.takes() ? look_for_each(x, parts.answers, clock.wall())
                                 : Looks(x.identity->inputs.size());
        const bool all_there =
            std::all_of(looks_.begin(), looks_.end(), [](const auto& look) { return look.answer; });
        if (all_there || kept_bytes(looks_) > most_joined) {
            looks_ = Looks(looks_.size());  // the last of them came this moment, or it is too much
        }
        if (x.cache.gives() && lifetime_of(x) != Milliseconds(0)) {
            keeping_.emplace(x, parts, origins, clock, OtherWays{});
        }
        choose();
    }
    InputsCall(const InputsCall&) = delete;
    InputsCall& operator=(const InputsCall&) = delete;
    ~InputsCall() override { take_back(); }

    /// Not if the reply is the client's as it comes and nothing of it is kept.
    bool has_something_to_do() const noexcept { return keeping_ || asks_for_less(); }
    /// The reply was of another model than what is kept, and the client has nothing yet.
    bool was_of_another_model() const noexcept { return other_model_; }

    void ask_for_all() {
        take_back();
        other_model_ = false;
        first_attempt_ = x_.trail.attempts.size();
        kept_.clear();
        looks_ = Looks(looks_.size());
        choose();
    }

    /// The call failed after all: what was kept is not its answer.
    void withdraw() {
        for (const auto& digest : kept_) {
            parts_.answers.forget(digest);
        }
    }

    void head(chat::ReplyHead head) override { head_ = std::move(head); }

    // Not a coroutine: what passes on costs no frame more.
    Task<Status> push(std::span<const chat::Delta> run) override {
        const bool whole = run.size() == 1 && run.front().kind == chat::DeltaKind::whole;
        if (!asks_for_less()) {
            if (whole && run.front().bytes.size() <= most_joined) {
                look_at(run.front().bytes);
            }
            x_.sink.head(std::move(head_));
            return x_.sink.push(run);
        }
        try {
            return push_with_kept(run, whole);
        } catch (const std::exception&) {
            return not_pushed(failed_here());
        }
    }
    Task<Status> finish() override { return x_.sink.finish(); }
    Task<Status> fail(const Problem& problem) override { return x_.sink.fail(problem); }
    bool content_sent() const noexcept override { return x_.sink.content_sent(); }

private:
    Task<Status> push_with_kept(std::span<const chat::Delta> run, bool whole) {
        const auto replies = whole ? taken_apart(run.front().bytes) : std::nullopt;
        const auto* const kept = newest_of(looks_);
        if (kept != nullptr && (kept->origin->upstream_model != x_.trail.upstream_model ||
                                kept->origin->dropped_params != x_.trail.dropped_params)) {
            other_model_ = true;
            if (replies) {
                keep(*replies);
            }
            return nothing_pushed();
        }
        auto all = replies ? with_kept(run.front().bytes, *replies) : std::nullopt;
        if (!all) {
            return not_pushed(Problem(ProblemKind::upstream_protocol,
                                      "the provider sent other vectors than it was asked for",
                                      Retry::same_place));
        }
        keep(*replies);
        answer_ = std::move(*all);
        note_saved();
        run_ = {chat::Delta{chat::DeltaKind::whole, answer_}};
        x_.sink.head(std::move(head_));
        return x_.sink.push(run_);
    }

    bool asks_for_less() const noexcept { return asked_.size() < looks_.size(); }
    std::string_view body() const noexcept { return clients_ ? clients_->bytes : x_.request.original.bytes; }

    /// Of equal inputs that are not kept, the first is asked for.
    void choose() {
        asked_.clear();
        as_.assign(looks_.size(), 0);
        std::map<Digest, std::size_t> places;
        for (std::size_t i = 0; i < looks_.size(); ++i) {
            if (looks_[i].answer) {
                continue;
            }
            const auto [place, fresh] = places.try_emplace(x_.identity->inputs[i], asked_.size());
            as_[i] = place->second;
            if (fresh) {
                asked_.push_back(i);
            }
        }
        if (!asks_for_less()) {
            return;
        }
        const auto repeated =
            static_cast<std::size_t>(
                std::count_if(looks_.begin(), looks_.end(), [](const auto& look) { return !look.answer; })) -
            asked_.size();
        if (repeated > most_repeated) {
            ask_for_clients_own();
            return;
        }
        auto less = upstream::asking_for(x_.request.endpoint, body(), inputs_, asked_);
        if (less) {
            clients_ = std::exchange(x_.request.original, std::move(*less));
            return;
        }
        ask_for_clients_own();
    }

    /// Its own words are as good.
    void ask_for_clients_own() {
        looks_ = Looks(looks_.size());
        asked_.resize(looks_.size());
        for (std::size_t i = 0; i < asked_.size(); ++i) {
            asked_[i] = as_[i] = i;
        }
    }

    void take_back() noexcept {
        if (clients_) {
            x_.request.original = std::move(*clients_);
            clients_.reset();
        }
    }

    /// A reply for each input that was asked for, and what each of them took; nothing: it holds others.
    std::optional<std::vector<std::string>> taken_apart(std::string_view reply) {
        const auto weights = upstream::weights_of(x_.request.endpoint, body(), inputs_, asked_,
                                                  parts_.counter, x_.trail.upstream_model);
        auto replies = upstream::split_vectors(x_.request.endpoint, reply, weights);
        if (replies) {
            bills_ = shared_bills(x_.trail, first_attempt_, weights);
        }
        return replies;
    }

    std::optional<std::string> with_kept(std::string_view frame,
                                         const std::vector<std::string>& replies) const {
        std::vector<std::string_view> all;
        all.reserve(looks_.size());
        for (std::size_t i = 0; i < looks_.size(); ++i) {
            all.emplace_back(looks_[i].answer ? looks_[i].answer->bytes : replies[as_[i]]);
        }
        return upstream::join_vectors(x_.request.endpoint, frame, all);
    }

    /// Whatever comes of that, the client gets its reply.
    void keep(const std::vector<std::string>& replies) noexcept {
        try {
            keep_each(replies);
        } catch (const std::exception&) {
            // No memory for it.
        }
    }

    void keep_each(const std::vector<std::string>& replies) {
        const auto described = keeping_ ? keeping_->description() : std::nullopt;
        if (!described) {
            return;
        }
        for (std::size_t i = 0; i < replies.size(); ++i) {
            if (replies[i].size() > parts_.longest_answer) {
                continue;
            }
            auto answer = *described;
            answer.bytes = replies[i];
            answer.usage = bills_[i].usage;
            answer.cost = bills_[i].cost;
            answer.owns_origin = described->owns_origin && kept_.empty();
            const auto& digest = x_.identity->inputs[asked_[i]];
            if (parts_.answers.keep(digest, std::nullopt,
                                    std::make_shared<const store::KeptAnswer>(std::move(answer)))) {
                kept_.push_back(digest);
            }
        }
    }

    /// What goes to the client as it comes.
    void look_at(std::string_view reply) noexcept {
        try {
            if (const auto replies = taken_apart(reply)) {
                keep(*replies);
            }
        } catch (const std::exception&) {
            // As above.
        }
    }

    /// What the inputs that were not asked for would have taken.
    void note_saved() {
        VectorsBill saved;
        for (std::size_t i = 0; i < looks_.size(); ++i) {
            if (looks_[i].answer) {
                add_to(saved, looks_[i].answer->usage, looks_[i].answer->cost);
            } else if (asked_[as_[i]] != i) {
                add_to(saved, bills_[as_[i]].usage, bills_[as_[i]].cost);
            }
        }
        x_.trail.saved = saved.cost.value_or(PicoUsd());
        x_.trail.saved_tokens = saved.usage.prompt();
        parts_.tally.saved_in_part(x_.trail.model, x_.trail.saved,
                                   static_cast<std::uint64_t>(x_.trail.saved_tokens.value()));
    }

    Exchange& x_;
    const CacheParts& parts_;
    std::size_t first_attempt_;
    upstream::EmbeddingInputs inputs_;       // in the client's body
    std::optional<chat::Original> clients_;  // while the request asks for less
    Looks looks_;                            // of each input; without an answer: it has to come
    std::vector<std::size_t> asked_;         // numbers of inputs, ascending
    std::vector<std::size_t> as_;            // of each input that has to come: its place among these
    std::optional<AnswerKeeping> keeping_;   // absent: nothing is kept
    std::vector<VectorsBill> bills_;         // of each of `asked_`
    std::vector<Digest> kept_;
    bool other_model_{false};
    chat::ReplyHead head_;
    std::string answer_;
    std::array<chat::Delta, 1> run_{};
};

/// Null: the request goes on as it is.
std::unique_ptr<InputsCall> inputs_call(Exchange& x, const CacheParts& parts, store::OriginShelf& origins,
                                        Clock& clock) noexcept {
    try {
        auto call = std::make_unique<InputsCall>(x, parts, origins, clock);
        return call->has_something_to_do() ? std::move(call) : nullptr;
    } catch (const std::exception&) {
        return nullptr;  // the cache is an aid
    }
}

}  // namespace

CacheLook look_for_inputs(const Exchange& x, store::AnswerSource& answers, WallTime now) {
    const auto looks = look_for_each(x, answers, now);
    const auto missing =
        std::find_if(looks.begin(), looks.end(), [](const auto& look) { return !look.answer; });
    auto found = missing == looks.end() ? joined_looks(x, looks) : CacheLook{};
    const auto count =
        std::count_if(looks.begin(), looks.end(), [](const auto& look) { return look.answer; });
    found.kept_inputs = static_cast<std::size_t>(count);
    const auto refused =
        std::find_if(looks.begin(), looks.end(), [](const auto& look) { return !look.refusal.empty(); });
    if (refused != looks.end()) {
        found.refusal = refused->refusal;
    }
    return found;
}

Task<Result<Outcome>> ask_for_inputs(Exchange& x, Next next, const CacheParts& parts,
                                     store::OriginShelf& origins, Clock& clock) {
    const auto call = inputs_call(x, parts, origins, clock);
    if (!call) {
        co_return co_await next(x);
    }
    const Lent<chat::ReplySink> lent(x.listener, *call);
    const auto began = clock.now();
    while (true) {
        auto outcome = co_await next(x);
        if (outcome && call->was_of_another_model()) {
            take_off(x, began, clock.now());
            call->ask_for_all();
            continue;
        }
        if (!outcome && outcome.problem().kind() != ProblemKind::client_gone) {
            call->withdraw();
        }
        co_return outcome;
    }
}

}  // namespace gatehouse::pipeline

#include "gatehouse/upstream/provider_embedder.hpp"

#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/embeddings_translation.hpp"
#include "gatehouse/upstream/attempt.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace gatehouse::upstream {
namespace {

/// Longer, and whoever waits is better off without a vector.
constexpr std::chrono::milliseconds longest_call{1'000};

/// Keeps a whole reply.
class KeptReply : public chat::ReplySink {
public:
    void head(chat::ReplyHead) override {}
    Task<Status> push(std::span<const chat::Delta> run) override {
        for (const auto& delta : run) {
            bytes_ += delta.bytes;
        }
        co_return done();
    }
    Task<Status> finish() override { co_return done(); }
    Task<Status> fail(const Problem&) override { co_return done(); }
    bool content_sent() const noexcept override { return !bytes_.empty(); }
    std::string_view bytes() const noexcept { return bytes_; }

private:
    std::string bytes_;
};

Result<chat::Request> request_for(std::string_view text, std::string_view model) {
    dialect::EmbeddingsWish wish;
    wish.inputs.push_back({std::string(text), {}});
    return dialect::openai().decode_request(
        chat::Endpoint::embeddings, dialect::write_openai_embeddings(wish, model), wire::JsonLimits{});
}

Target hurried(Target target) {
    auto& timeouts = target.timeouts;
    for (auto* const timeout : {&timeouts.connect, &timeouts.first_byte, &timeouts.idle, &timeouts.total}) {
        *timeout = std::min(*timeout, longest_call);
    }
    return target;
}

bool may_be_called(const policy::TargetStanding& standing) noexcept {
    using Verdict = policy::CircuitBreaker::Verdict;
    return (standing.breaker == Verdict::call || standing.breaker == Verdict::probe) &&
           standing.has_credential;
}

}  // namespace

ProviderEmbedder::ProviderEmbedder(Target target, Resilience resilience, std::uint32_t dimensions)
    : target_(hurried(std::move(target))),
      resilience_(std::move(resilience)),
      identity_{target_.provider->name() + '/' + target_.model, "", dimensions} {}

Task<Result<std::vector<float>>> ProviderEmbedder::embed(Callers& callers, std::string_view text) const {
    if (text.empty()) {
        co_return Problem(ProblemKind::invalid_value, "The text is empty.");
    }
    auto& clock = callers.clock();
    // About as many tokens; the provider's limits want a number.
    const auto tokens = static_cast<std::int64_t>(text.size() / 4 + 1);
    const auto credentials = target_.provider->credentials();
    auto room = target_.health->room().take(target_.provider->options().limits, tokens, clock);
    if (!room || !may_be_called(target_.health->standing(resilience_, credentials, clock.now(), 0.5))) {
        if (room) {
            room->unused();
        }
        co_return Problem(ProblemKind::upstream_unavailable,
                          "The embedder's provider is left alone for now.");
    }
    auto request = request_for(text, target_.model);
    if (!request) {
        co_return std::move(request.problem());
    }
    auto in_flight =
        target_.health->begin(resilience_, credentials, policy::CallReason::first, clock, std::move(*room));
    telemetry::Trail trail;
    AttemptTerms terms;
    terms.credential = in_flight.credential();
    Attempt attempt(callers, target_, trail, terms);
    KeptReply reply;
    const auto began = clock.now();
    const auto answer = co_await attempt.run(*request, reply);
    if (!answer) {
        if (attempt.calls() == 0) {
            in_flight.give_up();
        } else {
            in_flight.failed(answer.problem());
        }
        co_return answer.problem();
    }
    in_flight.succeeded(AnswerForm::whole, std::chrono::duration_cast<Milliseconds>(clock.now() - began));
    co_return vector_in(reply.bytes());
}

/// The call's own time is to be over first: that is how the target's health hears of it.
Milliseconds ProviderEmbedder::longest_wait() const noexcept {
    constexpr Milliseconds a_little{250};
    return std::chrono::duration_cast<Milliseconds>(target_.timeouts.total) + a_little;
}

Result<std::vector<float>> ProviderEmbedder::vector_in(std::string_view body) const {
    dialect::Embeddings embeddings;
    auto read = dialect::read_openai_vectors(body, 1, embeddings);
    if (!read) {
        return std::move(read.problem());
    }
    auto& vector = embeddings.vectors.front();
    if (vector.size() < identity_.dimensions) {
        return Problem(ProblemKind::upstream_protocol,
                       "The embedder's vectors have " + std::to_string(vector.size()) + " dimensions, not " +
                           std::to_string(identity_.dimensions) + ".");
    }
    vector.resize(identity_.dimensions);
    dialect::normalise(embeddings);
    return std::vector<float>(vector.begin(), vector.end());
}

}  // namespace gatehouse::upstream

#include "call_meter.hpp"

#include "rough_tokens.hpp"

#include "gatehouse/policy/cost.hpp"
#include "gatehouse/upstream/noted_usage.hpp"
#include "gatehouse/upstream/request_traits.hpp"

#include <algorithm>
#include <exception>

namespace gatehouse::upstream {
namespace {

/// How providers bill an endpoint.
enum class Billing : std::uint8_t { tokens, prompt_tokens, nothing, otherwise };

Billing billing_of(chat::Endpoint endpoint) noexcept {
    switch (endpoint) {
        case chat::Endpoint::embeddings:
        case chat::Endpoint::embed_content:
        case chat::Endpoint::batch_embed_contents:
            return Billing::prompt_tokens;
        case chat::Endpoint::count_message_tokens:
        case chat::Endpoint::count_content_tokens:
        case chat::Endpoint::count_response_tokens:
            return Billing::nothing;
        case chat::Endpoint::completions:
            return Billing::tokens;
        default:
            return chat::is_conversation(endpoint) ? Billing::tokens : Billing::otherwise;
    }
}

}  // namespace

void CallMeter::heard(const chat::Usage& usage, std::string_view model, std::uint64_t said) {
    usage_ = usage;
    model_ = model;
    said_ = said;
    completed();
}

void CallMeter::lets_go() noexcept {
    if (decoder_ == nullptr) {
        return;
    }
    const auto& decoder = *decoder_;
    decoder_ = nullptr;
    if (settled_) {
        return;
    }
    usage_ = decoder.usage();
    said_ = decoder.said();
    try {
        model_ = decoder.model();
    } catch (const std::exception&) {
        model_.clear();  // no memory for it: then the name that was asked for counts
    }
}

void CallMeter::settle() noexcept {
    if (settled_) {
        return;
    }
    settled_ = true;
    Reckoned bill;
    try {
        bill = reckon();
    } catch (const std::exception&) {
        bill.cost.reset();  // no memory to count with: not known
    }
    usage_ = bill.usage;
    trail_.attempts[index_].cost = bill.cost;
    if (bill.usage.known || bill.estimated) {
        trail_.attempts[index_].tokens =
            TokenCount(bill.usage.prompt().value() + bill.usage.completion().value());
    }
    auto shown = earlier_;
    shown += bill.usage;
    note_usage(shown, trail_);
    trail_.usage_estimated = bill.estimated || earlier_estimated_;
    add_up_cost(trail_);
}

std::optional<PicoUsd> CallMeter::cost_so_far() const noexcept {
    if (settled_) {
        return trail_.attempts[index_].cost;
    }
    try {
        return reckon().cost;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

std::string CallMeter::tell(const chat::Usage& usage, std::string_view model) const {
    const auto own = about_.target.rates.cost_of(usage, model, about_.began);
    const auto beside = about_.beside == nullptr ? PicoUsdSum() : about_.beside->spent();
    if (!own || !beside) {
        return {};
    }
    auto sum = *beside + *own;
    for (std::size_t i = 0; i < index_; ++i) {
        if (!trail_.attempts[i].cost) {
            return {};
        }
        sum += *trail_.attempts[i].cost;
    }
    return usd_text(sum.clamped());
}

CallMeter::Reckoned CallMeter::reckon() const {
    const auto billing = billing_of(about_.request.endpoint);
    Reckoned bill{usage(), false, PicoUsd(0)};
    if (billing == Billing::nothing) {
        return bill;
    }
    if (reply_ == Reply::complete && (bill.usage.known || billing == Billing::otherwise)) {
        bill.cost = cost_of(bill.usage);
        return bill;
    }
    if (bill.usage.known || may_be_billed()) {
        return billing == Billing::otherwise ? Reckoned{bill.usage, false, std::nullopt}
                                             : estimate(bill.usage);
    }
    return bill;
}

bool CallMeter::may_be_billed() const noexcept {
    switch (reply_) {
        case Reply::complete:
            return true;
        case Reply::error:
            return false;
        case Reply::none:
            if (!asked_) {
                return false;
            }
            break;
        case Reply::begun:
            break;
    }
    if (said() != 0) {
        return true;  // before it failed
    }
    const auto problem = trail_.attempts[index_].problem;
    return problem == ProblemKind::cancelled || problem == ProblemKind::client_gone ||
           problem == ProblemKind::upstream_timeout || problem == ProblemKind::upstream_lost ||
           problem == ProblemKind::upstream_protocol;
}

CallMeter::Reckoned CallMeter::estimate(chat::Usage usage) const {
    if (!usage.known) {
        usage.input = estimated_prompt();
        usage.output = estimated_answer();
    } else {
        // A running total may be one of the beginning.
        const auto missing = estimated_answer().value() - usage.completion().value();
        usage.output += TokenCount(std::max<std::int64_t>(missing, 0));
    }
    auto counted = usage;
    counted.known = true;
    return {usage, true, cost_of(counted)};
}

TokenCount CallMeter::estimated_prompt() const {
    const auto& request = about_.request;
    if (about_.counter == nullptr) {
        return tokens_in(request.original.bytes.size());
    }
    return prompt_tokens(traits_of(request), *about_.counter);
}

TokenCount CallMeter::estimated_answer() const noexcept {
    if (billing_of(about_.request.endpoint) != Billing::tokens) {
        return TokenCount(0);
    }
    // A whole body that is no answer holds none.
    const bool answer = trail_.attempts[index_].problem != ProblemKind::upstream_protocol;
    return tokens_in(said() == 0 && answer ? came_ : said());
}

std::optional<PicoUsd> CallMeter::cost_of(const chat::Usage& usage) const noexcept {
    return about_.target.rates.cost_of(usage, model(), about_.began);
}

}  // namespace gatehouse::upstream

#include "call_cost.hpp"

#include "gatehouse/policy/cost.hpp"

#include <algorithm>

namespace gatehouse::pipeline {
namespace {

constexpr std::int64_t bytes_of_sound_per_token = 100;
/// What a client may write is longer than any answer; products of such numbers must not overflow.
constexpr std::int64_t most_output = 1'000'000'000'000;
constexpr std::int64_t most_answers = 1'000'000;

bool has_output(chat::Endpoint endpoint) noexcept {
    switch (endpoint) {
        case chat::Endpoint::embeddings:
        case chat::Endpoint::embed_content:
        case chat::Endpoint::batch_embed_contents:
        case chat::Endpoint::moderations:
            return false;
        default:
            return true;
    }
}

/// Is there more than text in a prompt, or can there be in an answer?
bool has_media(const chat::Contents& contents) noexcept {
    return contents.has(chat::Content::image) || contents.has(chat::Content::audio) ||
           contents.has(chat::Content::file);
}

bool answers_in_media(const policy::Rates& rates) noexcept {
    if (rates.prices == nullptr) {
        return false;
    }
    const auto& sheets = rates.prices->sheets();
    return std::any_of(sheets.begin(), sheets.end(), [](const policy::PriceSheet& sheet) {
        return sheet.standard.output_audio || sheet.standard.output_image;
    });
}

}  // namespace

bool is_free(chat::Endpoint endpoint) noexcept {
    return endpoint == chat::Endpoint::count_response_tokens ||
           endpoint == chat::Endpoint::count_message_tokens ||
           endpoint == chat::Endpoint::count_content_tokens;
}

CallSize size_of(const Exchange& x, ExchangeFacts& facts) {
    const auto& original = x.request.original;
    CallSize size;
    if (!original.content_type.empty()) {
        // The client alone knows how much of a form without a length is still to come.
        const auto unsaid = original.rest == nullptr ? original.bytes.size() : x.longest_body;
        const auto bytes = static_cast<std::int64_t>(original.size.value_or(unsaid));
        size.prompt = bytes / bytes_of_sound_per_token + 1;
        size.media = true;
    } else {
        size.prompt = facts.prompt_tokens().value();
        size.media = has_media(facts.contents());
        if (const auto asked = facts.max_tokens()) {
            size.output = std::min(*asked, most_output);
        }
        const auto prompts = std::min(facts.prompts(), most_answers);
        size.answers = std::min(std::min(facts.answers(), most_answers) * prompts, most_answers);
    }
    if (!has_output(x.request.endpoint)) {
        size.output = 0;
    }
    return size;
}

std::optional<std::int64_t> output_cap(const Exchange& x, const CallSize& size) {
    if (size.output || !x.model || !x.model->options->max_output_tokens) {
        return size.output;
    }
    auto cap = *x.model->options->max_output_tokens;
    for (const auto& target : x.plan) {
        if (target.facts != nullptr && target.facts->max_output) {
            cap = std::min(cap, *target.facts->max_output);  // providers refuse more than they have
        }
    }
    return cap;
}

std::optional<PicoUsd> worst_case_of(const Settings& settings, const upstream::Target& target,
                                     const CallSize& size, const std::optional<std::int64_t>& cap,
                                     WallTime now) {
    const auto& rates = target.rates.asked();
    const auto worst = [&](std::int64_t output) {
        policy::MostTokens most;
        most.input = TokenCount(size.prompt);
        most.output = TokenCount(output);
        most.media = size.media || answers_in_media(rates);
        return policy::worst_case(most, rates, now);
    };
    auto output = cap;
    if (!output) {
        const auto known = settings.known_model(target);
        const bool says = target.facts != nullptr && target.facts->max_output;
        output = says                     ? target.facts->max_output
                 : known.entry != nullptr ? known.entry->context_window
                                          : std::nullopt;
    }
    if (output) {
        return worst(std::min(*output, most_output) * size.answers);
    }
    // Nobody knows how long its answer may become: only what is free is sure to cost no more.
    const auto least = worst(1);
    return least == PicoUsd(0) ? least : std::nullopt;
}

std::optional<PicoUsd> counted_worst_case(const Exchange& x, const upstream::Target& target,
                                          const Needs& needs, WallTime now) {
    const auto worst = worst_case_of(*x.settings, target, needs.size, needs.output_cap, now);
    const bool allowed = x.accounts.unknown_price() == policy::UnknownPrice::allow;
    return worst || !allowed ? worst : std::optional(PicoUsd());
}

}  // namespace gatehouse::pipeline

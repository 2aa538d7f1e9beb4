#include "call_cost.hpp"

#include <algorithm>
#include <array>
#include <limits>

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

std::int64_t highest(std::initializer_list<std::optional<PicoUsd>> prices) noexcept {
    std::int64_t most = 0;
    for (const auto& price : prices) {
        most = std::max(most, price ? price->value() : 0);
    }
    return most;
}

/// For one token of the prompt and one of the answer.
struct Dearest {
    bool known{false};
    std::int64_t input{0};
    std::int64_t output{0};

    void look_at(const policy::TokenPrices& prices) noexcept {
        known = known || prices.input || prices.output;
        input = std::max(
            input, highest({prices.input, prices.cached_input, prices.cache_write, prices.cache_write_1h,
                            prices.input_image, prices.input_audio, prices.input_video}));
        output = std::max(output, highest({prices.output}));
    }
};

Dearest dearest_of(const policy::ModelPrices& prices) noexcept {
    Dearest found;
    for (const auto& sheet : prices.sheets()) {
        found.look_at(sheet.standard);
        for (const auto& tier : sheet.tiers) {
            found.look_at(tier.prices);
        }
    }
    return found;
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
        const auto bytes = static_cast<std::int64_t>(original.size.value_or(original.bytes.size()));
        size.prompt = bytes / bytes_of_sound_per_token + 1;
    } else {
        size.prompt = facts.prompt_tokens().value();
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
                                     const CallSize& size, const std::optional<std::int64_t>& cap, WallTime) {
    const auto known = settings.known_model(target);
    const bool sure = known.likeness == policy::Likeness::exact || known.likeness == policy::Likeness::same;
    if (known.entry == nullptr || !sure) {
        return std::nullopt;
    }
    const auto prices = dearest_of(known.entry->prices);
    const auto& facts = known.entry->facts;
    const auto output = cap ? cap : facts.max_output ? facts.max_output : known.entry->context_window;
    if (!prices.known || !output) {
        return std::nullopt;
    }
    __extension__ using Wide = __int128;
    const Wide worst = Wide{size.prompt} * prices.input + Wide{*output} * size.answers * prices.output;
    constexpr Wide most = std::numeric_limits<std::int64_t>::max();
    return PicoUsd(static_cast<std::int64_t>(std::min(worst, most)));
}

}  // namespace gatehouse::pipeline

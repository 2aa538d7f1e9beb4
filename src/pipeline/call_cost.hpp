// What one call of a request may cost at most, and how much output it may ask for.
// Room: pipeline, private.
#pragma once

#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/units.hpp"
#include "gatehouse/pipeline/exchange.hpp"
#include "gatehouse/pipeline/needs.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <cstdint>
#include <optional>

namespace gatehouse::pipeline {

/// Is it a question that providers answer for nothing? Those for a number of tokens.
bool is_free(chat::Endpoint endpoint) noexcept;

/// Of forms the sound is not looked at: every hundred bytes count as a token, which is more than any provider
/// counts for sound of 8 kbit/s and above.
CallSize size_of(const Exchange& x, ExchangeFacts& facts);

/// Of the request, or what the operator gives callers who name none; nothing: what the target's model can do.
std::optional<std::int64_t> output_cap(const Exchange& x, const CallSize& size);

/// At the dearest of all prices that the model may be called at. Nothing: there is no price for it, or nobody
/// knows how long its answer may become.
std::optional<PicoUsd> worst_case_of(const Settings& settings, const upstream::Target& target,
                                     const CallSize& size, const std::optional<std::int64_t>& cap,
                                     WallTime now);

/// As the budgets of the request count it: nothing at all is set aside for a target without a price where
/// they allow such. Nothing: it must not be called.
std::optional<PicoUsd> counted_worst_case(const Exchange& x, const upstream::Target& target,
                                          const Needs& needs, WallTime now);

}  // namespace gatehouse::pipeline

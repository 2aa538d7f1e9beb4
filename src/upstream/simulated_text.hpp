// Words of the simulation: the tokens of a text, the orders hidden in it, and what is said in answer.
//
// A token is at most six characters of one word together with the blanks before it; a stream sends one token
// per event, so what is counted is what was sent. Room: upstream.
#pragma once

#include "gatehouse/core/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

/// The tokens of `text`, in order; together they are the text.
std::vector<std::string_view> simulated_tokens(std::string_view text);
std::int64_t count_simulated_tokens(std::string_view text);

/// What `[[simulate:...]]` in a request asks for (docs/simulated-provider.md).
struct SimulatedOrders {
    int error{0};                        // status to answer with; 0: none
    bool cut{false};                     // lose the connection after two deltas, or half of a whole body
    bool stall{false};                   // fall silent there instead
    bool flag{false};                    // moderations: flag the text
    std::optional<Milliseconds> pace{};  // pause before every token, the first included
};

/// Orders of the model name (`error-429`) and of the text.
SimulatedOrders orders_in(std::string_view model, std::string_view text);
/// The text without its orders, cut to `limit` characters at a UTF-8 boundary, line breaks as blanks.
std::string gist_of(std::string_view text, std::size_t limit);

/// FNV-1a: the seed of ids and vectors.
std::uint64_t simulated_hash(std::string_view bytes) noexcept;
/// `prefix` and 24 characters made from `seed`.
std::string simulated_id(std::string_view prefix, std::uint64_t seed);

}  // namespace gatehouse::upstream

// An answer that was kept, given out again: whole or as a stream, whichever form it came in.
//
// Pure. What the answer says is repeated as it was said, members that nobody here knows included; what
// depends on who asks is not: usage that it did not ask for, the settings that a response repeats, what it
// costs (nothing, the second time). Room: dialect. May include: core, chat.
#pragma once

#include "gatehouse/chat/delta.hpp"
#include "gatehouse/chat/request.hpp"
#include "gatehouse/chat/usage.hpp"
#include "gatehouse/core/result.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace gatehouse::dialect {

/// As the client that it was made for got it, in the words of its dialect.
struct KeptAnswer {
    bool streamed{false};
    std::string bytes{};  // the body; or all events, server-sent or as Gemini's JSON array
    chat::Usage usage{};  // as it was counted: told where the stream that was kept does not tell it
};

/// A stream to be given out in one run.
struct ReplayedStream {
    struct Piece {
        chat::DeltaKind kind{chat::DeltaKind::opening};
        std::size_t end{0};  // in `bytes`; begins where the one before it ends
    };
    std::string bytes{};
    std::vector<Piece> pieces{};

    /// The last one is the end. Views into `bytes`.
    std::vector<chat::Delta> run() const;
};

/// Was it answered properly, to its end, and by saying something to its reader? Not if it was cut short,
/// filtered or refused, nor if a tool is to be called.
bool is_worth_keeping(chat::Endpoint endpoint, const KeptAnswer& answer);

/// Problem: upstream_protocol for what cannot be said in that form; the answer is then as good as none.
/// REQUIRES: is_worth_keeping(asking.endpoint, answer).
Result<std::string> replay_whole(const KeptAnswer& answer, const chat::Request& asking);
/// The same. REQUIRES also: asking.endpoint has streams (conversations and legacy completions).
Result<ReplayedStream> replay_stream(const KeptAnswer& answer, const chat::Request& asking);

}  // namespace gatehouse::dialect

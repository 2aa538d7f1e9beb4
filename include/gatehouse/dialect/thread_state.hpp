// Anthropic's message threads (beta `message-threads-2026-08-12`): the server holds the conversation, and a
// request brings only what is new.
//
// Pure texts, as in response_state.hpp. Room: dialect. May include: core, wire.
#pragma once

#include "gatehouse/core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

enum class ThreadKind : std::uint8_t { none, create, go_on };

struct ThreadAsk {
    ThreadKind kind{ThreadKind::none};
    std::string previous_id;  // go_on: of the message it goes on from
};

/// Of a body that was admitted. Problems: invalid_type, invalid_value for a `thread` that is none; a request
/// that goes on and brings `system` or `tools` of its own.
Result<ThreadAsk> read_thread_ask(std::string_view body);

/// What a thread is kept as: a JSON object with `system`, `tools`, `messages`, as far as they were said.
using KeptThread = std::string;

/// The body without `thread`; of one that goes on, with what was kept before its own messages.
std::string whole_thread_request(std::string_view body, const ThreadAsk& ask, std::string_view kept);
/// What is kept behind an answer: `request` as whole_thread_request gave it, and the answer's content array.
KeptThread keep_thread(std::string_view request, std::string_view content);

/// `id` and `content` of a whole reply.
struct ThreadReply {
    std::string id;
    std::string content;  // a JSON array; empty: the reply is not complete
};
ThreadReply thread_reply(std::string_view message);

/// Puts the same together from the events of a stream.
class ThreadReplyStream {
public:
    /// The data of one event.
    void see(std::string_view data);
    /// Complete behind `message_stop` only.
    ThreadReply reply() const;

private:
    struct Block {
        std::string start;  // as content_block_start had it
        std::string text;   // of all its deltas: text, thinking or input
        std::string signature;
        std::vector<std::string> citations;
    };
    void see_delta(std::string_view data);
    static std::string finished(const Block& block);

    std::string id_;
    std::vector<Block> blocks_;
    bool complete_{false};
};

}  // namespace gatehouse::dialect

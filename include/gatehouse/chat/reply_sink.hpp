// Where a reply goes: JSON answer, SSE stream, job record. Stages push; whoever ran the pipeline calls
// `finish` or `fail`, once. Room: chat.
#pragma once

#include "gatehouse/chat/delta.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace gatehouse::chat {

/// What is known of a reply before its first byte.
struct ReplyHead {
    std::string content_type;           // of opaque replies; empty: the sink's own
    std::optional<std::uint64_t> size;  // of opaque replies, when the provider said it
    std::string processing_ms;          // the provider's openai-processing-ms, if any
    std::string version;                // the provider's openai-version, if any
};

class ReplySink {
public:
    virtual ~ReplySink() = default;

    /// Called once before the first push. Writes nothing.
    virtual void head(ReplyHead head) = 0;
    /// Writes one run of deltas as one piece. The first push sends the head too. Problem client_gone (or
    /// timed_out) when the client cannot take it: stop, nothing more can be delivered.
    virtual Task<Status> push(std::span<const Delta> run) = 0;
    /// Ends the reply properly.
    virtual Task<Status> finish() = 0;
    /// Ends a reply that has begun with the dialect's error event; before it has begun, answers with the
    /// error.
    virtual Task<Status> fail(const Problem& problem) = 0;
    /// True once content is on its way: failover is over. (A head sent because of `commit_after` is not
    /// content.)
    virtual bool content_sent() const noexcept = 0;
};

}  // namespace gatehouse::chat

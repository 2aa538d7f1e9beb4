// A stream on its way to its client, followed, so that another target can go on with it when it breaks off.
//
// Room: upstream. May include: core, chat, dialect, policy, telemetry.
#pragma once

#include "gatehouse/chat/reply_sink.hpp"
#include "gatehouse/chat/request.hpp"
#include "gatehouse/chat/usage.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/dialect/stream_so_far.hpp"
#include "gatehouse/policy/continuation.hpp"
#include "gatehouse/telemetry/trail.hpp"

#include <optional>
#include <span>

namespace gatehouse::upstream {

/// What an attempt goes on with.
struct BrokenStream {
    const dialect::StreamSoFar* so_far{nullptr};
    chat::Usage used;       // by the calls that brought it
    bool estimated{false};  // counted here, all or in part
};

class FollowedStream : public chat::ReplySink {
public:
    /// All outlive it. REQUIRES: the request is one for a conversation, streamed.
    FollowedStream(const chat::Request& request, const telemetry::Trail& trail, chat::ReplySink& sink)
        : request_(request), trail_(trail), sink_(sink), so_far_(request.endpoint, request.json_array) {}

    void head(chat::ReplyHead head) override;
    Task<Status> push(std::span<const chat::Delta> run) override;
    Task<Status> finish() override { return sink_.finish(); }
    Task<Status> fail(const Problem& problem) override { return sink_.fail(problem); }
    bool content_sent() const noexcept override { return sink_.content_sent(); }

    /// How it stands after a call to its provider failed.
    policy::BrokenAnswer broken(ProblemKind why) const noexcept;
    /// The request whose answer is the rest of it, and no longer than what is left of the answer's limit.
    /// Problem: it has none, since what is asked for is more than a plain text, or nothing is left.
    Result<chat::Request> rest() const;
    BrokenStream so_far() const noexcept;

private:
    const chat::Request& request_;
    const telemetry::Trail& trail_;
    chat::ReplySink& sink_;
    dialect::StreamSoFar so_far_;
    bool begun_{false};
};

}  // namespace gatehouse::upstream

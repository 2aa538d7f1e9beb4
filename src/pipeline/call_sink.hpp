// Where the stages push the reply of a shared call.
// Room: pipeline, private.
#pragma once

#include "shared_call.hpp"

#include "gatehouse/chat/reply_sink.hpp"
#include "gatehouse/telemetry/trail.hpp"

#include <optional>
#include <span>

namespace gatehouse::pipeline {

class CallSink : public chat::ReplySink {
public:
    CallSink(SharedCall& call, const telemetry::Trail& trail) : call_(call), trail_(trail) {}

    void head(chat::ReplyHead head) override { head_ = std::move(head); }
    /// Returns when the furthest of the readers is near.
    Task<Status> push(std::span<const chat::Delta> run) override;
    // The readers' own: they are told of the end by the outcome.
    Task<Status> finish() override;
    Task<Status> fail(const Problem& problem) override;
    bool content_sent() const noexcept override { return content_sent_; }

private:
    SharedCall& call_;
    const telemetry::Trail& trail_;
    std::optional<chat::ReplyHead> head_{chat::ReplyHead()};  // nothing: it has gone out
    bool content_sent_{false};
};

}  // namespace gatehouse::pipeline

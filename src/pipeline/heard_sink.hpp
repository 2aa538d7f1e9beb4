// Tells a call's target that the first of its reply goes by.
// Room: pipeline, private.
#pragma once

#include "gatehouse/chat/reply_sink.hpp"
#include "gatehouse/upstream/health.hpp"

#include <span>
#include <utility>

namespace gatehouse::pipeline {

class HeardSink : public chat::ReplySink {
public:
    HeardSink(chat::ReplySink& sink, upstream::CallInFlight& call) : sink_(sink), call_(call) {}

    void head(chat::ReplyHead head) override { sink_.head(std::move(head)); }
    // Not a coroutine: a chunk costs no frame more.
    Task<Status> push(std::span<const chat::Delta> run) override {
        if (!std::exchange(heard_, true)) {
            call_.answering();
        }
        return sink_.push(run);
    }
    Task<Status> finish() override { return sink_.finish(); }
    Task<Status> fail(const Problem& problem) override { return sink_.fail(problem); }
    bool content_sent() const noexcept override { return sink_.content_sent(); }

private:
    chat::ReplySink& sink_;
    upstream::CallInFlight& call_;
    bool heard_{false};
};

}  // namespace gatehouse::pipeline

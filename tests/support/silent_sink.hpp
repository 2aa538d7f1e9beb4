// A reply that nobody wants.
#pragma once

#include "gatehouse/chat/reply_sink.hpp"

#include <span>

namespace gatehouse::test {

class SilentSink : public chat::ReplySink {
public:
    void head(chat::ReplyHead) override {}
    Task<Status> push(std::span<const chat::Delta>) override { co_return done(); }
    Task<Status> finish() override { co_return done(); }
    Task<Status> fail(const Problem&) override { co_return done(); }
    bool content_sent() const noexcept override { return false; }
};

}  // namespace gatehouse::test

// A reply in one piece: head and body in one write.
// Room: server, private.
#pragma once

#include "reply.hpp"

#include "gatehouse/chat/reply_sink.hpp"

namespace gatehouse::server {

class JsonSink : public chat::ReplySink {
public:
    explicit JsonSink(Reply& reply) : reply_(reply) {}

    void head(chat::ReplyHead head) override;
    Task<Status> push(std::span<const chat::Delta> run) override;
    Task<Status> finish() override;
    Task<Status> fail(const Problem& problem) override;
    bool content_sent() const noexcept override { return reply_.started(); }

private:
    Reply& reply_;
};

}  // namespace gatehouse::server

// A reply of another media type, passed on in pieces as they come: audio.
//
// A failure after its first piece cuts the connection without a proper end, so that no client takes the torn
// file for a whole one. Room: server, private.
#pragma once

#include "reply.hpp"

#include "gatehouse/chat/reply_sink.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace gatehouse::server {

class OpaqueSink : public chat::ReplySink {
public:
    explicit OpaqueSink(Reply& reply) : reply_(reply) {}

    void head(chat::ReplyHead head) override { head_ = std::move(head); }
    Task<Status> push(std::span<const chat::Delta> run) override;
    Task<Status> finish() override;
    Task<Status> fail(const Problem& problem) override;
    bool content_sent() const noexcept override { return reply_.started(); }

private:
    void start();

    Reply& reply_;
    chat::ReplyHead head_;
    bool chunked_{false};
    std::vector<std::string_view> pieces_;
};

}  // namespace gatehouse::server

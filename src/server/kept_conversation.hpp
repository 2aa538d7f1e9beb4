// Conversations that the gateway keeps for a caller: a request that goes on from one is made whole, and an
// answer that may be gone on from is kept.
//
// Responses (`previous_response_id`, `store`) and Anthropic's message threads, where the provider that will
// answer keeps none itself. Room: server, private.
#pragma once

#include "incoming.hpp"

#include "gatehouse/chat/reply_sink.hpp"
#include "gatehouse/chat/request.hpp"
#include "gatehouse/dialect/response_state.hpp"
#include "gatehouse/dialect/thread_state.hpp"
#include "gatehouse/store/conversation_store.hpp"
#include "gatehouse/wire/sse.hpp"

#include <memory>
#include <optional>
#include <string>

namespace gatehouse::server {

/// What of a request is kept with its answer.
struct Keeping {
    store::ConversationKind kind{store::ConversationKind::response};
    std::string said;  // responses: the input's items and those before; threads: the whole request
};

/// Makes the request whole. Nothing in the result: the answer is not kept. Problems: conversation_not_found,
/// threads_unsupported, those of dialect::read_thread_ask and of Dialect::decode_request.
Task<Result<std::optional<Keeping>>> go_on_from_kept(Incoming& in, chat::Request& request);

/// Looks on while a reply passes and keeps it as soon as it is complete, before the client has the last of
/// it: the next request may come at once.
class KeepingSink : public chat::ReplySink {
public:
    /// All references outlive the sink.
    KeepingSink(chat::ReplySink& inner, Incoming& in, Keeping keeping, bool stream);

    void head(chat::ReplyHead head) override { inner_.head(std::move(head)); }
    Task<Status> push(std::span<const chat::Delta> run) override;
    Task<Status> finish() override { return inner_.finish(); }
    Task<Status> fail(const Problem& problem) override { return inner_.fail(problem); }
    bool content_sent() const noexcept override { return inner_.content_sent(); }

private:
    void see(std::string_view bytes);
    void see_event(std::string_view data);
    void keep_response(std::string_view response);
    void keep_thread(const dialect::ThreadReply& reply);
    void keep(std::string id, std::string body);

    chat::ReplySink& inner_;
    Incoming& in_;
    Keeping keeping_;
    bool stream_;
    wire::SseSplitter splitter_;
    dialect::ThreadReplyStream thread_;
};

}  // namespace gatehouse::server

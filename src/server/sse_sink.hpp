// A streamed reply: server-sent events in HTTP chunks, each run of events one write.
//
// While nothing comes, keep_alive() sends comments beside the pushes: one writer at a time, so a comment
// stands only between events. Anthropic's clients get `ping` events, as from their own provider; the elements
// of a JSON array get blanks. Room: server, private.
#pragma once

#include "reply.hpp"

#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/chat/reply_sink.hpp"
#include "gatehouse/dialect/response_so_far.hpp"
#include "gatehouse/net/signal.hpp"
#include "gatehouse/wire/sse.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::server {

class SseSink : public chat::ReplySink {
public:
    /// How the client's stream is framed, and what it needs to know for its last words.
    struct Form {
        chat::Endpoint endpoint{chat::Endpoint::chat_completions};
        std::string_view model;   // as asked; outlives the sink
        bool wants_usage{false};  // chat completions: the client asked for it
        bool json_array{false};   // Gemini's without `alt=sse`: one JSON array, its elements are the deltas
    };
    SseSink(Reply& reply, const ServerOptions& options, const Form& form);

    void head(chat::ReplyHead head) override;
    /// Neighbours in memory leave as one piece.
    Task<Status> push(std::span<const chat::Delta> run) override;
    Task<Status> finish() override;
    Task<Status> fail(const Problem& problem) override;
    bool content_sent() const noexcept override { return content_sent_; }
    /// The client has got all of the reply.
    bool ended() const noexcept { return ended_; }

    /// Runs beside the pipeline: after `commit_after` without content sends the head, after each
    /// `keepalive_comment` of silence a comment. Returns when the client takes no more.
    Task<void> keep_alive();

private:
    /// The one writer's place; whoever leaves it wakes the one who waits.
    class Turn;

    Task<void> my_turn();
    void begin_block(std::size_t size);
    void add_pieces(std::span<const chat::Delta> run);
    void remember(std::span<const chat::Delta> run);
    void remember_chunk(std::span<const chat::Delta> run);
    /// `cost` gets the text of what it costs.
    dialect::ChunksSoFar chunks_so_far(std::string& cost) const;
    Task<Status> write_block(Instant now);
    Task<Status> write_text(std::string_view text, bool last);
    void note_content(std::uint64_t chunks, Instant now);
    Instant comment_due() const noexcept;

    Reply& reply_;
    Clock& clock_;
    const ServerOptions& options_;
    Form form_;
    std::optional<dialect::ResponseSoFar> response_;  // what is out, where a failure must repeat it
    wire::SseSplitter splitter_;                      // for it
    bool wants_chunk_{false};                         // one of chat completions is to be remembered
    std::string chunk_;                               // its data
    std::vector<std::string_view> pieces_;
    Instant last_write_;  // or when the wait for the first one began
    Instant last_content_{};
    net::Signal free_;    // raised while nobody writes
    bool pushed_{false};  // a delta is out
    bool content_sent_{false};
    bool ended_{false};  // the last chunk is out
};

}  // namespace gatehouse::server

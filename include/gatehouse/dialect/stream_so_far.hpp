// What a client has got of a streamed answer: enough to judge how fast it comes, and for another provider to
// go on with it when it breaks off.
//
// Pure: the client's own words in, whoever wrote them. Room: dialect. May include: core, wire, chat.
#pragma once

#include "gatehouse/chat/delta.hpp"
#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/wire/sse.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

class ReplyReader;

/// Where a stream stands, in the names that its client knows. What a dialect does not have is empty.
struct StreamPosition {
    std::string id;               // of the reply
    std::string model;            // as it was shown
    std::int64_t created{0};      // seconds
    std::int64_t blocks{0};       // messages: begun so far
    std::string item;             // responses: id of the message that is being told
    std::int64_t next_number{0};  // responses: of the next event
};

class StreamSoFar {
public:
    /// Text beyond it is not remembered, and such an answer cannot be gone on with.
    static constexpr std::size_t most_text = std::size_t{1024} * 1024;

    /// `json_array`: Gemini's stream is one JSON array. REQUIRES: `client` is a conversation.
    StreamSoFar(chat::Endpoint client, bool json_array);
    ~StreamSoFar();
    StreamSoFar(const StreamSoFar&) = delete;
    StreamSoFar& operator=(const StreamSoFar&) = delete;

    /// The next run that the client gets.
    void see(std::span<const chat::Delta> run);

    /// Bytes of all that is to be read: text, refusals, thoughts, arguments of calls.
    std::size_t said() const noexcept { return said_; }
    /// Its end, or the end of the text, has been told.
    bool ended() const noexcept { return ended_; }
    /// All of it are texts that come word by word, thoughts among them: no call of a tool, no picture, no
    /// block or item of another kind.
    bool only_texts() const noexcept { return only_texts_; }
    /// It is one answer of nothing but text, all of which is in `text()`, and where it stands is known.
    bool plain() const noexcept;
    const std::string& text() const noexcept { return text_; }
    const StreamPosition& position() const noexcept { return position_; }

private:
    void see_elements(std::string_view bytes);
    void see_event(const wire::SseEvent& event);
    void add_text(std::string_view text);
    void note_reply(std::string_view data, std::string_view id, std::string_view model,
                    std::string_view created);
    void note_message_event(std::string_view data);
    void note_response_event(std::string_view data);
    void note_grounding(std::string_view data);
    void note_documents(std::string_view data);

    chat::Endpoint client_;
    bool json_array_;
    std::unique_ptr<ReplyReader> reader_;
    wire::SseSplitter splitter_;
    StreamPosition position_;
    std::string text_;
    std::size_t said_{0};
    bool plain_{true};
    bool only_texts_{true};
    bool ended_{false};
};

}  // namespace gatehouse::dialect

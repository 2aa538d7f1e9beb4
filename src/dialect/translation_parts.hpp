// The four halves that every translation is put together from: a client's request read and a provider's
// written, a provider's reply read and a client's written. N + M of them, not N x M.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "gatehouse/chat/conversation.hpp"
#include "gatehouse/chat/delta.hpp"
#include "gatehouse/chat/event.hpp"
#include "gatehouse/chat/usage.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/dialect/translation.hpp"
#include "gatehouse/wire/sse.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::dialect {

/// What must be undone on the way back.
struct ReplyMap {
    std::string json_tool;  // a call of this tool is the answer's text; empty: there is none
    std::vector<std::pair<std::string, std::string>> names;  // of tools: the provider's, the client's
    std::vector<std::string> custom_tools;  // client's names: their `{"input": text}` is unwrapped
    bool json_waits{false};    // the client has tools of its own: a call of one wins over the answer's text
    bool answer_alone{false};  // the answer is JSON: what a model says on the way to it is no part of it
};

/// A request as a provider gets it.
struct Written {
    std::string path;
    std::string body;
    std::string fields;
    std::vector<std::string> dropped;
    ReplyMap map;
};

/// Reads a provider's reply, whole or as a stream. One object per reply.
class ReplyReader {
public:
    virtual ~ReplyReader() = default;
    /// A whole 2xx body. Problems as of Dialect::decode_reply.
    virtual Result<std::span<const chat::Event>> whole(std::string_view body) = 0;
    /// One event of a stream. Problems as of StreamDecoder::feed.
    virtual Result<std::span<const chat::Event>> feed(const wire::SseEvent& event) = 0;
    /// The provider closed the stream properly: what was held back for that. What is missing then is for
    /// `complete` to say.
    virtual Result<std::span<const chat::Event>> close() = 0;
    /// The provider said that the reply is complete, and nothing more is to be waited for.
    virtual bool complete() const noexcept = 0;
    virtual const chat::Usage& usage() const noexcept = 0;
};

/// Writes a reply for its client. One object per reply.
class ReplyWriter {
public:
    virtual ~ReplyWriter() = default;
    /// Appends the client's events for a run of a stream; the kind of what was appended (the weightiest).
    virtual chat::DeltaKind write(std::span<const chat::Event> events, std::string& out) = 0;
    /// Appends the end of a stream: the finish, usage if the client asked for it, the terminator.
    virtual void end(const chat::Usage& usage, std::string& out) = 0;
    /// What the usage at the end of a stream costs, a JSON number; before `end`. Most dialects have no place
    /// for it.
    virtual void tell_cost(std::string cost) { static_cast<void>(cost); }
    /// The whole reply, from all events of one.
    virtual std::string whole(std::span<const chat::Event> events, const chat::Usage& usage) = 0;
};

// Readers of a client's request take a body that `Dialect::decode_request` admitted: a repeated key would be
// read as it comes. Problems: invalid_type, invalid_value, missing_parameter, unsupported_parameter with
// `param`.

/// openai_chat_request.cpp
Result<chat::Conversation> read_openai_chat(std::string_view body);
/// responses_request.cpp. `previous_response_id` was expanded before.
Result<chat::Conversation> read_responses(std::string_view body);
/// anthropic_client_request.cpp. `thread` was expanded before.
Result<chat::Conversation> read_anthropic(std::string_view body);
/// gemini_client_request.cpp
Result<chat::Conversation> read_gemini(std::string_view body);

// Writers of a provider's request. Problems: those of `translate`.

/// openai_chat_provider_request.cpp
Result<Written> write_openai_chat(const chat::Conversation& conversation, bool stream,
                                  const TranslateOptions& options);
/// openai_responses_provider_request.cpp
Result<Written> write_responses(const chat::Conversation& conversation, bool stream,
                                const TranslateOptions& options);
/// anthropic_request.cpp
Result<Written> write_anthropic(const chat::Conversation& conversation, bool stream,
                                const TranslateOptions& options);
/// gemini_request.cpp
Result<Written> write_gemini(const chat::Conversation& conversation, bool stream,
                             const TranslateOptions& options);

// Readers of a provider's reply.

/// openai_chat_provider_reply.cpp. `call_ids`: what the ids of calls that came without begin with (`call_…`).
std::unique_ptr<ReplyReader> openai_chat_reader(const ReplyMap& map, std::string_view call_ids);
/// openai_responses_provider_reply.cpp
std::unique_ptr<ReplyReader> responses_reader(const ReplyMap& map, std::string_view call_ids);
/// anthropic_reply.cpp
std::unique_ptr<ReplyReader> anthropic_reader(const ReplyMap& map);
/// gemini_reply.cpp. `call_ids`: what the ids of calls that came without begin with (`call_…`).
std::unique_ptr<ReplyReader> gemini_reader(const ReplyMap& map, std::string_view call_ids);

// Writers of a client's reply.

/// openai_chat_reply.cpp
std::unique_ptr<ReplyWriter> openai_chat_writer(const ReplyIdentity& identity);
/// responses_client_reply.cpp
std::unique_ptr<ReplyWriter> responses_writer(const ReplyIdentity& identity);
/// anthropic_client_reply.cpp
std::unique_ptr<ReplyWriter> anthropic_writer(const ReplyIdentity& identity);
/// gemini_client_reply.cpp
std::unique_ptr<ReplyWriter> gemini_writer(const ReplyIdentity& identity);

}  // namespace gatehouse::dialect

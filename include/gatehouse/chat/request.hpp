// One request as the gateway must know it to place, bill and relay it, beside the original bytes.
//
// What is known was read in one validating pass; a target of the same vendor gets the bytes with small
// splices. Room: chat. May include: core, wire.
#pragma once

#include "gatehouse/chat/conversation.hpp"
#include "gatehouse/chat/endpoint.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/core/task.hpp"
#include "gatehouse/wire/json_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gatehouse::chat {

/// The part of a body that has not arrived yet (large forms). An empty view is the end.
class RestOfBody {
public:
    virtual ~RestOfBody() = default;
    virtual Task<Result<std::string_view>> next() = 0;
};

/// The request as its client wrote it.
struct Original {
    std::string bytes;         // what has arrived: all of it, or the first part of a form
    std::string content_type;  // of a form, with its boundary; empty: application/json
    // Value of `model` in `bytes`: a JSON string with its quotes, or a form field's text. Empty range: absent
    // (a moderation may leave it out), to be inserted.
    wire::ByteRange model;
    // Gemini's bodies may name the model in several places, or where it must be and is not: values (a string
    // with its quotes, or null), and empty ranges just behind the `{` that lacks it.
    std::vector<wire::ByteRange> models{};
    wire::ByteRange stream_options;  // its value; empty range: absent
    wire::ByteRange include_usage;   // value inside stream_options; empty range: absent
    bool stream_options_is_empty_object{false};
    // Thoughts and citations of other providers that this gateway gave out in the words of the client's
    // vendor, the comma beside them included: no provider of that vendor takes them. Ascending.
    std::vector<wire::ByteRange> foreign;
    // Members of chat messages in which gateways carry thoughts, the comma beside them included: OpenAI's own
    // models refuse them, compatible servers may want them. Ascending.
    std::vector<wire::ByteRange> carriers{};
    // Just behind the `{` of Gemini's parts with a call whose turn has no signature of Gemini's.
    std::vector<std::size_t> unsigned_calls{};
    bool names_fallbacks{false};        // as a member of the body, which is none of the vendor's
    std::size_t object_begin{0};        // just behind the `{` of the body: where a member can be inserted
    RestOfBody* rest{nullptr};          // follows `bytes`; null: nothing follows
    std::optional<std::uint64_t> size;  // of bytes and rest together, when known
};

struct Request {
    Endpoint endpoint{Endpoint::chat_completions};
    Vendor vendor{Vendor::openai};  // whose words the client used
    std::string model;              // as asked
    bool stream{false};
    bool wants_usage{false};   // the client asked for usage in its stream
    bool json_array{false};    // Gemini's streams: elements of one JSON array instead of server-sent events
    bool offers_tools{false};  // a conversation's next turn may be a call
    Effort effort{Effort::unsaid};        // of chat completions and messages, where they name one
    std::optional<double> temperature{};  // that the body names
    bool strict_params{false};            // refuse what a target cannot honour, instead of leaving it out
    // Header lines of the client that go on ("name: value\r\n"): to any provider (tracestate), and to those
    // of the same vendor only (OpenAI-Beta).
    std::string passed_fields;
    std::string vendor_fields;
    std::string previous_response;         // the one that its history, here in full, came from
    std::vector<std::string> fallbacks{};  // other models that the client wants tried
    std::vector<std::string> betas;        // what an Anthropic client opts in to, as it names them
    Original original;
};

}  // namespace gatehouse::chat

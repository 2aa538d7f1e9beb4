// One vendor's way to say it, both directions: what a client of that vendor sends and what its provider
// answers.
//
// Pure translators: no clock, socket, log, config. The same object serves every lane.
// Room: dialect. May include: core, wire, chat.
#pragma once

#include "gatehouse/chat/delta.hpp"
#include "gatehouse/chat/request.hpp"
#include "gatehouse/chat/usage.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/wire/http_message.hpp"
#include "gatehouse/wire/sse.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// A request body for a provider of the same vendor: pieces of the original with splices between, in order.
/// The pieces point into the request and into `owned`; both must outlive the call.
struct BodyPieces {
    std::vector<std::string_view> pieces;
    std::vector<std::unique_ptr<std::string>> owned;
    std::size_t size() const noexcept;
};

struct EncodeOptions {
    std::string_view model;           // upstream name
    bool stream_usage{true};          // yaml: providers.*.stream_usage; ask for usage in streams
    bool takes_carriers{true};        // chat messages may have members that are none of OpenAI's own
    bool signatures_required{false};  // the model wants a signature, or Google's word for none, with calls
};

/// How a reply is shown to the client that asked.
struct RelayOptions {
    bool show_usage{true};    // streams: the client asked for usage
    std::string_view rename;  // show this as `model`; empty: the provider's own value passes untouched
    bool json_array{false};   // Gemini's streams: elements of one JSON array instead of server-sent events
    // Responses: show this as `previous_response_id`, which the provider was not told; empty: its own value.
    std::string_view previous_response{};
    /// Streams of OpenAI's conversations: where usage is shown, what it costs is told with it. Null: it is
    /// not.
    const chat::CostTeller* cost{nullptr};
};

struct WholeReply {
    chat::Usage usage;
    std::string finish_reason;  // of the first choice; empty if the endpoint has none
    std::string_view bytes;     // to the client: the body itself, or the edited copy
    std::string model{};        // that answered, by the provider's name; empty: it is not said
    std::uint64_t said{0};      // bytes of the answer, about; 0: not counted
};

/// Follows one stream. Feed it every event of the provider in order.
class StreamDecoder {
public:
    virtual ~StreamDecoder() = default;
    /// What one event carries. `bytes` of the delta points into the event or into this decoder (valid until
    /// `next_run`). Problems: an error object (classified like an error body), upstream_protocol for anything
    /// that is no event of this dialect. An event after the end is passed over with empty bytes, as clients
    /// do: how the bytes were cut into reads must not decide whether a reply failed.
    virtual Result<chat::Delta> feed(const wire::SseEvent& event) = 0;
    /// The provider closed the stream properly: what it meant by that, if its dialect has no other end.
    virtual Result<chat::Delta> close() { return chat::Delta{}; }
    /// Begins a new run: the edited bytes given out so far may go.
    virtual void next_run() noexcept = 0;
    /// True once the provider said that the reply is complete (finish seen for what was begun, and
    /// terminator).
    virtual bool complete() const noexcept = 0;
    virtual const chat::Usage& usage() const noexcept = 0;
    virtual std::string_view finish_reason() const noexcept = 0;
    /// The model that answers, by the provider's name; empty: it has not been said.
    virtual std::string_view model() const noexcept = 0;
    /// Bytes of what was said so far, thoughts and calls too, as the provider wrote them.
    virtual std::uint64_t said() const noexcept = 0;
};

class Dialect {
public:
    virtual ~Dialect() = default;

    /// The one parse of a JSON body. Validates it whole: syntax, depth, UTF-8, no repeated top-level key
    /// (compared unescaped), types of the fields that the gateway reads and of the required ones. Problems:
    /// invalid_json, missing_parameter, invalid_type, invalid_value, each with `param`.
    virtual Result<chat::Request> decode_request(chat::Endpoint endpoint, std::string body,
                                                 wire::JsonLimits limits) const = 0;
    /// A body for a provider of this vendor from a request of this vendor.
    virtual BodyPieces encode_request(const chat::Request& request, const EncodeOptions& options) const = 0;
    /// The path below the provider's base URL, query included, e.g. `/chat/completions`. `model`: upstream
    /// name. What is not a literal is put into `made`.
    virtual std::string_view path(const chat::Request& request, std::string_view model,
                                  std::string& made) const = 0;

    /// Checks a whole 200 reply to its end; an edited copy, if one is needed, is put into `edited`. Problem:
    /// what an error object says, or upstream_protocol for anything that is no answer of this endpoint.
    virtual Result<WholeReply> decode_reply(chat::Endpoint endpoint, std::string_view body,
                                            const RelayOptions& options, std::string& edited) const = 0;
    /// The texts of `options` must outlive the decoder.
    virtual std::unique_ptr<StreamDecoder> stream_decoder(chat::Endpoint endpoint,
                                                          const RelayOptions& options) const = 0;
};

/// Classifies a provider's non-2xx answer, whatever vendor's form it has. The message of a JSON error is
/// kept, redacted and cut to 500 characters; of anything else only status and media type are named.
Problem decode_error(const wire::ResponseHead& head, std::string_view body, WallTime now);

/// Does a reply say that nothing is left of one of the account's limits? Then for how long: OpenAI's
/// `x-ratelimit-remaining-*` and `-reset-*`, Anthropic's `anthropic-ratelimit-*-remaining` and `-reset`.
std::optional<Milliseconds> exhausted_for(const wire::Fields& fields, WallTime now);

/// The OpenAI dialects: chat, legacy completions, embeddings, responses, moderations, images, audio.
const Dialect& openai();
/// Messages and the counting of their tokens.
const Dialect& anthropic();
/// generateContent, countTokens, embedContent, batchEmbedContents. Model and stream of a request stand in its
/// path: the caller of `decode_request` sets them.
const Dialect& gemini();
const Dialect& dialect_of(chat::Vendor vendor);

/// What clients of a vendor see of an error: the mapped form of a Problem (server/problem_response decides
/// it).
struct ErrorView {
    int status{500};
    std::string_view type;   // OpenAI's and Anthropic's `type`, Gemini's `status`
    std::string_view code;   // OpenAI's; empty: null
    std::string_view param;  // OpenAI's; empty: null
    std::string_view message;
    std::string_view details{};                       // Anthropic's: a JSON object; empty: none
    std::string_view request_id{};                    // Anthropic's bodies carry it
    std::optional<std::chrono::milliseconds> wait{};  // Gemini's bodies carry it
};
/// `{"error":{"message":…,"type":…,"param":…,"code":…}}`
std::string openai_error_body(const ErrorView& error);
/// What a client of chat completions has got of a stream that breaks off.
struct ChunksSoFar {
    std::string_view first{};            // data of one of its chunks; empty: it has got none
    bool wants_usage{false};             // it asked for it
    std::optional<chat::Usage> usage{};  // what is known of it and was not told
    std::string_view cost{};             // a JSON number; empty: not known
};
/// The last words of a stream that had begun: error event (chat: a valid chunk with `finish_reason:"error"`
/// and a top-level error, which goes on from those before it, usage if it is asked for and known, then
/// [DONE]; responses: `event: error`, nested form). `model` is what a stream without chunks says.
std::string openai_error_event(chat::Endpoint endpoint, const ErrorView& error, std::string_view model,
                               const ChunksSoFar& so_far = {});
/// `{"type":"error","error":{"type":…,"message":…},"request_id":…}`
std::string anthropic_error_body(const ErrorView& error);
/// `event: error` with the body as its data, behind which the stream closes.
std::string anthropic_error_event(const ErrorView& error);
/// `{"error":{"code":…,"message":…,"status":…,"details":[RetryInfo]}}`
std::string gemini_error_body(const ErrorView& error);
/// `data: ` and the body; as the last element of an array that has begun, `,\r\n`, the body and `]`.
std::string gemini_error_event(const ErrorView& error, bool json_array);

/// Removes what may be a credential: `sk-…`, `Bearer …`, `key=…`, long runs that look like keys; cuts to
/// `limit` characters at a UTF-8 boundary; no control characters.
std::string redact(std::string_view text, std::size_t limit = 500);

}  // namespace gatehouse::dialect

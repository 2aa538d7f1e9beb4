// A request of one vendor's client said in another vendor's words, and the way back for its reply.
//
// Pure: no clock, no chance; names and times come in. The same input gives the same bytes, so that prompt
// caches and signatures of an unchanged prefix stay good. Room: dialect. May include: core, wire, chat.
#pragma once

#include "gatehouse/chat/model_facts.hpp"
#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/thoughts.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

struct TranslateOptions {
    std::string_view model;  // upstream name
    const chat::ModelFacts* facts{nullptr};
    std::int64_t default_max_tokens{8192};    // for providers that must be told a limit
    bool strict{false};                       // refuse instead of dropping
    bool version_given{false};                // the provider's own fields name the version of its protocol
    std::shared_ptr<ThoughtMemory> memory{};  // null: thoughts are what the client brings
    bool without_thoughts{false};             // none go to the provider; those of its reply are kept
    std::size_t likely_size{0};               // of the translated body; `translate` knows
};

/// What the client sees around the answer: one name, time and model for the whole of it.
struct ReplyIdentity {
    std::string_view id;  // 24 random letters and digits: behind `chatcmpl-`, and in made-up call ids
    WallTime created{};
    std::string_view model;  // as the client asked for it
    bool show_usage{true};   // streams: the client asked for usage
    bool show_reasoning{false};
    bool json_array{false};                 // RelayOptions
    std::string_view request;               // the client's body: a response repeats its settings
    std::string_view previous_response;     // and which one it goes on from, if that stands there no more
    std::optional<chat::Vendor> origin{};   // whose model answers: thoughts go back there and nowhere else
    const chat::CostTeller* cost{nullptr};  // RelayOptions
};

/// A whole reply said as the stream that the client asked for.
struct StreamedReply {
    chat::Usage usage;
    std::string finish_reason;
    std::string content;    // all events but
    std::string end;        // the last ones
    std::string model{};    // that answered, by the provider's name
    std::uint64_t said{0};  // bytes of the answer
};

class Translation {
public:
    virtual ~Translation() = default;

    /// Below the provider's base URL, query included.
    virtual std::string_view path() const noexcept = 0;
    virtual std::string_view body() const noexcept = 0;
    /// Header lines that the provider's protocol needs beside the credential ("name: value\r\n").
    virtual std::string_view fields() const noexcept = 0;
    /// Fields of the client that the provider cannot honour, in the order of their names.
    virtual const std::vector<std::string>& dropped() const noexcept = 0;

    /// As Dialect::decode_reply; the bytes given back are in `translated`.
    virtual Result<WholeReply> decode_reply(std::string_view body, const ReplyIdentity& identity,
                                            std::string& translated) const = 0;
    /// As Dialect::stream_decoder: eats the provider's events, gives the client's. The identity is copied;
    /// the translation must outlive the decoder.
    virtual std::unique_ptr<StreamDecoder> stream_decoder(const ReplyIdentity& identity) const = 0;
    /// Of a provider that was asked for a stream and gave a whole reply. Problems as of decode_reply.
    virtual Result<StreamedReply> stream_whole(std::string_view body,
                                               const ReplyIdentity& identity) const = 0;
};

/// The same between client and provider of one dialect. REQUIRES: `endpoint` is a conversation.
Result<StreamedReply> stream_whole(chat::Endpoint endpoint, std::string_view body,
                                   const ReplyIdentity& identity);

/// Problems: unsupported_parameter (with `param`) for what no target of that vendor can do, or, in strict
/// mode, for anything that would be dropped; invalid_type, invalid_value for a field that is not what the
/// client's dialect says. REQUIRES: both endpoints are conversations (chat::is_conversation), and not the
/// same.
Result<std::unique_ptr<Translation>> translate(const chat::Request& request, chat::Endpoint to,
                                               const TranslateOptions& options);

}  // namespace gatehouse::dialect

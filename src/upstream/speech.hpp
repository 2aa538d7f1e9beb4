// How one attempt speaks with its provider: in the client's own words, where both are of one vendor, or in
// translated ones.
//
// No I/O. Room: upstream, private.
#pragma once

#include "embedding_speech.hpp"

#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/thoughts.hpp"
#include "gatehouse/dialect/translation.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

/// How a provider is asked for the next turn of a conversation: in the client's own words, if it knows them
/// and its model answers them. `facts`: of the model; null: nothing is known.
chat::Endpoint conversation_at(chat::Vendor vendor, const chat::ModelFacts* facts,
                               const chat::Request& request) noexcept;

class Speech {
public:
    /// `request` and `target` must outlive the speech. Problems: those of dialect::translate, and
    /// unsupported_parameter (`model`) when the target's vendor has no such endpoint.
    static Result<Speech> make(const chat::Request& request, const Target& target,
                               const std::shared_ptr<dialect::ThoughtMemory>& memory,
                               const tokens::TokenCounter* counter);
    /// Is this a conversation in words that the target does not know?
    static bool translates(const chat::Request& request, const Target& target) noexcept;
    /// Is a number of tokens asked for, and may the target's own API give it?
    static bool counts(const chat::Request& request) noexcept;
    static bool knows_count(const chat::Request& request, const Target& target) noexcept;

    /// Below the provider's base URL.
    std::string_view path() const noexcept;
    std::span<const std::string_view> body() const noexcept { return pieces_.pieces; }
    std::size_t body_size() const noexcept { return pieces_.size(); }
    /// Header lines that the protocol needs, or the client sent for its vendor.
    std::string_view fields() const noexcept;
    /// The client's fields that will not be honoured.
    std::span<const std::string> dropped() const noexcept;

    /// Says the request again without the thoughts in it. False: there were none, and it stays as it was.
    /// Problems: those of dialect::translate.
    Result<bool> leave_thoughts_out();

    /// Who knows what the reply costs that comes next; it outlives the reply. Null: nobody.
    void tells_cost(const chat::CostTeller* teller) noexcept { cost_ = teller; }

    /// Goes on to the next call, once the reply of the present one is decoded; false: it was the last.
    bool next_call();

    /// As Dialect::decode_reply; empty bytes: another call gives the rest. `now` is when the reply began.
    Result<dialect::WholeReply> decode_reply(std::string_view body, WallTime now, std::string& edited) const;
    /// Of a conversation whose provider was asked for a stream and gave a whole reply.
    Result<dialect::StreamedReply> stream_whole(std::string_view body, WallTime now) const;
    /// As Dialect::stream_decoder. The speech must outlive the decoder.
    std::unique_ptr<dialect::StreamDecoder> stream_decoder(WallTime now) const;

private:
    Speech(const chat::Request& request, const Target& target) : request_(&request), target_(&target) {}
    Status relay();
    /// The betas of an Anthropic client that the provider may hear of; the others are dropped. Problem:
    /// unsupported_parameter in strict mode.
    Status pass_betas();
    Status translate_embeddings(const tokens::TokenCounter* counter);
    Status translate(bool without_thoughts);
    dialect::RelayOptions relay_options() const;
    dialect::ReplyIdentity identity(WallTime now) const;

    const chat::Request* request_;
    const Target* target_;
    std::string_view path_;  // a literal or the translation's
    std::string made_path_;  // if it is none of these
    std::string fields_;
    std::vector<std::string> dropped_;  // of a relayed request
    dialect::BodyPieces pieces_;
    chat::Endpoint to_{};  // of a translation
    std::shared_ptr<dialect::ThoughtMemory> memory_;
    std::unique_ptr<dialect::Translation> translation_;  // of a conversation
    std::unique_ptr<EmbeddingSpeech> embeddings_;        // of embeddings; both null: the client's own words
    const chat::CostTeller* cost_{nullptr};
    std::string reply_id_;  // of a translated reply
};

}  // namespace gatehouse::upstream

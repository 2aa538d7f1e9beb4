// How one attempt speaks with its provider: in the client's own words, where both are of one vendor, or in
// translated ones.
//
// No I/O. Room: upstream, private.
#pragma once

#include "gatehouse/chat/request.hpp"
#include "gatehouse/core/clock.hpp"
#include "gatehouse/core/result.hpp"
#include "gatehouse/dialect/dialect.hpp"
#include "gatehouse/dialect/translation.hpp"
#include "gatehouse/upstream/provider.hpp"

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::upstream {

class Speech {
public:
    /// `request` and `target` must outlive the speech. Problems: those of dialect::translate, and
    /// unsupported_parameter (`model`) when the target's vendor has no such endpoint.
    static Result<Speech> make(const chat::Request& request, const Target& target);

    /// Below the provider's base URL.
    std::string_view path() const noexcept;
    std::span<const std::string_view> body() const noexcept { return pieces_.pieces; }
    std::size_t body_size() const noexcept { return pieces_.size(); }
    /// Header lines that the protocol needs, or the client sent for its vendor.
    std::string_view fields() const noexcept;
    /// The client's fields that will not be honoured.
    std::span<const std::string> dropped() const noexcept;

    /// As Dialect::decode_reply. `now` is when the reply began.
    Result<dialect::WholeReply> decode_reply(std::string_view body, WallTime now, std::string& edited) const;
    /// As Dialect::stream_decoder. The speech must outlive the decoder.
    std::unique_ptr<dialect::StreamDecoder> stream_decoder(WallTime now) const;

private:
    Speech(const chat::Request& request, const Target& target) : request_(&request), target_(&target) {}
    dialect::RelayOptions relay_options() const;
    dialect::ReplyIdentity identity(WallTime now) const;

    const chat::Request* request_;
    const Target* target_;
    std::string_view path_;  // a literal or the translation's
    std::string made_path_;  // if it is none of these
    dialect::BodyPieces pieces_;
    std::unique_ptr<dialect::Translation> translation_;  // null: the client's own words
    std::string reply_id_;                               // of a translated reply
};

}  // namespace gatehouse::upstream

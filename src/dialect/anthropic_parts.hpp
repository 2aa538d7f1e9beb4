// The parts that the Anthropic dialect is put together from.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "gatehouse/dialect/dialect.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// anthropic_admission.cpp: `Dialect::decode_request`.
Result<chat::Request> read_anthropic_request(chat::Endpoint endpoint, std::string body,
                                             wire::JsonLimits limits);
/// anthropic_relay.cpp: `Dialect::decode_reply`.
Result<WholeReply> read_anthropic_reply(chat::Endpoint endpoint, std::string_view body,
                                        const RelayOptions& options, std::string& edited);
/// anthropic_relay.cpp: `Dialect::stream_decoder`.
std::unique_ptr<StreamDecoder> anthropic_relay_stream(const RelayOptions& options);

}  // namespace gatehouse::dialect

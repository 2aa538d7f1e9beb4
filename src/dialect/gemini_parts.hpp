// The parts that the Gemini dialect is put together from; each has its own source.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "gatehouse/dialect/dialect.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace gatehouse::dialect {

/// gemini_admission.cpp: `Dialect::decode_request`.
Result<chat::Request> read_gemini_body(chat::Endpoint endpoint, std::string body, wire::JsonLimits limits);
/// gemini_relay_reply.cpp: `Dialect::decode_reply`.
Result<WholeReply> read_gemini_whole(chat::Endpoint endpoint, std::string_view body,
                                     const RelayOptions& options, std::string& edited);
/// gemini_relay_stream.cpp: `Dialect::stream_decoder`.
std::unique_ptr<StreamDecoder> gemini_relay_stream(const RelayOptions& options);

/// gemini_admission.cpp: a key as Gemini's documentation has it: `generation_config` is `generationConfig`,
/// since protobuf's JSON takes both.
std::string camel_case(std::string_view key);

}  // namespace gatehouse::dialect

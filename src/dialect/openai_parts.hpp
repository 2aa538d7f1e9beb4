// The parts that the OpenAI dialect is put together from; each has its own source of the same name.
//
// Room: dialect. May include: core, wire, chat.
#pragma once

#include "field_reader.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// openai_request.cpp: `Dialect::decode_request`.
Result<chat::Request> read_openai_request(chat::Endpoint endpoint, std::string body, wire::JsonLimits limits);
/// openai_messages_check.cpp: reads the messages of a chat, as far as all of them are alike. `carriers`: gets
/// the members that carry thoughts.
void check_openai_messages(FieldReader& fields, const Place& at, std::string_view body,
                           std::vector<wire::ByteRange>& carriers);
/// openai_foreign_items.cpp: reads an item of a response's input, which is an object. True: a thought that
/// this gateway gave out for another vendor's model, and that OpenAI cannot read.
bool read_foreign_item(FieldReader& fields, std::string_view body);
/// openai_splice.cpp: `Dialect::encode_request`.
BodyPieces splice_openai_request(const chat::Request& request, const EncodeOptions& options);
/// openai_reply.cpp: `Dialect::decode_reply`.
Result<WholeReply> read_openai_reply(chat::Endpoint endpoint, std::string_view body,
                                     const RelayOptions& options, std::string& edited);
/// openai_chunk_stream.cpp: chat and legacy completions, unnamed events that end with `[DONE]`.
std::unique_ptr<StreamDecoder> openai_chunk_stream(const RelayOptions& options);
/// openai_typed_stream.cpp: responses, images and audio, events that carry their `type`.
std::unique_ptr<StreamDecoder> openai_typed_stream(chat::Endpoint endpoint, const RelayOptions& options);

}  // namespace gatehouse::dialect

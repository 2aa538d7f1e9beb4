// The parts that the Gemini dialect is put together from; each has its own source.
//
// Room: dialect, private. May include: core, wire, chat.
#pragma once

#include "field_reader.hpp"

#include "gatehouse/dialect/dialect.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::dialect {

/// gemini_admission.cpp: `Dialect::decode_request`.
Result<chat::Request> read_gemini_body(chat::Endpoint endpoint, std::string body, wire::JsonLimits limits);
/// gemini_contents_check.cpp: reads the contents of a request, which are there.
class GeminiContentsCheck {
public:
    /// `fields` reads `body`.
    GeminiContentsCheck(FieldReader& fields, std::string_view body, chat::Original& original)
        : fields_(fields),
          body_(body),
          foreign_(original.foreign),
          unsigned_calls_(original.unsigned_calls) {}

    /// One content, or an array of them; a string is short for one of one text.
    void read_all(const Place& at);
    /// True: nothing but thoughts of others is in it.
    bool read(const Place& at);

private:
    struct Part;

    bool read_parts(const Place& at);
    Part read_part();

    FieldReader& fields_;
    std::string_view body_;
    std::vector<wire::ByteRange>& foreign_;
    std::vector<std::size_t>& unsigned_calls_;
    std::optional<std::size_t> unsigned_call_;  // of the content that is read
    bool has_call_{false};                      // the same
    bool turn_has_call_{false};                 // contents of the model that follow each other are one turn
};

/// gemini_relay_reply.cpp: `Dialect::decode_reply`.
Result<WholeReply> read_gemini_whole(chat::Endpoint endpoint, std::string_view body,
                                     const RelayOptions& options, std::string& edited);
/// gemini_relay_stream.cpp: `Dialect::stream_decoder`.
std::unique_ptr<StreamDecoder> gemini_relay_stream(const RelayOptions& options);

/// gemini_admission.cpp: a key as Gemini's documentation has it: `generation_config` is `generationConfig`,
/// since protobuf's JSON takes both.
std::string camel_case(std::string_view key);

}  // namespace gatehouse::dialect

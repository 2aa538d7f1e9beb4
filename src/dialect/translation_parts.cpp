#include "translation_parts.hpp"

namespace gatehouse::dialect {

const ReplyMap& no_reply_map() {
    static const ReplyMap none;
    return none;
}

Result<chat::Conversation> read_conversation(const chat::Request& request) {
    const std::string_view body = request.original.bytes;
    switch (request.endpoint) {
        case chat::Endpoint::responses:
            return read_responses(body);
        case chat::Endpoint::messages:
            return read_anthropic(body);
        case chat::Endpoint::generate_content:
            return read_gemini(body);
        default:
            return read_openai_chat(body);
    }
}

Result<Written> write_conversation(const chat::Conversation& conversation, chat::Endpoint to, bool stream,
                                   const TranslateOptions& options) {
    switch (to) {
        case chat::Endpoint::messages:
            return write_anthropic(conversation, stream, options);
        case chat::Endpoint::generate_content:
            return write_gemini(conversation, stream, options);
        case chat::Endpoint::responses:
            return write_responses(conversation, stream, options);
        default:
            return write_openai_chat(conversation, stream, options);
    }
}

namespace {

std::unique_ptr<ReplyWriter> writer_for(chat::Endpoint client, const ReplyIdentity& identity) {
    switch (client) {
        case chat::Endpoint::responses:
            return responses_writer(identity);
        case chat::Endpoint::messages:
            return anthropic_writer(identity);
        case chat::Endpoint::generate_content:
            return gemini_writer(identity);
        default:
            return openai_chat_writer(identity);
    }
}

}  // namespace

std::unique_ptr<ReplyWriter> make_writer(chat::Endpoint client, const ReplyIdentity& identity) {
    auto writer = writer_for(client, identity);
    if (identity.goes_on != nullptr) {
        writer->resume(*identity.goes_on);
    }
    return writer;
}

std::unique_ptr<ReplyReader> make_reader(chat::Endpoint provider, const ReplyMap& map, std::string_view id) {
    std::string call_ids = "call_";
    call_ids += id;
    switch (provider) {
        case chat::Endpoint::messages:
            return anthropic_reader(map);
        case chat::Endpoint::generate_content:
            return gemini_reader(map, call_ids);
        case chat::Endpoint::responses:
            return responses_reader(map, call_ids);
        default:
            return openai_chat_reader(map, call_ids);
    }
}

}  // namespace gatehouse::dialect
